"""A25: guests go out and come in, their answers are changes never reset; only an organizer changes a meeting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.rows.scene import CALL, at, event_id, paused
from tests.scenarios.stage import Connected, Stage, eventually

ZOE = "zoe@elsewhere.example"


def invited(stage: Stage, *guests: str, **content: object) -> tuple[Connected, Any]:
    """Anna is connected, and her task is a meeting with these guests."""
    anna = stage.connect()
    stage.crm.put("t1", **CALL | {"attendees": [{"email": guest} for guest in guests]} | content)
    return anna, stage.crm.synced("t1")


def answers(task: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    return {each["email"]: each["response"] for each in task["sync_state"]["responses"]}


def answered(stage: Stage, guest: str, response: str) -> Any:  # noqa: ANN401 - JSON
    """The task, once it tells this answer."""
    return eventually(
        lambda: task if answers(task := stage.crm.task("t1")).get(guest) == response else None,
        what=f"{guest} {response}",
    )


def invitation(stage: Stage, guest: str) -> str:
    """The id of the guest's own copy."""
    return str(stage.person(guest).events()[0]["id"])


def said_in(anna: Connected, task: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    """Each guest's answer as Anna's calendar shows it."""
    return {each["email"]: each["responseStatus"] for each in anna.person.event(task)["attendees"]}


def test_a25_guests_go_out_with_their_names(stage: Stage) -> None:
    bob = stage.account("bob")
    anna = stage.connect()

    stage.crm.put("t1", **CALL, attendees=[{"email": bob, "name": "Bob B."}, {"email": ZOE}])

    event = anna.person.event(stage.crm.synced("t1"))
    assert {each["email"]: each.get("displayName") for each in event["attendees"]} == {bob: "Bob B.", ZOE: None}
    assert stage.person(bob).events()[0]["summary"] == "Call Bob"


def test_a25_guests_whom_the_crm_was_never_shown_stay_when_it_changes_the_others(stage: Stage) -> None:
    guests = [f"guest{number:03}@elsewhere.example" for number in range(230)]
    anna = stage.connect(settings={"import_external": "all"})
    made = anna.person.create("Town hall", at(10), attendees=[{"email": guest} for guest in guests])
    task: Any = eventually(lambda: next(iter(stage.crm.ok("GET", "/v1/tasks")["data"]), None), what="the task")
    shown = [each["email"] for each in task["attendees"]]
    gone = {guests[7], shown[-1]}

    stage.crm.put(task["id"], attendees=[{"email": guest} for guest in shown if guest not in gone])

    def left() -> bool:
        return {each["email"] for each in anna.person.get(made["id"])["attendees"]} == {*guests} - gone

    eventually(left, what="two guests are gone")
    stage.crm.synced(task["id"])
    anna.sync()
    assert (len(shown), left()) == (200, True)


def test_a25_guests_come_in(stage: Stage) -> None:
    anna, task = invited(stage)

    anna.person.edit(event_id(task), attendees=[{"email": ZOE, "displayName": "Zoe Z."}])

    assert stage.crm.synced("t1", attendees=[{"email": ZOE, "name": "Zoe Z."}])
    anna.person.edit(event_id(task), attendees=[])
    eventually(lambda: not stage.crm.task("t1")["attendees"])


def test_a25_two_hundred_guests_go_out(stage: Stage) -> None:
    guests = [f"guest{number}@elsewhere.example" for number in range(200)]

    anna, task = invited(stage, *guests)

    assert len(anna.person.event(task)["attendees"]) == 200


def test_a25_an_answer_is_told_as_a_change(stage: Stage) -> None:
    bob = stage.account("bob")
    invited(stage, bob)

    stage.person(bob).answer(invitation(stage, bob), "accepted")

    told = stage.crm.told("task.updated", task_id="t1", origin="google")
    assert told["changed"].keys() == {"responses"}
    assert told["changed"]["responses"][1] == [{"email": bob, "response": "accepted"}]
    assert answers(told["task"]) == {bob: "accepted"}


@pytest.mark.parametrize(
    "edit",
    [
        {"title": "Visit"},
        {"attendees": [{"email": "BOB"}, {"email": ZOE}]},
        {"attendees": [{"email": "BOB", "name": "Robert"}]},
        {"status": "done"},
        {"start": at(14).isoformat(), "end": at(15).isoformat()},
    ],
    ids=["title", "one more guest", "a name", "done", "time"],
)
def test_a25_an_edit_of_the_crm_resets_no_answer(stage: Stage, edit: dict[str, Any]) -> None:
    bob = stage.account("bob")
    anna, _ = invited(stage, bob)
    stage.person(bob).answer(invitation(stage, bob), "tentative")
    answered(stage, bob, "tentative")
    if "attendees" in edit:
        edit = {"attendees": [guest | {"email": guest["email"].replace("BOB", bob)} for guest in edit["attendees"]]}

    version = stage.crm.put("t1", **edit)["version"]
    task = stage.crm.synced("t1", version=version)

    assert said_in(anna, task)[bob] == "tentative"
    assert stage.person(bob).events()[0]["attendees"][0]["responseStatus"] == "tentative"
    assert answers(stage.crm.task("t1"))[bob] == "tentative"


def test_a25_an_answer_that_tandem_has_not_seen_is_not_reset(stage: Stage) -> None:
    bob = stage.account("bob")
    anna, _ = invited(stage, bob)
    paused(anna, yes=True)
    stage.person(bob).answer(invitation(stage, bob), "declined")
    version = stage.crm.put("t1", title="Visit", attendees=[{"email": bob}, {"email": ZOE}])["version"]

    paused(anna, yes=False)

    task = stage.crm.synced("t1", version=version)
    assert said_in(anna, task) == {bob: "declined", ZOE: "needsAction"}
    answered(stage, bob, "declined")


def test_a25_a_guest_taken_off_by_the_crm_is_off_and_the_others_keep_their_answers(stage: Stage) -> None:
    bob = stage.account("bob")
    anna, _ = invited(stage, bob, ZOE)
    stage.person(bob).answer(invitation(stage, bob), "accepted")
    answered(stage, bob, "accepted")

    stage.crm.put("t1", attendees=[{"email": bob}])

    assert said_in(anna, stage.crm.synced("t1", attendees=[{"email": bob, "name": None}])) == {bob: "accepted"}


def invitation_of(stage: Stage) -> tuple[Connected, str, Any]:
    """Anna is a guest of Bob's meeting, which is her task: her connection, Bob's account, the task."""
    bob = stage.account("bob")
    anna = stage.connect(settings={"import_external": "all"})
    stage.person(bob).create("Bob's meeting", at(10), attendees=[{"email": anna.account}])
    return anna, bob, stage.crm.told("task.created", origin="google")["task"]


def test_a25_a_guest_s_copy_takes_what_is_the_guest_s_own(stage: Stage) -> None:
    anna, bob, task = invitation_of(stage)

    stage.crm.put(task["id"], reminders=[{"method": "popup", "minutes": 5}], busy=False)
    stage.crm.synced(task["id"], busy=False)

    own = anna.person.get(event_id(task))
    assert own["reminders"]["overrides"] == [{"method": "popup", "minutes": 5}]
    assert own["transparency"] == "transparent"
    assert "transparency" not in stage.person(bob).events()[0]


def test_a25_a_guest_s_copy_is_never_patched_in_what_is_the_organizer_s(stage: Stage) -> None:
    anna, bob, task = invitation_of(stage)
    with stage.google() as google:
        patched = google.ctx.counters["events.patch"]

    stage.crm.put(task["id"], title="My own name for it", location="Verona")
    anna.sync()

    assert stage.crm.synced(task["id"])
    assert stage.person(bob).events()[0]["summary"] == "Bob's meeting"
    assert anna.person.get(event_id(task))["summary"] == "Bob's meeting"
    with stage.google() as google:
        assert google.ctx.counters["events.patch"] == patched


def test_a25_what_the_organizer_changes_reaches_the_guest_s_task(stage: Stage) -> None:
    _, bob, task = invitation_of(stage)

    organizer = stage.person(bob)
    organizer.edit(organizer.events()[0]["id"], location="Room 7")

    assert stage.crm.synced(task["id"], location="Room 7")
