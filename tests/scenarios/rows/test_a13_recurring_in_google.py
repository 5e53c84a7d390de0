"""A13: recurring events made or changed in Google: the series, and what a person does to single occurrences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.scenarios.rows.scene import MONDAY, at, event_id
from tests.scenarios.rows.weekly import Weekly, original
from tests.scenarios.stage import Connected, Stage, eventually

FIRST, SECOND, THIRD = original(0), original(1), original(2)
RULE = ["RRULE:FREQ=WEEKLY;COUNT=4"]


def imported(anna: Connected, **wanted: object) -> Any:  # noqa: ANN401 - JSON
    """The task that was born from an event, once it has these fields."""

    def look() -> Any:  # noqa: ANN401 - JSON
        born = [each for each in anna.stage.crm.ok("GET", "/v1/tasks")["data"] if each["created_in"] == "google"]
        return next((each for each in born if all(each[name] == value for name, value in wanted.items())), None)

    return eventually(look, what=f"imported {wanted}")


def test_a13_a_series_made_in_google_becomes_a_recurring_task(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})

    anna.person.create("Theirs", at(10), at(11), recurrence=RULE)

    task = imported(anna, title="Theirs")
    assert (task["recurrence"], task["time_zone"]) == (RULE, "Europe/Berlin")
    assert len(stage.crm.ok("GET", f"/v1/tasks/{task['id']}/occurrences")["data"]) == 4


def test_a13_a_series_is_imported_with_what_was_changed_in_it_before(stage: Stage) -> None:
    account = stage.account("anna")
    person = stage.person(account)
    made = person.create("Theirs", at(10), at(11), recurrence=RULE)
    person.edit(f"{made['id']}_{SECOND}", summary="Their own")
    person.delete(f"{made['id']}_{THIRD}")

    anna = stage.connect(account=account, settings={"import_external": "all"})

    task = imported(anna, title="Theirs")
    listed = stage.crm.ok("GET", f"/v1/tasks/{task['id']}/occurrences")["data"]
    assert [(each["title"], each["cancelled"]) for each in listed] == [
        ("Theirs", False), ("Their own", False), ("Theirs", True), ("Theirs", False),
    ]  # fmt: skip


def test_a13_an_edited_occurrence_is_told_by_its_original_start(stage: Stage) -> None:
    weekly = Weekly(stage)
    weekly.crm.changes()

    weekly.anna.person.edit(weekly.id_of(SECOND), summary="Team, with Ben")

    change = weekly.crm.told("task.updated", origin="google", occurrence=SECOND)
    assert change["changed"]["title"] == ["Team", "Team, with Ben"]
    assert (change["task"]["title"], change["version"]) == ("Team", weekly.crm.task("t1")["version"])
    assert weekly.read(SECOND)["title"] == "Team, with Ben"


def test_a13_a_moved_occurrence_keeps_its_name_and_can_move_on(stage: Stage) -> None:
    weekly = Weekly(stage)

    weekly.anna.person.move(weekly.id_of(SECOND), at(15, days=8))
    moved = eventually(lambda: (now := weekly.read(SECOND))["overridden"] and now, what="moved")
    weekly.write(SECOND, start=at(9, days=9).isoformat(), end=at(10, days=9).isoformat())

    assert datetime.fromisoformat(moved["start"]) == at(15, days=8)
    assert datetime.fromisoformat(weekly.shown(SECOND)["start"]["dateTime"]) == at(9, days=9)


def test_a13_a_cancelled_occurrence_is_cancelled_for_the_crm_until_it_is_restored(stage: Stage) -> None:
    weekly = Weekly(stage)

    weekly.anna.person.delete(weekly.id_of(SECOND))
    weekly.once(SECOND, cancelled=True)
    task = weekly.crm.task("t1")
    weekly.anna.person.restore(weekly.id_of(SECOND))

    assert task["status"] == "open"
    weekly.once(SECOND, cancelled=False)


def test_a13_a_series_renamed_in_google_renames_what_inherits(stage: Stage) -> None:
    weekly = Weekly(stage)
    weekly.anna.person.edit(weekly.id_of(SECOND), summary="Mine")
    weekly.anna.person.edit(weekly.id_of(THIRD), location="Verona")
    weekly.once(SECOND, title="Mine")

    weekly.anna.person.edit(event_id(weekly.crm.task("t1")), summary="Crew")

    weekly.once(THIRD, title="Crew", location="Verona")
    assert weekly.read(FIRST)["title"] == "Crew"
    assert weekly.read(SECOND)["title"] == "Mine"


def test_a13_a_series_that_a_person_ends_is_shorter_for_the_crm(stage: Stage) -> None:
    weekly = Weekly(stage)

    weekly.anna.person.edit(event_id(weekly.crm.task("t1")), recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])

    weekly.crm.synced("t1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
    assert weekly.crm.call("GET", weekly.path(THIRD)).status_code == 404


def test_a13_a_series_moved_to_another_weekday_has_other_occurrences(stage: Stage) -> None:
    weekly = Weekly(stage)
    weekly.anna.person.edit(weekly.id_of(SECOND), summary="Mine")
    weekly.once(SECOND, title="Mine")

    weekly.anna.person.move(event_id(weekly.crm.task("t1")), at(10, days=1))

    eventually(lambda: weekly.crm.call("GET", weekly.path(SECOND)).status_code == 404, what="other occurrences")
    listed = weekly.crm.ok("GET", "/v1/tasks/t1/occurrences")["data"]
    assert datetime.fromisoformat(listed[0]["start"]) == at(10, days=1)


def test_a13_a_series_in_another_zone_has_occurrences_by_its_clock(stage: Stage) -> None:
    weekly = Weekly(stage)
    slot = {name: {"dateTime": at(hour).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "America/New_York"}
            for name, hour in (("start", 10), ("end", 11))}  # fmt: skip

    weekly.anna.person.edit(event_id(weekly.crm.task("t1")), **slot)

    weekly.crm.synced("t1", time_zone="America/New_York")
    (first, *_) = weekly.crm.ok("GET", "/v1/tasks/t1/occurrences")["data"]
    assert first["start"][11:16] == "10:00"
    assert datetime.fromisoformat(first["start"]) > at(15)


def test_a13_an_all_day_series_is_told_by_days(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    made = anna.person.create("Fair", str(MONDAY), str(MONDAY + timedelta(days=1)), recurrence=RULE)
    second = str(MONDAY + timedelta(days=7))
    task = imported(anna, title="Fair")

    anna.person.edit(f"{made['id']}_{second.replace('-', '')}", summary="Fair, closed")

    path = f"/v1/tasks/{task['id']}/occurrences/{second}"
    eventually(lambda: stage.crm.ok("GET", path)["title"] == "Fair, closed", what="told by its day")


def test_a13_an_event_becomes_a_series_and_single_again_under_one_task(stage: Stage) -> None:
    anna = stage.connect()
    once = {"title": "Once", "start": at(10).isoformat(), "end": at(11).isoformat(), "time_zone": "Europe/Berlin"}
    stage.crm.put("t1", user_id="anna", **once)
    event = event_id(stage.crm.synced("t1"))

    anna.person.edit(event, recurrence=RULE)
    stage.crm.synced("t1", recurrence=RULE)
    anna.person.edit(event, recurrence=None)

    assert event_id(stage.crm.synced("t1", recurrence=None)) == event


def test_a13_a_deleted_series_is_a_cancelled_task(stage: Stage) -> None:
    weekly = Weekly(stage)
    weekly.anna.person.edit(weekly.id_of(SECOND), summary="Mine")
    weekly.once(SECOND, title="Mine")

    weekly.anna.person.delete(event_id(weekly.crm.task("t1")))

    eventually(lambda: weekly.crm.task("t1")["status"] == "cancelled", what="cancelled")


def test_a13_an_unseen_edit_of_an_occurrence_keeps_the_series_from_being_deleted(stage: Stage) -> None:
    weekly = Weekly(stage)
    weekly.anna.stage.crm.ok("PATCH", f"/v1/connections/{weekly.anna.id}", {"paused": True})
    weekly.crm.delete("t1")
    weekly.anna.person.edit(weekly.id_of(SECOND), summary="Mine")
    weekly.anna.stage.crm.ok("PATCH", f"/v1/connections/{weekly.anna.id}", {"paused": False})

    eventually(lambda: weekly.crm.call("GET", "/v1/tasks/t1").status_code == 200, what="the task is back")
    assert weekly.shown(SECOND)["summary"] == "Mine"


def test_a13_who_is_invited_to_one_occurrence_only_has_a_single_task(stage: Stage) -> None:
    host, guest = stage.account("host"), stage.connect("ben", settings={"import_external": "all"})
    person = stage.person(host)
    made = person.create("Board", at(10), at(11), recurrence=RULE)

    person.edit(f"{made['id']}_{SECOND}", attendees=[{"email": guest.account}])

    task = imported(guest, title="Board")
    assert not task["recurrence"]
    assert datetime.fromisoformat(task["start"]) == at(10, days=7)


def test_a13_after_a_lost_cursor_a_changed_occurrence_is_still_known(stage: Stage) -> None:
    weekly = Weekly(stage)
    with stage.google() as google:
        google.expire_sync_tokens(weekly.anna.account)
    weekly.anna.person.edit(weekly.id_of(SECOND), summary="Mine")
    weekly.anna.person.delete(weekly.id_of(THIRD))

    weekly.anna.sync()

    weekly.once(SECOND, title="Mine")
    weekly.once(THIRD, cancelled=True)


def test_a13_exclusions_that_stand_before_their_rule_are_read_all_the_same(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    left_out = f"EXDATE:{SECOND}"

    anna.person.create("Board", at(10), at(11), recurrence=[left_out, *RULE])

    task = imported(anna, title="Board")
    found = stage.crm.ok("GET", f"/v1/tasks/{task['id']}/occurrences")["data"]
    assert SECOND not in {each["original_start"] for each in found}
    assert THIRD in {each["original_start"] for each in found}


def test_a13_an_exception_that_is_told_before_its_series_changes_that_occurrence(
    stage: Stage, google_does: Callable[..., None]
) -> None:
    google_does(family_order="masters_last", page_size_cap=1)
    anna = stage.connect(settings={"import_external": "all"})
    with stage.google() as google:
        person = google.person(anna.account)
        made = person.create("Board", at(10), at(11), recurrence=RULE)
        person.edit(f"{made['id']}_{SECOND}", summary="Council")

    task = imported(anna, title="Board")

    def renamed() -> bool:
        found = stage.crm.ok("GET", f"/v1/tasks/{task['id']}/occurrences/{SECOND}")
        return bool(found["title"] == "Council")

    eventually(renamed, what="the occurrence")
    assert len(stage.crm.ok("GET", "/v1/tasks")["data"]) == 1
