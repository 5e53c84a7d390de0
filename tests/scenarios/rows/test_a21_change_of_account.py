"""A21: references are removed with the events kept or deleted; the same account adopts, another one is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.rows.scene import CALL, at, ended, event_id, paused, summaries
from tests.scenarios.stage import Connected, Stage, eventually


def removed(anna: Connected, events: str) -> Any:  # noqa: ANN401 - JSON
    crm = anna.stage.crm
    run = crm.finished(crm.ok("DELETE", f"/v1/connections/{anna.id}?events={events}")["run_id"])
    assert (run["state"], anna.now()["status"]) == ("done", "disconnected")
    return run


def with_two(stage: Stage) -> Connected:
    """A task of the CRM and one that a person's event became."""
    anna = stage.connect(settings={"import_external": "all"})
    anna.person.create("Lunch", at(12))
    eventually(lambda: len(stage.crm.ok("GET", "/v1/tasks")["data"]) == 1, what="Lunch")
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    return anna


def granted(stage: Stage, account: str) -> bool:
    with stage.google() as google:
        return any(token.account == account for token in google.ctx.world.refresh_tokens.values())


@pytest.mark.parametrize(("events", "left"), [("keep", ["Call Bob", "Lunch"]), ("delete", ["Lunch"])])
def test_a21_events_are_kept_or_deleted_and_only_then_the_grant_is_given_back(
    stage: Stage, events: str, left: list[str]
) -> None:
    anna = with_two(stage)

    removed(anna, events)

    assert summaries(anna) == left
    assert not granted(stage, anna.account)
    for task in stage.crm.ok("GET", "/v1/tasks")["data"]:
        assert (task["sync_state"]["state"], task["sync_state"]["reason"]) == ("off", "no_connection")
        assert task["status"] == "open"


def test_a21_a_connection_whose_grant_was_taken_back_ends_at_once_and_says_what_stays(stage: Stage) -> None:
    anna = stage.connect()
    for name in ("t1", "t2", "t3"):
        stage.crm.put(name, **CALL)
        stage.crm.synced(name)
    with stage.google() as google:
        google.revoke_grant(anna.account)
    stage.crm.put("t1", title="Visit Bob")
    eventually(lambda: anna.now()["status"] == "needs_reconnect", what="needs its user")

    run = removed(anna, "delete")

    assert {item["reason"] for item in run["items"]} == {"Google no longer accepts the connection"}
    assert (len(summaries(anna)), stage.crm.task("t2")["status"]) == (3, "open")


@pytest.mark.parametrize("other", ["of the same account", "of a guest"])
def test_a21_deleting_the_events_cancels_no_task_that_another_connection_sees(stage: Stage, other: str) -> None:
    anna = stage.connect()
    ben = stage.connect("ben", anna.account if other == "of the same account" else None)
    stage.crm.put("t1", **CALL, attendees=[{"email": ben.account}])
    stage.crm.synced("t1")
    ben.sync()
    assert stage.crm.task("t1")["sync_state"]["views"]

    removed(anna, "delete")
    ben.sync()

    assert (summaries(anna), summaries(ben)) == ([], [])
    task = stage.crm.synced("t1", "off")
    assert (task["status"], task["sync_state"]["reason"]) == ("open", "no_connection")


def test_a21_deletions_that_waited_are_done_before_the_grant_goes(stage: Stage) -> None:
    anna = with_two(stage)
    paused(anna, yes=True)
    stage.crm.delete("t1")

    removed(anna, "keep")

    assert summaries(anna) == ["Lunch"]


def test_a21_the_same_account_adopts_what_is_there(stage: Stage) -> None:
    first = with_two(stage)
    event = event_id(stage.crm.task("t1"))
    removed(first, "keep")
    first.person.edit(event, location="Oslo")
    stage.crm.put("t1", title="Visit Bob")

    again = stage.connect("anna", first.account, settings={"import_external": "all"})
    ended(again, "first_sync")

    task = stage.crm.synced("t1", title="Visit Bob", location="Oslo")
    assert event_id(task) == event
    assert summaries(again) == ["Lunch", "Visit Bob"]
    assert len(stage.crm.ok("GET", "/v1/tasks")["data"]) == 2


def test_a21_after_a_clean_removal_the_tasks_go_to_any_account(stage: Stage) -> None:
    first = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    removed(first, "delete")

    second = stage.connect()
    stage.crm.synced("t1")

    assert second.account != first.account
    assert (summaries(first), summaries(second)) == ([], ["Call Bob"])


def test_a21_another_account_is_refused_and_nothing_changes(stage: Stage) -> None:
    anna = with_two(stage)
    again = stage.crm.ok("POST", f"/v1/connections/{anna.id}/authorize")

    page = stage.consent(again["authorize_url"], stage.account("other"))

    assert "account" in page.text
    assert anna.now()["problem"]["code"] == "other_account"
    assert anna.now()["google"]["email"] == anna.account
    stage.crm.put("t1", title="Visit Bob")
    stage.crm.synced("t1", title="Visit Bob")
    assert "Visit Bob" in summaries(anna)


def test_a21_what_a_person_deleted_meanwhile_stays_deleted(stage: Stage) -> None:
    first = stage.connect()
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))
    removed(first, "keep")
    first.person.delete(event)

    again = stage.connect("anna", first.account)

    assert stage.crm.told("task.cancelled", task_id="t1")["origin"] == "google"
    assert summaries(again) == []
