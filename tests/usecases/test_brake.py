"""A mass deletion that Google tells of in more than one list (rule 42)."""

from __future__ import annotations

from shared.model.connection import Watched
from shared.model.ids import CalendarId, ConnectionId, calendar_path
from shared.model.stored import read_as
from tests.usecases.bench import ANNA, MONDAY, TENANT, Bench

TASKS = [f"t{number}" for number in range(14)]
FIRST, REST = TASKS[:8], TASKS[8:]


def filled(bench: Bench) -> ConnectionId:
    """Fourteen tasks stand in a calendar."""
    connection = bench.connect("anna")
    for name in TASKS:
        bench.put(name, user_id="anna", title=f"Call {name}", start=f"{MONDAY}T10:00:00", status="open")
    bench.run()
    bench.pull(connection)
    return connection


def deleted_in_google(bench: Bench, names: list[str]) -> None:
    for name in names:
        bench.person().delete(str(bench.task(name).sync.event_id))


def open_ones(bench: Bench) -> list[str]:
    return [name for name in TASKS if bench.task(name).content.status == "open"]


def test_the_second_half_of_a_mass_deletion_is_held(bench: Bench) -> None:
    connection = filled(bench)
    deleted_in_google(bench, FIRST)
    bench.pull(connection)

    deleted_in_google(bench, REST)
    pulled = bench.pull(connection)

    assert pulled.outcome.startswith("held:")
    assert open_ones(bench) == REST


def test_as_many_deletions_over_a_longer_time_are_taken_in(bench: Bench) -> None:
    connection = filled(bench)
    deleted_in_google(bench, FIRST)
    bench.pull(connection)

    bench.clock.pass_(minutes=11)
    deleted_in_google(bench, REST)
    pulled = bench.pull(connection)

    assert pulled.outcome == "pulled"
    assert open_ones(bench) == []


def test_an_edit_after_many_deletions_is_taken_in(bench: Bench) -> None:
    connection = filled(bench)
    deleted_in_google(bench, TASKS[:10])
    bench.pull(connection)

    bench.person().edit(str(bench.task(REST[-1]).sync.event_id), summary="Visit")
    pulled = bench.pull(connection)

    assert pulled.outcome == "pulled"
    assert bench.task(REST[-1]).content.title == "Visit"


def test_deletions_count_anew_once_a_person_has_the_list(bench: Bench) -> None:
    connection = filled(bench)
    deleted_in_google(bench, FIRST)
    bench.pull(connection)
    deleted_in_google(bench, REST)
    bench.pull(connection)

    path = calendar_path(TENANT, connection, CalendarId(ANNA))
    document = bench.store.get_many([path])[path]

    assert document is not None
    assert read_as(Watched, document).deletions is None


def test_many_dates_cancelled_in_one_series_are_changes_of_that_series(bench: Bench) -> None:
    connection = bench.connect("anna")
    start = f"{MONDAY}T10:00:00"
    bench.put("a", user_id="anna", title="Team", start=start, time_zone="UTC", recurrence=["RRULE:FREQ=DAILY;COUNT=40"])
    bench.run()
    bench.pull(connection)
    for day in range(1, 16):
        bench.person().delete(f"{bench.task('a').sync.event_id}_202612{day:02d}T100000Z")

    pulled = bench.pull(connection)

    assert pulled.outcome == "pulled"
    assert sum(each.cancelled for each in bench.task("a").occurrences.values()) == 15
