"""A14: several calendars of one account, shared ones, read-only ones inbound only; one that is lost is shown."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.scenarios.rows.scene import CALL, at, ended, event_id, summaries
from tests.scenarios.stage import Connected, Stage, eventually


def shared(stage: Stage, anna: Connected, role: str, *, push_refused: bool = False) -> str:
    """A calendar of the office that this account was given a role on; its id."""
    owner = stage.account("office")
    with stage.google() as google:
        calendar = google.add_calendar(owner, "Office", push_refused=push_refused)
        google.share(calendar.id, anna.account, role)
        return str(calendar.id)


def given(stage: Stage, anna: Connected, calendar: str, role: str | None) -> None:
    with stage.google() as google:
        google.share(calendar, anna.account, role)


def watched(anna: Connected, calendar: str) -> Any:  # noqa: ANN401 - JSON
    """The calendar is watched from now on, and was read once."""
    shown = anna.stage.crm.ok("PUT", f"/v1/connections/{anna.id}/calendars/{quote(calendar)}")
    anna.sync()
    return shown


def shown(anna: Connected, calendar: str) -> Any:  # noqa: ANN401 - JSON
    return next((each for each in anna.now()["calendars"] if each["calendar_id"] == calendar), None)


def test_a14_a_task_goes_to_a_shared_calendar_and_what_happens_there_comes_back(stage: Stage) -> None:
    anna = stage.connect()
    office = shared(stage, anna, "writer")

    stage.crm.put("t1", **CALL, calendar_id=office)
    task = stage.crm.synced("t1")

    assert task["sync_state"]["calendar_id"] == office
    assert summaries(anna, office) == ["Call Bob"]
    anna.person.edit(event_id(task), calendar=office, summary="Visit Bob")
    assert stage.crm.told("task.updated", origin="google", task_id="t1")["task"]["title"] == "Visit Bob"


def test_a14_a_read_only_calendar_comes_in_and_is_never_written(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    office = shared(stage, anna, "reader")
    watched(anna, office)
    with stage.google() as google:
        made = google.person(google.ctx.world.calendars[office].owner).create("Board", at(9), calendar=office)

    task = stage.crm.told("task.created", origin="google")["task"]
    assert task["title"] == "Board"
    with stage.google() as google:
        patched = google.ctx.counters["events.patch"]
    stage.crm.put(task["id"], title="Our board")
    stage.crm.put("t1", **CALL, calendar_id=office)

    stage.crm.synced(task["id"], title="Our board")
    with stage.google() as google:
        assert google.ctx.counters["events.patch"] == patched
    refused = stage.crm.synced("t1", "error")["sync_state"]["error"]
    assert refused["code"] == "no_write_access"
    assert "share" in refused["detail"]
    assert anna.person.get(made["id"], calendar=office)["summary"] == "Board"


def test_a14_a_calendar_that_google_does_not_push_is_polled(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    office = shared(stage, anna, "writer", push_refused=True)

    watched(anna, office)
    eventually(lambda: shown(anna, office)["state"] == "poll" and shown(anna, office)["reason"], what="polled")
    anna.person.create("Board", at(9), calendar=office)

    assert stage.crm.told("task.created", origin="google")["task"]["title"] == "Board"


def test_a14_an_event_that_a_person_moves_between_two_calendars_is_no_deletion(stage: Stage) -> None:
    anna = stage.connect()
    office = shared(stage, anna, "writer")
    watched(anna, office)
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))

    anna.person.move_to_calendar(event, office)

    change = stage.crm.told("task.updated", origin="google", task_id="t1")
    assert change["changed"]["calendar_id"][1] == office
    task = stage.crm.synced("t1")
    assert (task["status"], event_id(task)) == ("open", event)
    anna.person.edit(event, calendar=office, summary="Visit Bob")
    assert stage.crm.told("task.updated", origin="google", task_id="t1")["task"]["title"] == "Visit Bob"


@pytest.mark.parametrize(("role", "code"), [(None, "calendar_gone"), ("reader", "no_write_access")])
def test_a14_a_calendar_that_is_lost_is_suspended_told_and_not_replaced(
    stage: Stage, role: str | None, code: str
) -> None:
    anna = stage.connect()
    office = shared(stage, anna, "writer")
    stage.crm.put("t1", **CALL, calendar_id=office)
    stage.crm.synced("t1")

    given(stage, anna, office, role)
    anna.sync()
    told = stage.crm.told("calendar.suspended", connection_id=anna.id)
    stage.crm.put("t1", title="Visit Bob")

    assert told["calendar_id"] == office
    assert shown(anna, office)["state"] == "suspended"
    assert shown(anna, office)["reason"]
    task = stage.crm.synced("t1", "error")
    assert (task["status"], task["sync_state"]["error"]["code"]) == ("open", code)
    assert summaries(anna) == []


def test_a14_an_edit_finds_the_calendar_gone_and_cancels_nothing(stage: Stage) -> None:
    anna = stage.connect()
    office = shared(stage, anna, "writer")
    stage.crm.put("t1", **CALL, calendar_id=office)
    stage.crm.synced("t1")

    given(stage, anna, office, None)
    stage.crm.put("t1", title="Visit Bob")

    assert stage.crm.synced("t1", "error")["sync_state"]["error"]["code"] == "calendar_gone"
    eventually(lambda: shown(anna, office)["state"] == "suspended", what="suspended")
    assert stage.crm.task("t1")["status"] == "open"


def test_a14_once_it_is_shared_again_and_watched_what_waited_goes_out(stage: Stage) -> None:
    anna = stage.connect()
    office = shared(stage, anna, "writer")
    stage.crm.put("t1", **CALL, calendar_id=office)
    event = event_id(stage.crm.synced("t1"))
    given(stage, anna, office, None)
    anna.sync()
    stage.crm.put("t1", title="Visit Bob")
    stage.crm.synced("t1", "error")

    given(stage, anna, office, "writer")
    watched(anna, office)

    ended(anna, "backlog")
    assert event_id(stage.crm.synced("t1")) == event
    assert summaries(anna, office) == ["Visit Bob"]


def test_a14_once_it_is_shared_and_watched_for_the_first_time_what_was_sent_there_before_goes_out(stage: Stage) -> None:
    anna = stage.connect()
    office = shared(stage, anna, "freeBusyReader")
    given(stage, anna, office, None)
    stage.crm.put("t1", **CALL, calendar_id=office)
    assert stage.crm.synced("t1", "error")["sync_state"]["error"]["code"] == "calendar_gone"

    given(stage, anna, office, "writer")
    watched(anna, office)

    assert stage.crm.synced("t1")["sync_state"]["calendar_id"] == office
    assert summaries(anna, office) == ["Call Bob"]


def test_a14_a_task_leaves_a_lost_calendar_for_another(stage: Stage) -> None:
    anna = stage.connect()
    office = shared(stage, anna, "writer")
    stage.crm.put("t1", **CALL, calendar_id=office)
    stage.crm.synced("t1")
    given(stage, anna, office, None)
    anna.sync()
    stage.crm.told("calendar.suspended", connection_id=anna.id)

    stage.crm.put("t1", calendar_id=None)

    assert stage.crm.synced("t1")["sync_state"]["calendar_id"] == anna.account
    assert summaries(anna) == ["Call Bob"]
