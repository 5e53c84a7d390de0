"""Many: two users at one meeting, thousands of events, big batches, a server killed under way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.scenarios.stage import Stage, eventually

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
TEN = datetime(DAY.year, DAY.month, DAY.day, 10, tzinfo=UTC)
CALL = {"user_id": "anna", "title": "Call", "location": "Rome", "start": TEN.isoformat()}


def test_two_users_of_a_tenant_at_one_meeting_are_one_task(stage: Stage) -> None:
    anna, ben = stage.connect("anna"), stage.connect("ben", settings={"import_external": "all"})

    stage.crm.put("t1", **CALL, attendees=[{"email": ben.account}])

    task = stage.crm.synced("t1")
    eventually(lambda: any(event["id"] == task["sync_state"]["event_id"] for event in ben.person.events()))
    views = eventually(lambda: stage.crm.task("t1")["sync_state"]["views"])
    assert views == [{"user_id": "ben", "connection_id": ben.id}]
    assert [each["id"] for each in stage.crm.ok("GET", "/v1/tasks")["data"]] == ["t1"]
    assert anna.account != ben.account


def test_a_guests_answer_is_told_and_never_reset(stage: Stage) -> None:
    anna, ben = stage.connect("anna"), stage.account("ben")
    stage.crm.put("t1", **CALL, attendees=[{"email": ben}])
    task = stage.crm.synced("t1")

    stage.person(ben).answer(task["sync_state"]["event_id"], "accepted")

    eventually(lambda: {"email": ben, "response": "accepted"} in stage.crm.task("t1")["sync_state"]["responses"])
    stage.crm.put("t1", title="Visit")
    event = anna.person.event(stage.crm.synced("t1", title="Visit"))
    assert [guest["responseStatus"] for guest in event["attendees"] if guest["email"] == ben] == ["accepted"]


def test_no_guest_gets_mail_unless_the_tenant_asked(stage: Stage) -> None:
    stage.connect("anna")
    ben = stage.account("ben")
    stage.crm.put("t1", **CALL, attendees=[{"email": ben}], notes="internal")
    stage.crm.synced("t1")
    stage.crm.put("t1", title="Visit")
    task = stage.crm.synced("t1", title="Visit")
    stage.crm.delete("t1")
    eventually(lambda: stage.person(ben).get(task["sync_state"]["event_id"])["status"] == "cancelled")

    with stage.google() as google:
        assert not [mail for mail in google.mails if ben in str(mail)]


def test_thousands_of_events_are_imported_once(stage: Stage) -> None:
    account = stage.account()
    with stage.google() as google:
        person = google.person(account)
        for number in range(2600):
            person.create(f"Event {number}", TEN + timedelta(minutes=number))

    anna = stage.connect("anna", account, settings={"import_external": "all"})

    eventually(lambda: count(stage) >= 2600, within_s=120, what="2,600 tasks")
    anna.sync()
    assert count(stage) == 2600


def count(stage: Stage) -> int:
    return int(sum(stage.crm.ok("GET", "/v1/status")["tasks"].values()))


def test_a_batch_of_500_tasks_reaches_the_calendar(stage: Stage) -> None:
    anna = stage.connect()
    tasks = [{"id": f"t{number}", **CALL, "title": f"Call {number}"} for number in range(500)]

    results = stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": tasks})["results"]

    assert [result["status"] for result in results] == [201] * 500
    eventually(lambda: stage.crm.ok("GET", "/v1/status")["tasks"].get("synced") == 500, within_s=240, what="500 synced")
    with stage.google() as google:
        assert len(google.person(anna.account).events()) == 500


def test_b01_a_server_killed_under_way_loses_and_doubles_nothing(stage: Stage) -> None:
    anna = stage.connect()
    for number in range(40):
        stage.crm.put(f"t{number}", **CALL, notes=str(number))
        if number in {10, 30}:
            stage.server.kill()
            stage.server.start()
    edited = stage.crm.synced("t0")
    anna.person.edit(edited["sync_state"]["event_id"], summary="Lunch")
    stage.server.kill()
    anna.person.edit(edited["sync_state"]["event_id"], location="Oslo")
    stage.server.start()

    stage.crm.synced("t0", title="Lunch", location="Oslo")
    for number in range(1, 40):
        stage.crm.synced(f"t{number}")
    assert len(anna.person.events()) == 40
