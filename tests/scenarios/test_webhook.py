"""A CRM hears by its webhook what changed in Google: signed, in order, again until it answers, never from itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.scenarios.stage import Stage, eventually
from tests.webhooks.receiver import Received, Receiver, receiving
from tests.webhooks.spec import signers

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
CALL = {"user_id": "anna", "title": "Call Bob", "start": f"{DAY}T10:00:00+00:00", "end": f"{DAY}T11:00:00+00:00"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def hooked(stage: Stage, receiver: Receiver) -> str:
    """The tenant's webhook is the receiver; its secret."""
    return str(stage.crm.ok("PUT", "/v1/webhook", {"url": receiver.url})["secret"])


def told(receiver: Receiver, kind: str, **fields: object) -> Any:  # noqa: ANN401 - JSON
    """The first change of that kind with these fields that the receiver was sent."""

    def look() -> Any:  # noqa: ANN401 - JSON
        found = (each for each in receiver.changes() if each["kind"] == kind)
        return next((each for each in found if all(each[name] == value for name, value in fields.items())), None)

    return eventually(look, what=f"{kind} {fields}")


def signed_by(request: Received, **secrets: str) -> set[str]:
    return signers(request.headers, request.body, secrets, datetime.now(UTC))


def test_an_edit_in_google_reaches_the_webhook_signed(stage: Stage, receiver: Receiver) -> None:
    anna = stage.connect()
    secret = hooked(stage, receiver)
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")

    anna.person.edit(task["sync_state"]["event_id"], summary="Visit Bob")

    change = told(receiver, "task.updated", origin="google", task_id="t1")
    assert change["changed"]["title"] == ["Call Bob", "Visit Bob"]
    assert change["task"]["title"] == "Visit Bob"
    for request in receiver.received:
        assert Webhook(secret).verify(request.body, dict(request.headers)) == json.loads(request.body)
        assert signed_by(request, ours=secret) == {"ours"}


def test_the_crms_own_writes_come_back_by_no_webhook(stage: Stage, receiver: Receiver) -> None:
    stage.connect()
    hooked(stage, receiver)

    stage.crm.put("t1", **CALL)
    stage.crm.put("t1", title="Visit Bob")

    told(receiver, "task.linked", task_id="t1")
    assert {change["origin"] for change in receiver.changes()} <= {"google", "tandem"}


def test_a_connection_that_needs_its_user_is_told(stage: Stage, receiver: Receiver) -> None:
    hooked(stage, receiver)

    anna = stage.connect()

    assert told(receiver, "connection.connected")["connection_id"] == anna.id


def test_a_receiver_that_fails_gets_the_same_message_again(stage: Stage, receiver: Receiver) -> None:
    hooked(stage, receiver)
    receiver.answers = [500]

    stage.connect()

    eventually(lambda: len(receiver.received) > 1, what="a second try")
    first = receiver.received[0]
    again = next(request for request in receiver.received[1:] if request.id == first.id)
    assert again.body == first.body
    eventually(lambda: stage.crm.ok("GET", "/v1/webhook")["state"] == "active", what="recovered")
    log = {each["id"]: each for each in stage.crm.ok("GET", "/v1/webhook/deliveries")["data"]}
    assert [each["status"] for each in log[first.id]["tries"]] == [500, 200]
    assert log[first.id]["state"] == "delivered"


def test_after_a_rotation_a_crm_may_verify_by_either_secret(stage: Stage, receiver: Receiver) -> None:
    old = hooked(stage, receiver)
    new = str(stage.crm.ok("POST", "/v1/webhook/rotate")["secret"])

    stage.connect()

    told(receiver, "connection.connected")
    assert signed_by(receiver.received[-1], old=old, new=new, other="whsec_" + "QUJD" * 12) == {"old", "new"}


def test_a_receiver_that_is_gone_for_good_switches_the_webhook_off(stage: Stage, receiver: Receiver) -> None:
    hooked(stage, receiver)
    receiver.otherwise = 410

    stage.connect()

    eventually(lambda: stage.crm.ok("GET", "/v1/webhook")["state"] == "off", what="off")
    assert stage.crm.ok("GET", "/v1/status")["webhook"] == "off"
    assert len(receiver.received) == 1


def test_a_delivery_counts_as_read_so_the_old_value_put_back_is_an_edit(stage: Stage, receiver: Receiver) -> None:
    anna = stage.connect()
    hooked(stage, receiver)
    stage.crm.put("t1", **CALL)
    task = stage.crm.synced("t1")
    anna.person.edit(task["sync_state"]["event_id"], summary="Visit Bob")
    delivered = told(receiver, "task.updated", origin="google", task_id="t1")["id"]

    def acknowledged() -> bool:
        log = stage.crm.ok("GET", "/v1/webhook/deliveries")["data"]
        return bool(delivered) and all(each["state"] == "delivered" for each in log)

    eventually(acknowledged, what="acknowledged")
    stage.crm.put("t1", **CALL)

    assert anna.person.event(stage.crm.synced("t1", title="Call Bob"))["summary"] == "Call Bob"


def test_a_webhook_is_tested_before_anything_happens(stage: Stage, receiver: Receiver) -> None:
    secret = hooked(stage, receiver)
    receiver.answers = [202]

    answer = stage.crm.ok("POST", "/v1/webhook/test")

    assert answer["status"] == 202
    assert answer["duration_ms"] > 0
    assert receiver.received[0].changes == []
    assert signed_by(receiver.received[0], ours=secret) == {"ours"}


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://169.254.169.254/", "http://crm.example.com/hook"])
def test_an_address_inside_a_network_is_refused(stage: Stage, url: str) -> None:
    assert stage.crm.call("PUT", "/v1/webhook", {"url": url}).status_code == 422
