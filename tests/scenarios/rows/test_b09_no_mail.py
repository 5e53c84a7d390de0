"""B9: guests get mail only as the tenant asked, never for what is over, a first export or a repair."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.simulator.model import Fault
from tests.scenarios.rows.scene import CALL, at, changed, ended, event_id, paused
from tests.scenarios.stage import Connected, Stage, eventually

ZOE = "zoe@elsewhere.example"


def guests(*emails: str) -> dict[str, Any]:
    return {"attendees": [{"email": email} for email in emails]}


def mails(anna: Connected) -> list[tuple[str, str]]:
    """To whom Google has written about events of this calendar, and what."""
    with anna.stage.google() as google:
        return [(mail.to, mail.kind) for mail in google.mails if mail.calendar_id == anna.account]


def a_life(stage: Stage, *emails: str, **content: object) -> None:
    """A meeting is made, moved and cancelled."""
    stage.crm.put("t1", **CALL | guests(*emails) | content)
    stage.crm.synced("t1")
    stage.crm.put("t1", title="Visit")
    stage.crm.synced("t1", title="Visit")
    stage.crm.put("t1", status="cancelled")
    stage.crm.synced("t1", "off")


LIFE = ["invitation", "update", "cancellation"]


@pytest.mark.parametrize(
    ("setting", "inside", "outside"),
    [("none", [], []), ("external_only", [], LIFE), ("all", LIFE, LIFE), (None, [], [])],
)
def test_b09_guests_hear_of_a_meeting_as_the_tenant_asked(
    stage: Stage, setting: str | None, inside: list[str], outside: list[str]
) -> None:
    bob = stage.account("bob")
    anna = stage.connect(settings={"notify_guests": setting} if setting else {})

    a_life(stage, bob, ZOE)

    assert [kind for to, kind in mails(anna) if to == bob] == inside
    assert [kind for to, kind in mails(anna) if to == ZOE] == outside


def test_b09_nobody_hears_of_what_is_over(stage: Stage) -> None:
    anna = stage.connect(settings={"notify_guests": "all"})
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    a_life(stage, ZOE, start=yesterday, end=None)

    assert mails(anna) == []


def test_b09_guests_hear_of_a_series_that_began_long_ago_and_still_goes_on(stage: Stage) -> None:
    anna = stage.connect(settings={"notify_guests": "all"})
    begun = {"start": at(10, days=-35).isoformat(), "end": at(11, days=-35).isoformat(), "time_zone": "Europe/Berlin"}

    a_life(stage, ZOE, **begun, recurrence=["RRULE:FREQ=WEEKLY"])

    assert [kind for _, kind in mails(anna)] == LIFE


def test_b09_nobody_hears_of_a_series_that_has_ended(stage: Stage) -> None:
    anna = stage.connect(settings={"notify_guests": "all"})
    begun = {"start": at(10, days=-35).isoformat(), "end": at(11, days=-35).isoformat(), "time_zone": "Europe/Berlin"}

    a_life(stage, ZOE, **begun, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])

    assert mails(anna) == []


def test_b09_guests_hear_of_an_occurrence_to_come_and_not_of_one_that_is_over(stage: Stage) -> None:
    anna = stage.connect(settings={"notify_guests": "all"})
    begun = {"start": at(10, days=-35).isoformat(), "end": at(11, days=-35).isoformat(), "time_zone": "Europe/Berlin"}
    stage.crm.put("t1", **CALL | begun | guests(ZOE), recurrence=["RRULE:FREQ=WEEKLY"])
    stage.crm.synced("t1")
    heard = len(mails(anna))

    for days in (-28, 0):
        start = at(10, days=days).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        stage.crm.ok("PUT", f"/v1/tasks/t1/occurrences/{start}", {"title": f"Other {days}"})
        stage.crm.synced("t1")

    assert len(mails(anna)) - heard == 1


def test_b09_a_first_export_is_silent(stage: Stage) -> None:
    stage.crm.put("t1", **CALL, **guests(ZOE))

    anna = stage.connect(settings={"notify_guests": "all"})

    assert len(anna.person.event(stage.crm.synced("t1"))["attendees"]) == 1
    assert mails(anna) == []


def test_b09_a_changed_setting_is_silent(stage: Stage) -> None:
    anna = stage.connect(settings={"notify_guests": "none"})
    stage.crm.put("t1", **CALL, **guests(ZOE), type="call", zoom_url="https://zoom.example/j/1")
    stage.crm.synced("t1")

    changed(anna, notify_guests="all", description_template="{description} {zoom_url}", colors={"call": "#d50000"})

    assert "zoom.example" in anna.person.event(stage.crm.synced("t1"))["description"]
    assert mails(anna) == []


@pytest.mark.parametrize("why", ["paused", "grant taken back"])
def test_b09_guests_hear_of_what_waited_while_the_connection_rested(stage: Stage, why: str) -> None:
    anna = stage.connect(settings={"notify_guests": "all"})
    for name in ("t1", "t2"):
        stage.crm.put(name, **CALL, **guests(f"{name}@elsewhere.example"))
        stage.crm.synced(name)
    rests(anna, why)
    stage.crm.put("t1", start=at(15).isoformat(), end=at(16).isoformat())
    stage.crm.put("t2", status="cancelled")
    stage.crm.put("t3", **CALL, **guests("t3@elsewhere.example"))
    heard = mails(anna)

    goes_on(anna, why)
    ended(anna, "backlog")

    assert heard == [("t1@elsewhere.example", "invitation"), ("t2@elsewhere.example", "invitation")]
    assert sorted(mails(anna)[2:]) == [
        ("t1@elsewhere.example", "update"),
        ("t2@elsewhere.example", "cancellation"),
        ("t3@elsewhere.example", "invitation"),
    ]


def test_b09_a_first_export_that_a_lost_grant_interrupts_stays_silent(stage: Stage) -> None:
    account = stage.account()
    tasks = [{"id": f"t{number}", **CALL, **guests(ZOE), "title": f"Call {number}"} for number in range(8)]
    stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": tasks})
    with stage.google() as google:
        google.add_fault(Fault(effect="slow", account=account, method="POST", path="/events$", after=3, seconds=0.3))
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna", "settings": {"notify_guests": "all"}})
    stage.consent(made["authorize_url"], account)
    anna = Connected(stage, made["id"], account, "anna")
    eventually(lambda: len(anna.person.events()) >= 3, what="some are out")
    with stage.google() as google:
        google.revoke_grant(account)
        google.clear_faults()
    eventually(lambda: anna.now()["status"] == "needs_reconnect")
    begun = len(anna.person.events())

    goes_on(anna, "grant taken back")
    for task in tasks:
        stage.crm.synced(str(task["id"]))

    assert begun < 8
    assert mails(anna) == []


def rests(anna: Connected, why: str) -> None:
    """Nothing goes out."""
    if why == "paused":
        paused(anna, yes=True)
        return
    with anna.stage.google() as google:
        google.revoke_grant(anna.account)
    anna.stage.crm.ok("POST", f"/v1/connections/{anna.id}/sync")
    eventually(lambda: anna.now()["status"] == "needs_reconnect")


def goes_on(anna: Connected, why: str) -> None:
    """What waited goes out."""
    if why == "paused":
        paused(anna, yes=False)
        return
    again = anna.stage.crm.ok("POST", f"/v1/connections/{anna.id}/authorize")
    anna.stage.consent(again["authorize_url"], anna.account)


def test_b09_taking_internal_lines_out_for_a_new_guest_is_silent(stage: Stage) -> None:
    anna = stage.connect(settings={"notify_guests": "all"})
    stage.crm.put("t1", **CALL, notes="He haggles.")
    event = event_id(stage.crm.synced("t1"))

    anna.person.edit(event, attendees=[{"email": ZOE}])
    eventually(lambda: "He haggles." not in anna.person.get(event)["description"])

    assert mails(anna) == []


@pytest.mark.parametrize("edit", [{"notes": "He haggles."}, {"reminders": []}, {"color": "#d50000"}, {"busy": False}])
def test_b09_guests_do_not_hear_of_what_they_cannot_see(stage: Stage, edit: dict[str, Any]) -> None:
    anna = stage.connect(settings={"notify_guests": "all"})
    stage.crm.put("t1", **CALL, **guests(ZOE))
    stage.crm.synced("t1")
    heard = mails(anna)

    version = stage.crm.put("t1", **edit)["version"]
    stage.crm.synced("t1", version=version)

    assert mails(anna) == heard


def test_b09_what_the_brake_made_again_is_silent(stage: Stage) -> None:
    anna = stage.connect(settings={"notify_guests": "all"})
    tasks = [{"id": f"t{number}", **CALL, **guests(ZOE)} for number in range(12)]
    stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": tasks})
    events = [event_id(stage.crm.synced(str(task["id"]))) for task in tasks]
    for event in events:
        with stage.google() as google:
            google.person(anna.account).delete(event)
    anna.sync()
    eventually(lambda: anna.now()["status"] == "needs_review")
    heard = len(mails(anna))

    stage.crm.ok("POST", f"/v1/connections/{anna.id}/review", {"decision": "discard"})
    eventually(lambda: anna.now()["status"] == "active")
    ended(anna, "review")

    assert len(anna.person.events()) == 12
    assert len(mails(anna)) == heard


def test_b09_disconnecting_with_delete_is_silent(stage: Stage) -> None:
    anna = stage.connect(settings={"notify_guests": "all"})
    stage.crm.put("t1", **CALL, **guests(ZOE))
    stage.crm.synced("t1")
    heard = mails(anna)

    run = stage.crm.ok("DELETE", f"/v1/connections/{anna.id}?events=delete")["run_id"]

    assert stage.crm.finished(run)["state"] == "done"
    assert anna.person.events() == []
    assert mails(anna) == heard
