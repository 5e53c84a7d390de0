"""A22: each task has a switch and a target; a changed target moves the event, with its guests and its Meet."""

from __future__ import annotations

from tests.scenarios.rows.scene import CALL, at, changed, event_id, paused, summaries
from tests.scenarios.stage import Stage, eventually


def test_a22_the_switch_takes_the_event_out_and_puts_it_back(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")

    stage.crm.put("t1", sync=False)
    assert stage.crm.synced("t1", "off")["sync_state"]["reason"] == "not_selected"
    assert summaries(anna) == []

    stage.crm.put("t1", sync=True)
    stage.crm.synced("t1")
    assert summaries(anna) == ["Call Bob"]


def test_a22_the_switch_leaves_the_event_that_a_person_made(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    made = anna.person.create("Lunch", at(12))
    lunch = stage.crm.told("task.created", origin="google")["task"]["id"]

    stage.crm.put(lunch, sync=False)
    assert stage.crm.synced(lunch, "off")["sync_state"]["reason"] == "not_selected"
    anna.person.edit(made["id"], summary="Dinner")
    anna.sync()
    assert (summaries(anna), stage.crm.task(lunch)["title"]) == (["Dinner"], "Lunch")

    stage.crm.put(lunch, sync=True)
    assert stage.crm.synced(lunch)["title"] == "Dinner"


def test_a22_without_auto_sync_only_chosen_tasks_go_also_when_that_changes(stage: Stage) -> None:
    anna = stage.connect(settings={"auto_sync": False})
    stage.crm.put("chosen", **CALL, sync=True)
    stage.crm.put("free", **CALL | {"title": "Visit"})
    stage.crm.put("kept_out", **CALL | {"title": "Secret"}, sync=False)
    stage.crm.synced("chosen")
    stage.crm.synced("free", "off")
    assert summaries(anna) == ["Call Bob"]

    changed(anna, auto_sync=True)
    assert summaries(anna) == ["Call Bob", "Visit"]

    run = changed(anna, auto_sync=False)
    assert run["totals"]["google"]["delete"] == 1
    assert summaries(anna) == ["Call Bob"]


def test_a22_a_changed_calendar_moves_the_event_with_guests_answers_and_meet(stage: Stage) -> None:
    anna, ben = stage.connect(), stage.account("ben")
    with stage.google() as google:
        team = google.add_calendar(anna.account, "Team").id
    stage.crm.put("t1", **CALL, attendees=[{"email": ben}], conference="google_meet")
    eventually(lambda: stage.crm.task("t1")["sync_state"]["meet_url"], what="a Meet")
    before = stage.crm.task("t1")["sync_state"]
    stage.person(ben).answer(before["event_id"], "accepted")
    eventually(lambda: stage.crm.task("t1")["sync_state"]["responses"][0]["response"] == "accepted")

    stage.crm.put("t1", calendar_id=team)

    after = eventually(lambda: stage.crm.task("t1")["sync_state"]["calendar_id"] == team and stage.crm.synced("t1"))
    assert (after["sync_state"]["event_id"], after["sync_state"]["meet_url"]) == (
        before["event_id"],
        before["meet_url"],
    )
    event = anna.person.get(before["event_id"], calendar=team)
    assert {guest["responseStatus"] for guest in event["attendees"] if guest["email"] == ben} == {"accepted"}
    assert summaries(anna) == []


def test_a22_a_task_given_to_a_colleague_goes_to_their_calendar(stage: Stage) -> None:
    anna, ben = stage.connect("anna"), stage.connect("ben")
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")

    stage.crm.put("t1", user_id="ben")

    eventually(lambda: stage.crm.task("t1")["sync_state"]["connection_id"] == ben.id and stage.crm.synced("t1"))
    assert (summaries(anna), summaries(ben)) == ([], ["Call Bob"])


def test_a22_an_edit_in_google_that_nobody_saw_goes_along(stage: Stage) -> None:
    anna, ben = stage.connect("anna"), stage.connect("ben")
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))
    paused(anna, yes=True)
    anna.person.edit(event, location="Oslo")
    stage.crm.put("t1", connection_id=ben.id, user_id="ben")

    paused(anna, yes=False)

    eventually(lambda: summaries(ben) == ["Call Bob"], what="at Ben's")
    assert ben.person.event(stage.crm.synced("t1"))["location"] == "Oslo"
    assert summaries(anna) == []


def test_a22_nothing_leaves_for_a_calendar_that_cannot_be_written(stage: Stage) -> None:
    anna, ben = stage.connect("anna"), stage.connect("ben")
    owner = stage.account("office")
    with stage.google() as google:
        office = google.add_calendar(owner, "Office").id
        google.share(office, ben.account, "reader")
        google.share(office, anna.account, "reader")
    for task in ("t1", "t2"):
        stage.crm.put(task, **CALL)
        stage.crm.synced(task)

    stage.crm.put("t1", user_id="ben", calendar_id=office)
    stage.crm.put("t2", calendar_id=office)

    for task in ("t1", "t2"):
        assert stage.crm.synced(task, "error")["sync_state"]["error"]["code"] == "no_write_access"
    assert summaries(anna) == ["Call Bob", "Call Bob"]

    stage.crm.put("t1", calendar_id=None)
    stage.crm.synced("t1")
    assert (summaries(anna), summaries(ben)) == (["Call Bob"], ["Call Bob"])


def test_a22_another_calendar_for_tasks_takes_the_next_ones_and_both_stay_in_step(stage: Stage) -> None:
    anna = stage.connect()
    with stage.google() as google:
        team = google.add_calendar(anna.account, "Team").id
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))

    changed(anna, calendar_id=team)
    stage.crm.put("t2", **CALL | {"title": "Visit"})
    there = event_id(stage.crm.synced("t2"))
    stage.crm.put("t1", location="Verona")
    stage.crm.synced("t1", location="Verona")

    assert (summaries(anna), summaries(anna, team)) == (["Call Bob"], ["Visit"])
    anna.person.edit(event, summary="Call Eva")
    anna.person.edit(there, calendar=team, summary="Visit Eva")
    stage.crm.synced("t1", title="Call Eva", location="Verona")
    stage.crm.synced("t2", title="Visit Eva")
