"""A12: recurring appointments made in the CRM: the series and each of its occurrences stand in Google."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.scenarios.rows.scene import MONDAY, at, both_edit, event_id, paused
from tests.scenarios.rows.weekly import WEEKLY, Weekly, original
from tests.scenarios.stage import Stage, eventually

FIRST, SECOND, THIRD = original(0), original(1), original(2)


def test_a12_a_recurring_task_is_one_series_in_google(stage: Stage) -> None:
    weekly = Weekly(stage)

    event = weekly.anna.person.get(event_id(weekly.crm.task("t1")))
    assert event["recurrence"] == ["RRULE:FREQ=WEEKLY;COUNT=6"]
    assert event["start"]["timeZone"] == "Europe/Berlin"


def test_a12_occurrences_are_listed_in_local_time_over_the_change_of_clocks(stage: Stage) -> None:
    stage.connect()
    stage.crm.put("t1", **WEEKLY | {"start": "2027-03-22T10:00:00", "end": "2027-03-22T11:00:00"})

    page = stage.crm.ok("GET", "/v1/tasks/t1/occurrences?from=2027-03-01T00:00:00Z&limit=2")
    rest = stage.crm.ok("GET", f"/v1/tasks/t1/occurrences?from=2027-03-01T00:00:00Z&cursor={page['next_cursor']}")

    assert [each["original_start"] for each in page["data"]] == ["20270322T090000Z", "20270329T080000Z"]
    assert [each["start"][11:] for each in page["data"]] == ["10:00:00+01:00", "10:00:00+02:00"]
    assert len(rest["data"]) == 4


def test_a12_dates_that_are_left_out_and_added_are_no_and_more_occurrences(stage: Stage) -> None:
    stage.connect()
    extra = at(10, days=3).strftime("%Y%m%dT%H%M%S")
    dates = [f"EXDATE;TZID=Europe/Berlin:{at(10, days=7):%Y%m%dT%H%M%S}", f"RDATE;TZID=Europe/Berlin:{extra}"]
    stage.crm.put("t1", **WEEKLY | {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3", *dates]})
    stage.crm.synced("t1")

    listed = stage.crm.ok("GET", "/v1/tasks/t1/occurrences")["data"]

    assert [datetime.fromisoformat(each["start"]) for each in listed] == [at(10), at(10, days=3), at(10, days=14)]


def test_a12_one_occurrence_has_fields_of_its_own_and_inherits_the_rest(stage: Stage) -> None:
    weekly = Weekly(stage)

    told = weekly.write(SECOND, title="Team, with Ben", start=at(14, days=8).isoformat())

    assert (told["overridden"], told["version"]) == (True, 2)
    assert weekly.shown(SECOND)["summary"] == "Team, with Ben"
    assert datetime.fromisoformat(weekly.shown(SECOND)["start"]["dateTime"]) == at(14, days=8)
    assert datetime.fromisoformat(weekly.shown(SECOND)["end"]["dateTime"]) == at(15, days=8)
    weekly.crm.put("t1", title="Crew", location="Oslo")
    assert (weekly.shown(SECOND)["summary"], weekly.shown(SECOND)["location"]) == ("Team, with Ben", "Oslo")
    assert weekly.shown(THIRD)["summary"] == "Crew"


def test_a12_a_value_that_equals_the_series_is_inherited_again(stage: Stage) -> None:
    weekly = Weekly(stage)
    weekly.write(SECOND, title="Team, with Ben")
    weekly.shown(SECOND)

    again = weekly.write(SECOND, title="Team")
    weekly.shown(SECOND)
    weekly.crm.put("t1", title="Crew")

    assert not again["overridden"]
    assert weekly.shown(SECOND)["summary"] == "Crew"


def test_a12_an_occurrence_is_cancelled_and_takes_place_again(stage: Stage) -> None:
    weekly = Weekly(stage)

    weekly.cancel(SECOND)
    cancelled = weekly.shown(SECOND)["status"], weekly.read(SECOND)["cancelled"]
    weekly.write(SECOND)

    assert cancelled == ("cancelled", True)
    assert weekly.shown(SECOND)["status"] == "confirmed"
    assert not weekly.read(SECOND)["cancelled"]


def test_a12_an_all_day_series_names_its_occurrences_by_day(stage: Stage) -> None:
    days = {"start": str(MONDAY), "end": str(MONDAY + timedelta(days=1)), "time_zone": None}
    weekly = Weekly(stage, **days)
    second = str(MONDAY + timedelta(days=7))

    weekly.write(second, title="Outing")

    assert weekly.shown(second)["summary"] == "Outing"
    assert weekly.shown(second)["originalStartTime"] == {"date": second}


def test_a12_a_write_that_was_meant_for_another_version_changes_nothing(stage: Stage) -> None:
    weekly = Weekly(stage)
    weekly.write(SECOND, title="Team, with Ben")

    stale = weekly.crm.call("PUT", weekly.path(SECOND), {"title": "Old"}, **{"If-Match": '"1"'})

    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
    assert weekly.read(SECOND)["title"] == "Team, with Ben"


@pytest.mark.parametrize(
    ("start", "body", "status", "says"),
    [
        ("tomorrow", {}, 422, "must be a day"),
        ("20260101T000000Z", {}, 404, "list them with GET"),
        (SECOND, {"recurrence": None}, 422, "recurrence"),
        (SECOND, {"type": "call"}, 422, "type"),
        (SECOND, {"start": None}, 422, "cancel the occurrence with DELETE"),
        (SECOND, {"end": at(9, days=7).isoformat()}, 422, "lies before the start"),
    ],
)
def test_a12_what_an_occurrence_cannot_be_is_refused(
    stage: Stage, start: str, body: dict[str, object], status: int, says: str
) -> None:
    stage.crm.put("t1", **WEEKLY)

    refused = stage.crm.call("PUT", f"/v1/tasks/t1/occurrences/{start}", body)

    assert refused.status_code == status
    assert says in refused.text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"recurrence": ["RRULE:FREQ=HOURLY"]}, "DAILY is the shortest"),
        ({"recurrence": ["RRULE:FREQ=DAILY;COUNT=3;UNTIL=20270101"]}, "exclude each other"),
        ({"recurrence": ["RRULE:FREQ=DAILY;COUNT=0"]}, "whole number from 1"),
        ({"time_zone": None}, "needs a time zone"),
        ({"recurrence": ["EXDATE:20270101T100000Z"]}, "nothing repeats"),
        ({"recurrence": ["RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20270101"]}, "Google ignores a mere day"),
    ],
)
def test_a12_a_series_that_google_would_refuse_is_refused(stage: Stage, change: dict[str, object], says: str) -> None:
    refused = stage.crm.call("PUT", "/v1/tasks/t1", WEEKLY | change)

    assert refused.status_code == 422
    assert says in refused.text
    assert stage.crm.call("GET", "/v1/tasks/t1").status_code == 404


def test_a12_until_of_a_timed_series_reaches_google_as_an_instant(stage: Stage) -> None:
    last = at(10, days=14)
    weekly = Weekly(stage, recurrence=[f"RRULE:FREQ=WEEKLY;UNTIL={last:%Y%m%d}"])

    (line,) = weekly.anna.person.get(event_id(weekly.crm.task("t1")))["recurrence"]

    assert line.endswith("Z")
    assert len(weekly.crm.ok("GET", "/v1/tasks/t1/occurrences")["data"]) == 3


def test_a12_a_conflict_about_one_occurrence_is_settled_for_it_alone(stage: Stage) -> None:
    weekly = Weekly(stage)
    paused(weekly.anna, yes=True)
    weekly.write(SECOND, title="Ours")
    weekly.anna.person.edit(weekly.id_of(SECOND), summary="Theirs")
    paused(weekly.anna, yes=False)
    task = weekly.crm.synced("t1", state="conflict")
    versions = task["sync_state"]["conflict"]["occurrences"][SECOND]["title"]

    weekly.crm.ok("POST", "/v1/tasks/t1/conflict", {"resolution": "crm", "occurrence": SECOND})

    assert (versions["crm"], versions["google"]) == ("Ours", "Theirs")
    assert weekly.shown(SECOND)["summary"] == "Ours"
    assert weekly.shown(THIRD)["summary"] == "Team"


def test_a12_googles_version_of_a_conflict_is_taken_for_the_occurrence(stage: Stage) -> None:
    weekly = Weekly(stage)
    paused(weekly.anna, yes=True)
    weekly.write(SECOND, title="Ours")
    weekly.anna.person.edit(weekly.id_of(SECOND), summary="Theirs")
    paused(weekly.anna, yes=False)
    weekly.crm.synced("t1", state="conflict")

    weekly.crm.ok("POST", "/v1/tasks/t1/conflict", {"resolution": "google", "occurrence": SECOND})

    assert weekly.shown(SECOND)["summary"] == "Theirs"
    assert weekly.read(SECOND)["title"] == "Theirs"
    assert weekly.crm.task("t1")["title"] == "Team"


def test_a12_a_series_that_ends_earlier_drops_what_lies_behind(stage: Stage) -> None:
    weekly = Weekly(stage)
    weekly.write(THIRD, title="Late")
    weekly.shown(THIRD)

    weekly.crm.put("t1", recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])

    weekly.crm.synced("t1")
    assert weekly.crm.call("GET", weekly.path(THIRD)).status_code == 404
    seen = [event["summary"] for event in weekly.anna.person.events(start=at(0))]
    assert seen == ["Team", "Team"]


def test_a12_a_series_that_happens_once_after_all_keeps_its_event(stage: Stage) -> None:
    weekly = Weekly(stage)
    weekly.write(SECOND, title="Changed")
    before = event_id(weekly.crm.synced("t1"))

    weekly.crm.put("t1", recurrence=None)
    weekly.crm.synced("t1", recurrence=None)
    once = weekly.anna.person.get(before)
    weekly.crm.put("t1", recurrence=WEEKLY["recurrence"])

    assert event_id(weekly.crm.synced("t1")) == before
    assert "recurrence" not in once
    assert weekly.shown(THIRD)["summary"] == "Team"
    assert weekly.read(SECOND)["title"] == "Team"


def test_a12_both_sides_change_different_occurrences_and_nothing_is_lost(stage: Stage) -> None:
    weekly = Weekly(stage)
    paused(weekly.anna, yes=True)
    weekly.write(SECOND, title="Ours")
    weekly.anna.person.edit(weekly.id_of(THIRD), summary="Theirs")
    paused(weekly.anna, yes=False)

    assert weekly.shown(SECOND)["summary"] == "Ours"
    weekly.once(THIRD, title="Theirs")


def test_a12_a_renamed_series_and_an_edited_occurrence_meet(stage: Stage) -> None:
    weekly = Weekly(stage)
    weekly.anna.person.edit(weekly.id_of(SECOND), location="Oslo")
    weekly.once(SECOND, location="Oslo")

    both_edit(weekly.anna, "t1", crm={"title": "Crew"}, google={"description": "Bring cake"})

    assert weekly.shown(SECOND)["summary"] == "Crew"
    eventually(lambda: weekly.read(SECOND)["description"], what="the description")


def test_a12_a_series_moved_to_another_weekday_and_zone_is_moved_in_google(stage: Stage) -> None:
    weekly = Weekly(stage)
    tuesday = {name: at(hour, days=1).replace(tzinfo=None).isoformat() for name, hour in (("start", 10), ("end", 11))}

    rule = ["RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=3"]
    version = weekly.crm.put("t1", **tuesday, time_zone="Europe/London", recurrence=rule)["version"]
    weekly.crm.synced("t1", version=version)

    wanted = [at(11, days=1 + 7 * week) for week in range(3)]  # ten in London is eleven in Berlin
    listed = stage.crm.ok("GET", "/v1/tasks/t1/occurrences")["data"]
    assert [datetime.fromisoformat(each["start"]) for each in listed] == wanted
    shown = sorted(event["start"]["dateTime"] for event in weekly.anna.person.events(start=at(0)))
    assert [datetime.fromisoformat(start) for start in shown] == wanted
    assert weekly.anna.person.get(weekly.event)["start"]["timeZone"] == "Europe/London"
