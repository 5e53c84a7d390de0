"""Who is invited to one date of a series sees an event by itself; in the tenant's tasks each date is once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.errors import Moved
from shared.model.content import Content
from shared.model.ids import ConnectionId, TaskId
from shared.model.stored import read_as
from shared.model.task import Task
from shared.ports import Query
from shared.sync.mapping import KEPT_KEYS
from shared.usecases.feed import read_changes
from shared.usecases.tasks.claim import Claim, claim_tasks
from shared.usecases.tasks.occurrences import get_occurrence
from shared.usecases.tasks.put_task import TaskWrite, put_tasks
from tests.usecases.bench import BEN, TENANT, Bench
from tests.usecases.series import SECOND, THIRD

ANNAS = ConnectionId("c-anna")


def test_a_date_that_its_guest_was_seen_with_first_is_in_its_series_alone(bench: Bench) -> None:
    guests_first(bench, SECOND)

    bench.pull(ANNAS)

    (series,) = living(bench)
    assert series.content.recurrence
    assert SECOND in series.occurrences


def test_two_dates_that_their_guest_was_seen_with_first_are_in_their_series_alone(bench: Bench) -> None:
    guests_first(bench, SECOND, THIRD)

    bench.pull(ANNAS)

    (series,) = living(bench)
    assert set(series.occurrences) == {SECOND, THIRD}


def test_the_guests_copy_is_a_view_of_the_series_afterwards(bench: Bench) -> None:
    master = guests_first(bench, SECOND)

    bench.pull(ANNAS)

    (series,) = living(bench)
    assert {known: view.event_id for known, view in series.sync.views.items()} == {"c-ben": f"{master}_{SECOND}"}


def test_the_task_of_the_date_names_its_place_in_the_series(bench: Bench) -> None:
    guests_first(bench, SECOND)
    (date,) = living(bench)

    bench.pull(ANNAS)

    (series,) = living(bench)
    (refused,) = put_tasks(
        bench.world, TENANT, [TaskWrite(id=date.id, content=Content(title="Mine"))], now=bench.clock.now()
    )
    assert isinstance(refused.error, Moved)
    assert (refused.error.to, refused.error.date) == (series.id, SECOND)


def test_the_crm_is_told_that_the_task_of_the_date_is_no_more_with_all_that_it_said(bench: Bench) -> None:
    guests_first(bench, SECOND)
    (date,) = living(bench)
    bench.put(date.id, title="Mine", deal="Acme 7")
    bench.run()

    bench.pull(ANNAS)

    (told,) = [each for each in changes(bench) if each.kind == "task.deleted"]
    assert (told.task_id, told.origin) == (date.id, "tandem")
    assert told.task is not None
    assert (told.task["title"], told.task["deal"]) == ("Mine", "Acme 7")
    assert told.version == bench.task(date.id).version


def test_a_date_whose_task_the_crm_gave_its_own_id_is_taken_over_too(bench: Bench) -> None:
    guests_first(bench, SECOND)
    (date,) = living(bench)
    claim_tasks(bench.world, TENANT, [Claim(old=date.id, new=TaskId("d1"))])

    bench.pull(ANNAS)

    (series,) = living(bench)
    assert bench.task("d1").moved_to == series.id


def test_a_date_that_the_crm_cancelled_stays_cancelled(bench: Bench) -> None:
    guests_first(bench, SECOND)
    (date,) = living(bench)
    bench.put(date.id, status="cancelled")

    bench.pull(ANNAS)

    assert bench.task(date.id).content.status == "cancelled"


def test_the_guests_next_change_of_the_date_makes_no_task_again(bench: Bench) -> None:
    master = guests_first(bench, SECOND)
    bench.pull(ANNAS)
    bench.person().edit(f"{master}_{SECOND}", summary="Board, larger room")

    bench.pull(ConnectionId("c-ben"), BEN)
    bench.pull(ANNAS)

    (series,) = living(bench)
    assert get_occurrence(bench.world, TENANT, series.id, SECOND).content.title == "Board, larger room"


def test_a_date_uninvited_again_ends_in_its_guests_calendar_alone(bench: Bench) -> None:
    master = guests_first(bench, SECOND)
    bench.pull(ANNAS)
    bench.person().edit(f"{master}_{SECOND}", attendees=[])

    bench.pull(ConnectionId("c-ben"), BEN)
    bench.pull(ANNAS)

    (series,) = living(bench)
    assert series.sync.views == {}
    assert not get_occurrence(bench.world, TENANT, series.id, SECOND).occurrence.cancelled


def test_a_guest_of_one_date_who_is_invited_to_the_series_then_has_it_once(bench: Bench) -> None:
    host = bench.person()  # without a connection of hers
    bench.connect("ben", BEN, import_external="all")
    master = meets_weekly(host)
    host.edit(f"{master}_{SECOND}", attendees=[{"email": BEN}])
    bench.pull(ConnectionId("c-ben"), BEN)
    host.edit(master, attendees=[{"email": BEN}])

    bench.pull(ConnectionId("c-ben"), BEN)

    (series,) = living(bench)
    assert (bool(series.content.recurrence), series.sync.views) == (True, {})


def test_a_series_that_ends_is_not_given_to_the_copy_of_one_date(bench: Bench) -> None:
    guests_first(bench, SECOND)
    bench.pull(ANNAS)
    (series,) = living(bench)

    bench.person().delete(str(series.sync.event_id))
    bench.pull(ANNAS)

    after = bench.task(series.id)
    assert (after.content.status, after.content.recurrence) == ("cancelled", series.content.recurrence)


def test_a_guest_of_more_dates_than_keys_are_kept_does_not_hide_the_series_from_its_own_user(bench: Bench) -> None:
    bench.connect("anna", import_external="all")
    bench.connect("ben", BEN, import_external="all")
    master = meets_weekly(bench.person(), count=KEPT_KEYS + 2)
    bench.pull(ANNAS)
    first = datetime(2026, 11, 23, 9, tzinfo=UTC)
    for date in (first + timedelta(weeks=week) for week in range(KEPT_KEYS + 2)):
        bench.person().edit(f"{master}_{date:%Y%m%dT%H%M%SZ}", attendees=[{"email": BEN}])
    bench.pull(ConnectionId("c-ben"), BEN)
    bench.person().edit(master, summary="Board of the year")

    bench.pull(ANNAS)

    (series,) = living(bench)
    assert series.content.title == "Board of the year"


def guests_first(bench: Bench, *dates: str) -> str:
    """Anna's series with Ben at these dates; his calendar was read and hers was not. Its id."""
    bench.connect("anna", import_external="all")
    bench.connect("ben", BEN, import_external="all")
    master = meets_weekly(bench.person())
    for date in dates:
        bench.person().edit(f"{master}_{date}", attendees=[{"email": BEN}])
    bench.pull(ConnectionId("c-ben"), BEN)
    return master


def meets_weekly(host: Any, count: int = 4) -> str:  # noqa: ANN401 - a person of the simulator
    made = host.create("Board", "2026-11-23T10:00:00+01:00", recurrence=[f"RRULE:FREQ=WEEKLY;COUNT={count}"])
    return str(made["id"])


def living(bench: Bench) -> list[Task]:
    """The tenant's tasks, without stubs."""
    found = [read_as(Task, each) for each in bench.store.query(Query(collection="tenants/acme/tasks"))]
    return [task for task in found if task.moved_to is None and task.deleted_at is None]


def changes(bench: Bench) -> Any:  # noqa: ANN401 - changes of the feed
    bench.clock.pass_(seconds=60)
    return read_changes(bench.world, TENANT, None, limit=100, include_crm=False).changes
