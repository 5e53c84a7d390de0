"""An integrator's whole path with nothing but HTTP: from a tenant's first key to the erasure of a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from infra.simulator.model import Fault
from tests.scenarios.stage import Connected, Crm, Stage, eventually
from tests.webhooks.receiver import Received, Receiver, receiving
from tests.webhooks.spec import signers

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
CALL = {"user_id": "anna", "title": "Call Bob", "start": f"{DAY}T10:00:00Z", "location": "Rome"}
VISIT = {"user_id": "anna", "title": "Visit Eva", "start": f"{DAY}T14:00:00Z"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def test_an_integrators_path(stage: Stage, receiver: Receiver) -> None:
    crm = stage.crm
    account = stage.account()
    secret = hooked(crm, receiver)
    anna = connected_on_hold(stage, account)
    previewed(crm, anna)
    exported(crm, anna)
    edited_in_the_crm(crm, anna)
    edited_in_google(crm, anna, receiver, secret)
    conflict_settled(stage, anna, receiver)
    newer = rotated(crm, anna, receiver, secret)
    reconnected(stage, anna, receiver)
    erased(crm, anna)
    verified(receiver, newer)


def hooked(crm: Crm, receiver: Receiver) -> str:
    """The webhook is the receiver, and a test message verifies."""
    secret = str(crm.ok("PUT", "/v1/webhook", {"url": receiver.url})["secret"])
    assert crm.ok("POST", "/v1/webhook/test")["status"] == 200
    assert Webhook(secret).verify(receiver.received[0].body, dict(receiver.received[0].headers))
    return secret


def connected_on_hold(stage: Stage, account: str) -> Connected:
    """Two tasks wait; the user connects, and nothing is written yet."""
    stage.crm.put("t1", **CALL)
    stage.crm.put("t2", **VISIT)
    anna = stage.connect("anna", account, first_sync="hold", settings={"conflict": "manual", "import_external": "all"})
    assert stage.crm.task("t1")["sync_state"]["state"] != "synced"
    assert anna.person.events() == []
    return anna


def previewed(crm: Crm, anna: Connected) -> None:
    """The run says what would be made, and the calendar is still empty."""
    run = crm.finished(crm.ok("POST", f"/v1/connections/{anna.id}/preview")["run_id"])
    assert run["totals"]["google"]["create"] == 2
    assert anna.person.events() == []


def exported(crm: Crm, anna: Connected) -> None:
    """After the start, all future tasks stand in the calendar, and an export finds nothing left to do."""
    assert crm.finished(crm.ok("POST", f"/v1/connections/{anna.id}/start")["run_id"])["state"] == "done"
    crm.synced("t1")
    crm.synced("t2")
    run = crm.finished(crm.ok("POST", f"/v1/connections/{anna.id}/export")["run_id"])
    assert run["state"] == "done"
    assert sorted(event["summary"] for event in anna.person.events()) == ["Call Bob", "Visit Eva"]


def edited_in_the_crm(crm: Crm, anna: Connected) -> None:
    """A PATCH under its version reaches the event; the same version a second time is stale."""
    read = crm.call("GET", "/v1/tasks/t1")
    changed = crm.call("PATCH", "/v1/tasks/t1", {"location": "Milan"}, **{"If-Match": read.headers["ETag"]})
    assert changed.status_code == 200
    stale = crm.call("PATCH", "/v1/tasks/t1", {"location": "Paris"}, **{"If-Match": read.headers["ETag"]})
    assert (stale.status_code, stale.json()["current"]["location"]) == (412, "Milan")
    assert anna.person.event(crm.synced("t1", location="Milan"))["location"] == "Milan"


def edited_in_google(crm: Crm, anna: Connected, receiver: Receiver, secret: str) -> None:
    """A move and a new event arrive by webhook, signed; the new one gets the CRM's own id."""
    event = crm.task("t2")["sync_state"]["event_id"]
    anna.person.edit(event, summary="Visit Eva and Tom")
    change = told(receiver, "task.updated", task_id="t2", origin="google")
    assert change["changed"]["title"] == ["Visit Eva", "Visit Eva and Tom"]
    anna.person.create("Lunch", datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC))
    born = told(receiver, "task.created", origin="google")["task_id"]
    (claimed,) = crm.ok("POST", "/v1/tasks/claim", {"claims": [{"from": born, "to": "t3"}]})["results"]
    assert (claimed["status"], crm.task("t3")["title"]) == (200, "Lunch")
    assert crm.task(born)["id"] == "t3"
    for request in receiver.received:
        assert Webhook(secret).verify(request.body, dict(request.headers)) == json.loads(request.body)
        assert signed_by(request, ours=secret) == {"ours"}


def conflict_settled(stage: Stage, anna: Connected, receiver: Receiver) -> None:
    """Both sides change one field unseen; both versions are kept until the CRM chooses."""
    crm, event = stage.crm, stage.crm.task("t1")["sync_state"]["event_id"]
    with stage.google() as google:
        google.add_fault(Fault(effect="backendError503", method="GET", path="/events", account=anna.account))
        google.person(anna.account).edit(event, summary="Call Bob again")
    crm.put("t1", title="Call Robert")
    with stage.google() as google:
        google.clear_faults()
    fields = crm.synced("t1", "conflict")["sync_state"]["conflict"]["fields"]
    assert (fields["title"]["crm"], fields["title"]["google"]) == ("Call Robert", "Call Bob again")
    assert told(receiver, "task.conflict", task_id="t1")
    crm.ok("POST", "/v1/tasks/t1/conflict", {"resolution": "fields", "fields": {"title": "google"}})
    assert anna.person.event(crm.synced("t1", title="Call Bob again"))["summary"] == "Call Bob again"


def rotated(crm: Crm, anna: Connected, receiver: Receiver, secret: str) -> str:
    """For a day both secrets sign."""
    newer = str(crm.ok("POST", "/v1/webhook/rotate")["secret"])
    anna.person.edit(crm.task("t2")["sync_state"]["event_id"], location="Oslo")
    crm.synced("t2", location="Oslo")
    last = eventually(lambda: both_signed(receiver, secret, newer), what="a message with two signatures")[-1]
    assert Webhook(secret).verify(last.body, dict(last.headers))
    return newer


def both_signed(receiver: Receiver, secret: str, newer: str) -> list[Received]:
    return [each for each in receiver.received if signed_by(each, old=secret, new=newer) == {"old", "new"}]


def reconnected(stage: Stage, anna: Connected, receiver: Receiver) -> None:
    """Google takes the grant back; the CRM is told once, and what waited goes out after the user connects again."""
    crm = stage.crm
    with stage.google() as google:
        google.revoke_grant(anna.account)
    crm.put("t2", title="Visit Eva at last")
    assert told(receiver, "connection.needs_reconnect", connection_id=anna.id)
    assert anna.now()["problem"]["code"] == "needs_reconnect"
    stage.consent(crm.ok("POST", f"/v1/connections/{anna.id}/authorize")["authorize_url"], anna.account)
    assert anna.person.event(crm.synced("t2", title="Visit Eva at last"))["summary"] == "Visit Eva at last"
    assert len([each for each in receiver.changes() if each["kind"] == "connection.needs_reconnect"]) == 1
    assert len(anna.person.events()) == 3


def erased(crm: Crm, anna: Connected) -> None:
    """Nothing of the person is left but that it was done; in the calendar only what she made herself stays."""
    run = crm.finished(crm.ok("DELETE", "/v1/users/anna?events=delete")["run_id"])
    assert run["state"] == "done"
    assert crm.ok("GET", "/v1/tasks")["data"] == []
    assert crm.ok("GET", "/v1/connections?user_id=anna")["data"] == []
    assert {each["kind"] for each in crm.ok("GET", "/v1/changes?user_id=anna&include=crm")["data"]} <= {"run.finished"}
    assert [event["summary"] for event in anna.person.events()] == ["Lunch"]


def verified(receiver: Receiver, newer: str) -> None:
    """The last messages verify with the secret of now alone."""
    last = receiver.received[-1]
    assert Webhook(newer).verify(last.body, dict(last.headers))


def told(receiver: Receiver, kind: str, **fields: object) -> Any:  # noqa: ANN401 - JSON
    """The first change of that kind with these fields that the receiver was sent."""

    def look() -> Any:  # noqa: ANN401 - JSON
        found = (each for each in receiver.changes() if each["kind"] == kind)
        return next((each for each in found if all(each.get(name) == value for name, value in fields.items())), None)

    return eventually(look, what=f"{kind} {fields}")


def signed_by(request: Received, **secrets: str) -> set[str]:
    return signers(request.headers, request.body, secrets, datetime.now(UTC))
