"""A person with everything that Tandem can know of one, erased; and a search for what is left. Start at `erased`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from infra.simulator.model import Fault
from tests.scenarios.stage import Connected, Stage, eventually
from tests.webhooks.receiver import Receiver

MARK = "zqgone"
USER = f"{MARK}.user@example.com"
DAY = (datetime.now(UTC) + timedelta(days=3)).date()
TASK: dict[str, object] = {
    "user_id": USER,
    "description": f"{MARK} description",
    "notes": f"{MARK} notes",
    "location": f"{MARK} location",
    "contact": {"name": f"{MARK} contact", "email": f"{MARK}.contact@example.com"},
    "start": f"{DAY}T10:00:00+00:00",
    "end": f"{DAY}T11:00:00+00:00",
}


def lived(stage: Stage, receiver: Receiver) -> tuple[Connected, Connected]:
    """The person, whom Tandem knows in every way it can, and a colleague, who stays."""
    crm = stage.crm
    crm.ok("PUT", "/v1/webhook", {"url": receiver.url})
    settings = {"conflict": "manual", "import_external": "all"}
    gone = stage.connect(USER, stage.account(MARK), settings=settings)
    stays = stage.connect("ben", settings={"import_external": "all"})
    crm.put("t1", **TASK, title=f"{MARK} one", attendees=[{"email": stays.account}])
    crm.put("t2", **TASK, title=f"{MARK} two")
    crm.put("t3", **TASK, title=f"{MARK} three", recurrence=["RRULE:FREQ=DAILY;COUNT=3"], time_zone="Europe/Rome")
    crm.put("bens", user_id="ben", title="stays", start=TASK["start"], end=TASK["end"])
    for task in ("t1", "t2", "t3", "bens"):
        crm.synced(task)
    eventually(lambda: crm.task("t1")["sync_state"]["views"])
    gone.person.create(f"{MARK} by hand", f"{DAY}T15:00:00+00:00")
    event = crm.task("t2")["sync_state"]["event_id"]
    gone.person.edit(event, summary=f"{MARK} edited", location=f"{MARK} moved")
    crm.synced("t2", title=f"{MARK} edited")
    _in_conflict(stage, gone)
    for kind in ("preview", "export", "sync"):
        crm.finished(crm.ok("POST", f"/v1/connections/{gone.id}/{kind}")["run_id"])
    crm.ok("POST", "/v1/portal_sessions", {"user_id": USER})
    crm.ok("POST", f"/v1/connections/{gone.id}/authorize")
    crm.put("t5", **TASK, title=f"{MARK} five")
    crm.delete("t5")
    eventually(lambda: any(MARK in received.body.decode() for received in receiver.received))
    receiver.otherwise = 500  # a batch with the person in it is frozen and waits for its next try
    crm.put("t6", **TASK, title=f"{MARK} six")
    gone.person.edit(crm.synced("t6")["sync_state"]["event_id"], summary=f"{MARK} six edited")
    crm.synced("t6", title=f"{MARK} six edited")
    eventually(lambda: any(each["state"] == "retrying" for each in crm.ok("GET", "/v1/webhook/deliveries")["data"]))
    return gone, stays


def _in_conflict(stage: Stage, gone: Connected) -> None:
    stage.crm.put("t4", **TASK, title=f"{MARK} four")
    task = stage.crm.synced("t4")
    with stage.google() as google:
        google.add_fault(Fault(effect="backendError503", account=gone.account, path="/events", count=2))
    gone.person.edit(task["sync_state"]["event_id"], summary=f"{MARK} theirs")
    stage.crm.put("t4", title=f"{MARK} ours")
    eventually(lambda: stage.crm.task("t4")["sync_state"]["state"] in {"conflict", "synced"}, within_s=40)
    with stage.google() as google:
        google.clear_faults()


def erased(stage: Stage, events: str) -> Any:  # noqa: ANN401 - JSON
    """The run that erased the person, done."""
    run = stage.crm.finished(stage.crm.ok("DELETE", f"/v1/users/{USER}?events={events}")["run_id"])
    assert run["state"] == "done", run
    return run


def titles(who: Connected) -> list[str]:
    """What a calendar shows."""
    return sorted({event["summary"] for event in who.person.events()})


def channels(stage: Stage, account: str) -> int:
    """How many channels Google would still push to."""
    with stage.google() as google:
        return sum(each.account == account for each in google.ctx.world.channels.values())


def grant_opens(stage: Stage, account: str) -> bool:
    """Google still accepts a refresh token of the account."""
    with stage.google() as google:
        tokens = [name for name, each in google.ctx.world.refresh_tokens.items() if each.account == account]
        client = next(iter(google.ctx.world.clients.values()))
    form = {"grant_type": "refresh_token", "client_id": client.client_id, "client_secret": client.client_secret}
    url = stage.simulator.addresses["TANDEM_GOOGLE_TOKEN_URL"]
    return any(requests.post(url, data={**form, "refresh_token": each}, timeout=10).ok for each in tokens)
