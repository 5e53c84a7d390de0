"""The words for traces of a series: `t1` is a weekly one of Anna's, named by the number of its occurrence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from infra.simulator.settings import SimSettings
from shared.model.content import Content
from shared.model.ids import TaskId
from shared.usecases.tasks.occurrences import get_occurrence
from shared.usecases.tasks.put_occurrence import cancel_occurrence, put_occurrence
from tests.simulation.story import Story

if TYPE_CHECKING:
    from shared.model.task import Task

RULE = "RRULE:FREQ=WEEKLY;COUNT=6"
STARTS = ("20260702T080000Z", "20260709T080000Z", "20260716T080000Z", "20260723T080000Z", "20260730T080000Z")
ZONE = "Europe/Berlin"


class SplitStory(Story):
    """A story whose task repeats."""

    def series(self, task: str = "t1", **fields: Any) -> Task:  # noqa: ANN401 - the contract's own fields
        """The series and its event stand, equal and at rest."""
        return self.synced(task, **({"recurrence": [RULE], "time_zone": ZONE} | fields))

    def google(self, **switches: object) -> None:
        """Google has these habits from now on."""
        known = {name: getattr(self.sim.google.settings, name) for name in SimSettings.__struct_fields__}
        self.sim.google.settings = SimSettings(**(known | switches))

    def address(self, number: int, task: str = "t1") -> str:
        """The id of an occurrence, counted from 0."""
        return f"{self.task(task).sync.event_id}_{STARTS[number]}"

    def splits(self, number: int, **fields: Any) -> str:  # noqa: ANN401 - Google's own fields
        """Anna changes an occurrence and the following ones; the id of the later half's event."""
        self.later()
        return str(self.anna.edit_following(self.address(number), **fields)["id"])

    def edits_one(self, number: int, **fields: Any) -> None:  # noqa: ANN401 - Google's own fields
        """Anna changes one occurrence."""
        self.later()
        self.anna.edit(self.address(number), **fields)

    def half(self) -> Task:
        """The task that came of the later half."""
        found = [task for task in self.sim.tasks() if task.split_from is not None]
        assert len(found) == 1, [task.id for task in found]
        return found[0]

    def shown(self, task: Task) -> dict[str, Any]:
        """The task's event in Google."""
        sync = task.sync
        return dict(self.anna.get(str(sync.event_id), calendar=str(sync.calendar)))

    def dates_of(self, task: Task) -> list[str]:
        """The days of a series in Google, this summer."""
        shown = self.anna.events(start=datetime(2026, 6, 1, tzinfo=UTC), end=datetime(2026, 10, 1, tzinfo=UTC))
        own = [each for each in shown if each.get("recurringEventId") == task.sync.event_id]
        return sorted(each["start"]["dateTime"][:10] for each in own)

    # Occurrences

    def writes_one(self, number: int, task: str = "t1", **fields: Any) -> None:  # noqa: ANN401 - the contract's fields
        """The CRM changes one occurrence."""
        put_occurrence(self.sim.world, self.tenant, TaskId(task), STARTS[number], Content(**fields), if_match=None)

    def cancels_one(self, number: int, task: str = "t1") -> None:
        """The CRM cancels one occurrence."""
        cancel_occurrence(self.sim.world, self.tenant, TaskId(task), STARTS[number], if_match=None)

    def kept(self, task: Task) -> set[int]:
        """The numbers of the occurrences of which the task keeps something."""
        return {STARTS.index(start) for start in task.occurrences}

    def title_of(self, number: int, task: Task) -> object:
        """What the CRM reads as the title of an occurrence."""
        return get_occurrence(self.sim.world, self.tenant, task.id, STARTS[number]).content.title

    def shown_of(self, number: int) -> dict[str, Any]:
        """An occurrence as Google shows it."""
        return dict(self.anna.get(self.address(number)))
