"""What people do to a series and its occurrences in Google, on its way to the CRM."""

from __future__ import annotations

import msgspec
import pytest

from shared.errors import Conflicting, NotFound
from shared.model.stored import read_as
from shared.model.task import Task
from shared.ports import Query
from tests.usecases.bench import ANNA, BEN, Bench
from tests.usecases.series import FIRST, LAST, SECOND, THIRD, Series


@pytest.fixture
def series(bench: Bench) -> Series:
    return Series(bench)


def test_an_edited_occurrence_reaches_the_crm_and_leaves_the_series_alone(series: Series) -> None:
    series.told()
    series.edit(SECOND, summary="Team, with Ben")

    series.pull()

    assert series.title(SECOND) == "Team, with Ben"
    assert (series.title(THIRD), series.bench.task("a").content.title) == ("Team", "Team")
    assert series.told() == [("task.updated", SECOND, {"title": ("Team", "Team, with Ben")})]


def test_a_moved_occurrence_keeps_its_original_start_as_its_name(series: Series) -> None:
    series.bench.person().move(series.id_of(SECOND), "2026-12-01T15:00:00+01:00")

    series.pull()

    assert series.crm(SECOND).content.start == "2026-12-01T15:00:00+01:00"
    assert list(series.kept) == [SECOND]


def test_a_cancelled_occurrence_is_cancelled_for_the_crm_and_can_come_back(series: Series) -> None:
    series.bench.person().delete(series.id_of(SECOND))
    series.pull()
    cancelled = series.crm(SECOND).occurrence.cancelled
    series.bench.person().restore(series.id_of(SECOND))

    series.pull()

    assert cancelled
    assert not series.crm(SECOND).occurrence.cancelled
    assert series.bench.task("a").content.status == "open"


def test_a_series_renamed_in_google_renames_its_occurrences_but_those_with_a_name_of_their_own(series: Series) -> None:
    series.edit(SECOND, summary="Mine")
    series.edit(THIRD, location="Rome")
    series.pull()
    series.edit_all(summary="Crew")

    series.pull()

    assert [series.title(at) for at in (FIRST, SECOND, THIRD)] == ["Crew", "Mine", "Crew"]
    assert series.google(THIRD)["summary"] == "Crew"
    assert series.google(SECOND)["summary"] == "Mine"


def test_a_series_renamed_by_the_crm_renames_googles_exceptions_too(series: Series) -> None:
    series.edit(THIRD, location="Rome")
    series.pull()
    series.bench.put("a", title="Crew")

    series.bench.run()

    assert series.google(THIRD)["summary"] == "Crew"
    assert series.google(THIRD)["location"] == "Rome"
    assert series.bench.task("a").sync.state == "synced"


def test_both_sides_rename_an_occurrence_and_one_other_field_is_still_taken(bench: Bench) -> None:
    series = Series(bench, conflict="manual")
    series.write(SECOND, title="Ours")
    series.edit(SECOND, summary="Theirs", location="Rome")

    series.bench.run()

    assert list(series.kept[SECOND].conflict) == ["title"]
    assert series.crm(SECOND).content.location == "Rome"
    assert series.bench.task("a").sync.state == "conflict"


def test_an_edit_of_the_crm_beats_a_cancellation_it_has_not_seen(series: Series) -> None:
    series.write(SECOND, title="Ours")
    series.bench.person().delete(series.id_of(SECOND))

    series.bench.run()

    assert series.google(SECOND)["status"] == "confirmed"
    assert series.google(SECOND)["summary"] == "Ours"


def test_an_edit_in_google_beats_a_cancellation_by_the_crm(series: Series) -> None:
    series.cancel(SECOND)
    series.edit(SECOND, summary="Theirs")

    series.bench.run()

    assert series.google(SECOND)["status"] == "confirmed"
    assert not series.crm(SECOND).occurrence.cancelled
    assert series.title(SECOND) == "Theirs"


def test_a_series_ended_early_keeps_no_occurrence_beyond_its_end(series: Series) -> None:
    series.edit_all(recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])

    series.pull()

    assert series.bench.task("a").content.recurrence == ("RRULE:FREQ=WEEKLY;COUNT=2",)
    with pytest.raises(NotFound):
        series.crm(LAST)


def test_exceptions_on_another_page_than_their_series_are_taken_in_with_it(bench: Bench) -> None:
    google = bench.simulator.google
    google.settings = msgspec.structs.replace(google.settings, page_size_cap=1)
    series = Series(bench)
    series.edit(SECOND, summary="Mine")
    series.edit(THIRD, summary="Yours")

    series.pull()

    assert [series.title(at) for at in (FIRST, SECOND, THIRD)] == ["Team", "Mine", "Yours"]


def test_a_single_event_that_a_person_turns_into_a_series_keeps_its_task(bench: Bench) -> None:
    connection = bench.connect("anna")
    bench.put("b", user_id="anna", title="Once", start="2026-11-23T10:00:00", time_zone="Europe/Berlin")
    bench.run()
    bench.pull(connection)
    event_id = bench.task("b").sync.event_id
    bench.person().edit(str(event_id), recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    bench.pull(connection)
    series = bench.task("b").content.recurrence
    bench.person().edit(str(event_id), recurrence=None)

    bench.pull(connection)

    assert series == ("RRULE:FREQ=DAILY;COUNT=3",)
    assert not bench.task("b").content.recurrence
    assert (bench.task("b").sync.event_id, bench.task("b").sync.generation) == (event_id, 0)


def test_a_deleted_series_takes_its_changed_occurrences_along(series: Series) -> None:
    series.edit(SECOND, summary="Mine")
    series.pull()
    series.bench.person().delete(series.master)

    series.pull()

    assert series.bench.task("a").content.status == "cancelled"


def test_an_unsent_edit_of_an_occurrence_brings_a_deleted_series_back(series: Series) -> None:
    series.write(SECOND, title="Ours")
    series.bench.person().delete(series.master)

    series.bench.run()

    assert series.bench.task("a").sync.generation == 1
    assert series.google(SECOND)["summary"] == "Ours"
    assert series.google(FIRST)["summary"] == "Team"


def test_an_unseen_edit_of_an_occurrence_beats_the_deletion_of_its_series(series: Series) -> None:
    series.edit(SECOND, summary="Mine")
    series.bench.delete("a")

    series.bench.run()

    assert series.bench.task("a").deleted_at is None
    assert series.title(SECOND) == "Mine"


def test_a_series_imported_from_google_has_its_exceptions_from_the_start(bench: Bench) -> None:
    connection = bench.connect("anna", import_external="all")
    person = bench.person()
    made = person.create("Theirs", "2026-11-23T10:00:00+01:00", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    person.edit(f"{made['id']}_{SECOND}", summary="Their own")
    person.delete(f"{made['id']}_{THIRD}")

    bench.pull(connection)

    (task,) = [each for each in _tasks(bench) if each.created_in == "google"]
    assert task.occurrences[SECOND].content.title == "Their own"
    assert task.occurrences[THIRD].cancelled


def test_what_one_document_cannot_hold_stays_in_google_and_the_task_says_so(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("occurrence", "exceptions"):
        monkeypatch.setattr(f"shared.sync.{module}.MOST_KEPT", 1)
    series = Series(bench)
    series.edit(SECOND, summary="Mine")
    series.edit(THIRD, summary="Yours")

    series.pull()

    sync = bench.task("a").sync
    assert (list(series.kept), sync.state) == ([SECOND], "error")
    assert sync.error is not None
    assert sync.error.code == "series_too_large"
    assert series.google(THIRD)["summary"] == "Yours"
    with pytest.raises(Conflicting):
        series.write(FIRST, title="Ours")


def test_a_zone_that_changes_alone_renames_all_occurrences(series: Series) -> None:
    series.edit(SECOND, summary="Mine")
    series.pull()
    slots = {name: {"dateTime": f"2026-11-23T{hour}:00:00", "timeZone": "America/New_York"}
             for name, hour in (("start", "10"), ("end", "11"))}  # fmt: skip

    series.edit_all(**slots)
    series.pull()

    assert series.bench.task("a").content.time_zone == "America/New_York"
    assert series.kept == {}
    assert series.title("20261130T150000Z") == "Team"


def test_an_unsent_edit_of_an_occurrence_that_the_series_no_longer_has_is_told(series: Series) -> None:
    series.write(SECOND, title="Ours")
    series.told()
    series.bench.person().move(series.master, "2026-11-24T10:00:00+01:00")

    series.bench.run()
    series.pull()

    told = series.told()
    assert ("task.updated", SECOND, {"title": ("Ours", None)}) in told


def test_a_stale_record_of_an_occurrence_undoes_nothing(series: Series) -> None:
    series.write(SECOND, title="Ours", location="Rome")
    series.bench.run()
    series.edit(SECOND, summary="Theirs")
    series.pull()

    series.write(SECOND, title="Ours", location="Oslo")
    series.bench.run()

    assert (series.title(SECOND), series.google(SECOND)["summary"]) == ("Theirs", "Theirs")
    assert series.google(SECOND)["location"] == "Oslo"


def test_two_occurrences_whose_series_a_guest_cannot_see_are_two_tasks(bench: Bench) -> None:
    host = bench.person(BEN)
    connection = bench.connect("anna", import_external="all")
    made = host.create("Board", "2026-11-23T10:00:00+01:00", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    for at in (SECOND, THIRD):
        host.edit(f"{made['id']}_{at}", attendees=[{"email": ANNA}])

    bench.pull(connection)

    born = [each for each in _tasks(bench) if each.created_in == "google"]
    assert sorted(str(each.content.start)[:10] for each in born) == ["2026-11-30", "2026-12-07"]
    assert not any(each.content.recurrence for each in born)


def test_an_occurrence_uninvited_again_leaves_the_other_alone(bench: Bench) -> None:
    host = bench.person(BEN)
    connection = bench.connect("anna", import_external="all")
    made = host.create("Board", "2026-11-23T10:00:00+01:00", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    for at in (SECOND, THIRD):
        host.edit(f"{made['id']}_{at}", attendees=[{"email": ANNA}])
    bench.pull(connection)
    host.delete(f"{made['id']}_{SECOND}")

    bench.pull(connection)

    born = {str(each.content.start)[:10]: each.content.status for each in _tasks(bench) if each.created_in == "google"}
    assert born == {"2026-11-30": "cancelled", "2026-12-07": "open"}


def _tasks(bench: Bench) -> list[Task]:
    """The tasks, without the stubs that bar a second import."""
    found = [read_as(Task, each) for each in bench.store.query(Query(collection="tenants/acme/tasks"))]
    return [task for task in found if task.moved_to is None]
