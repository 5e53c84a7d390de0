"""One date of a series that its guest's calendar showed first is the series' own, however the series comes in."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from shared.errors import Conflicting
from shared.model.task import Task
from shared.sync import brake
from shared.usecases.feed import read_changes
from shared.usecases.runs.connection_runs import review
from shared.usecases.runs.runs import start_run
from shared.usecases.tasks.settle_conflict import settle_conflict
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START, Story

SECOND, THIRD = "20260709T080000Z", "20260716T080000Z"
ZONE = "Europe/Berlin"
REMINDERS = [{"method": "popup", "minutes": 5}]


def guest_first(import_external: str = "off") -> Story:
    """Ben's invitation to the second date of Anna's series is a task; of the series nobody knows."""
    story = Story(import_external=import_external)
    story.sim.connect(story.tenant, "ben", BEN, import_external="all")
    start: Any = {"dateTime": START, "timeZone": ZONE}
    end: Any = {"dateTime": END, "timeZone": ZONE}
    master = story.anna.create("Board", start, end, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])["id"]
    story.anna.edit(f"{master}_{SECOND}", attendees=[{"email": BEN}])
    story.sim.pull(BEN, "c-ben")
    assert [task.is_series for task in living(story)] == [False]
    return story


def guest_of_two() -> tuple[Story, str]:
    """Anna's series is a task, and Ben is asked to two of its dates; the series' id in Google."""
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN, import_external="all")
    start: Any = {"dateTime": START, "timeZone": ZONE}
    end: Any = {"dateTime": END, "timeZone": ZONE}
    master = str(story.anna.create("Board", start, end, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])["id"])
    story.pulls()
    for date in (SECOND, THIRD):
        story.anna.edit(f"{master}_{date}", attendees=[{"email": BEN}])
    story.settle()
    return story, master


def living(story: Story) -> list[Task]:
    """The tasks that are neither deleted nor moved elsewhere."""
    return [task for task in story.sim.tasks() if task.deleted_at is None and task.moved_to is None]


@pytest.mark.parametrize("page", [None, 1])
def test_an_import_of_the_series_takes_the_date_over(page: int | None) -> None:
    story = guest_first()
    story.sim.google.settings = msgspec.structs.replace(story.sim.google.settings, page_size_cap=page)
    story.pulls()

    start_run(story.sim.world, story.tenant, kind="import", connection=story.connection)
    story.sim.runner.run_all()

    (series,) = living(story)
    assert SECOND in series.occurrences


def test_a_series_that_the_brake_held_takes_the_date_over_when_it_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    story = guest_first(import_external="all")
    monkeypatch.setattr(brake, "CREATIONS", 0)
    story.pulls()
    monkeypatch.undo()

    review(story.sim.world, story.tenant, story.connection, "confirm")
    story.sim.runner.run_all()

    (series,) = living(story)
    assert SECOND in series.occurrences


def test_the_conflict_of_a_date_that_was_taken_over_went_with_its_task() -> None:
    story = guest_first(import_external="all")
    (date,) = living(story)
    story.crm.read_whole_feed()
    story.crm.put(date.id, reminders=REMINDERS, deal="Acme 7")
    others = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 45}]}
    story.sim.google.person(BEN).edit(str(date.sync.event_id), reminders=others)
    story.sim.pull(BEN, "c-ben")
    assert list(story.task(date.id).sync.conflict) == ["reminders"]

    story.pulls()

    with pytest.raises(Conflicting, match="the occurrence 20260709T080000Z of g_"):
        settle_conflict(story.sim.world, story.tenant, date.id, "crm", {})
    told = read_changes(story.sim.world, story.tenant, limit=100).changes
    (ended,) = [each for each in told if each.kind == "task.deleted"]
    assert ended.task is not None
    assert (ended.task["reminders"], ended.task["deal"]) == (REMINDERS, "Acme 7")


def test_a_guest_of_two_dates_is_written_down_once() -> None:
    story, _ = guest_of_two()
    story.sim.runner.sweep("orphans")
    (before,) = living(story)

    story.sim.runner.sweep("orphans")

    assert living(story) == [before]
    assert list(before.sync.views) == ["c-ben"]


def test_a_guest_of_two_dates_who_is_asked_to_one_no_more_still_sees_the_series() -> None:
    story, master = guest_of_two()
    (series,) = living(story)
    seen = series.sync.views["c-ben"].original_start

    story.anna.edit(f"{master}_{seen}", attendees=[])
    story.settle()
    story.sim.runner.sweep("orphans")

    (series,) = living(story)
    assert {seen, series.sync.views["c-ben"].original_start} == {SECOND, THIRD}


@pytest.mark.parametrize("guest_reads", [True, False])
def test_a_date_whose_series_was_split_since_is_taken_over_by_the_later_half(*, guest_reads: bool) -> None:
    story = Story(import_external="all")
    ben = story.sim.google.person(BEN)
    start: Any = {"dateTime": START, "timeZone": ZONE}
    end: Any = {"dateTime": END, "timeZone": ZONE}
    master = ben.create("Board", start, end, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])["id"]
    ben.edit(f"{master}_{THIRD}", attendees=[{"email": ANNA}])
    story.pulls()
    story.later()
    ben.edit_following(f"{master}_{SECOND}", attendees=[{"email": ANNA}])
    if guest_reads:
        story.pulls()

    story.sim.connect(story.tenant, "ben", BEN, import_external="all")
    story.settle()

    assert sorted(task.is_series for task in living(story)) == [True, True]


def test_a_date_that_its_series_makes_no_more_stays_the_task_of_its_guest() -> None:
    story = guest_first()
    (date,) = living(story)
    third = str(date.sync.event_id).replace(SECOND, THIRD)
    story.anna.edit_all(third, start="2026-07-16T11:00:00+02:00", end="2026-07-16T12:00:00+02:00")

    start_run(story.sim.world, story.tenant, kind="import", connection=story.connection)
    story.settle()

    assert sorted(task.is_series for task in living(story)) == [False, True]
