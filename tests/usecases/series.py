"""A weekly series of Anna's on the bench, and words for what both sides do to its occurrences."""

from __future__ import annotations

from typing import Any

import msgspec

from shared.model.content import Content
from shared.model.ids import ConnectionId, TaskId
from shared.model.task import Occurrence
from shared.usecases.feed import read_changes
from shared.usecases.tasks.occurrences import Expanded, get_occurrence
from shared.usecases.tasks.put_occurrence import cancel_occurrence, put_occurrence
from tests.usecases.bench import TENANT, Bench

WEEKLY: dict[str, Any] = {
    "user_id": "anna",
    "title": "Team",
    "start": "2026-11-23T10:00:00",
    "time_zone": "Europe/Berlin",
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"],
}
FIRST, SECOND, THIRD, LAST = "20261123T090000Z", "20261130T090000Z", "20261207T090000Z", "20261228T090000Z"


class Series:
    """Task `a` of Anna's on the bench, a series in Google; `settings` are her connection's."""

    def __init__(self, bench: Bench, **settings: Any) -> None:  # noqa: ANN401 - the contract's own
        self.bench = bench
        self.connection: ConnectionId = bench.connect("anna", **settings)
        self._cursor: str | None = None
        bench.put("a", **WEEKLY)
        bench.run()
        bench.pull(self.connection)

    @property
    def master(self) -> str:
        return str(self.bench.task("a").sync.event_id)

    @property
    def kept(self) -> dict[str, Occurrence]:
        return self.bench.task("a").occurrences

    def id_of(self, start: str) -> str:
        """Google's id of an occurrence."""
        return f"{self.master}_{start.replace('-', '')}"

    def write(self, at: str, **fields: object) -> Expanded:
        """The CRM writes one occurrence."""
        content = msgspec.convert(fields, Content)
        return put_occurrence(self.bench.world, TENANT, TaskId("a"), at, content, if_match=None)

    def cancel(self, at: str) -> None:
        """The CRM cancels one."""
        cancel_occurrence(self.bench.world, TENANT, TaskId("a"), at, if_match=None)

    def crm(self, at: str) -> Expanded:
        """An occurrence as the CRM reads it."""
        return get_occurrence(self.bench.world, TENANT, TaskId("a"), at)

    def title(self, at: str) -> object:
        """What the CRM's side calls it."""
        return self.crm(at).content.title

    def google(self, at: str) -> Any:  # noqa: ANN401 - JSON
        """An occurrence as its person sees it."""
        return self.bench.person().get(self.id_of(at))

    def edit(self, at: str, **fields: Any) -> None:  # noqa: ANN401 - Google's own fields
        """A person edits one occurrence."""
        self.bench.person().edit(self.id_of(at), **fields)

    def edit_all(self, **fields: Any) -> None:  # noqa: ANN401 - Google's own fields
        """A person edits the series."""
        self.bench.person().edit(self.master, **fields)

    def pull(self) -> None:
        self.bench.pull(self.connection)

    def told(self) -> list[tuple[str, str | None, dict[str, tuple[object, object]]]]:
        """What the feed tells since it was asked last: kind, occurrence, what changed; after any store's horizon."""
        self.bench.clock.pass_(seconds=60)
        page = read_changes(self.bench.world, TENANT, self._cursor, limit=100, include_crm=False)
        self._cursor = page.cursor
        return [(str(each.kind), each.occurrence, each.changed) for each in page.changes]
