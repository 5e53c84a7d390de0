"""Everything is played with marked values, and no line of the log and no problem document shows one of them.

What a person wrote carries a mark; tokens, keys and secrets are collected as they come to be. Start at `played`.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from infra.embedded.key_file import KeyFile
from infra.embedded.sqlite_store import SqliteStore
from infra.simulator.model import Client, Fault
from infra.simulator.server import RunningSimulator
from infra.system import SystemClock
from shared.ports import Query
from tests.scenarios.stage import Connected, Server, Stage, eventually
from tests.webhooks.receiver import Receiver, receiving

MARK = "zqmark"
USER = f"{MARK}.user@example.com"
DAY = (datetime.now(UTC) + timedelta(days=3)).date()
TASK: dict[str, object] = {
    "user_id": USER,
    "title": f"{MARK} title",
    "description": f"{MARK} description",
    "notes": f"{MARK} notes",
    "location": f"{MARK} location",
    "contact": {"name": f"{MARK} contact", "email": f"{MARK}.contact@example.com"},
    "attendees": [{"email": f"{MARK}.guest@example.com", "name": f"{MARK} guest"}],
    "start": f"{DAY}T10:00:00+00:00",
    "end": f"{DAY}T11:00:00+00:00",
}
OWN_CLIENT = Client(
    client_id=f"{MARK}-client.apps.googleusercontent.com", client_secret=f"GOCSPX-{MARK}", name=MARK, redirect_uris=[]
)


@dataclass(slots=True)
class Played:
    """What the play left to be searched."""

    lines: list[str]
    problems: list[str]
    secrets: dict[str, str] = field(default_factory=dict)
    """Each by what it is."""

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines if line.startswith("{")]

    def shown(self, text: str) -> list[str]:
        """Lines and problems with this in them."""
        return [line for line in [*self.lines, *map(_without_task, self.problems)] if text in line]


def _without_task(problem: str) -> str:
    """A 412 carries the task as it is, for the CRM that owns it."""
    return json.dumps({name: value for name, value in json.loads(problem).items() if name != "current"})


class Play:
    """The stage with a purse of secrets."""

    def __init__(self, stage: Stage, server: Server, receiver: Receiver) -> None:
        self.stage, self.server, self.receiver = stage, server, receiver
        self.secrets = {"API key": str(stage.crm._http.headers["Authorization"]).removeprefix("Bearer ")}

    def collect(self) -> None:
        """Google's and Tandem's secrets of this moment are in the purse."""
        with self.stage.google() as google:
            world = google.ctx.world
            for kind, found in (("access token", world.access_tokens), ("refresh token", world.refresh_tokens)):
                self.secrets |= {f"{kind} {number}": token for number, token in enumerate(found)}
            self.secrets |= {f"code {number}": code for number, code in enumerate(world.codes)}
            self.secrets |= {f"mail of {name}": name for name in world.accounts if MARK in name}
            self.secrets |= {f"client {each.client_id}": each.client_secret for each in world.clients.values()}
            self.secrets |= {
                f"channel {each.id}": each.token for each in world.channels.values() if each.token is not None
            }

    def connect(self, **body: object) -> Connected:
        connected = self.stage.connect(USER, self.stage.account(f"{MARK}.{len(self.secrets)}"), **body)
        self.collect()
        return connected

    def put(self, task: str, **more: object) -> Any:  # noqa: ANN401 - JSON
        self.stage.crm.put(task, **{**TASK, **more})
        return self.stage.crm.synced(task)

    def both_sides(self) -> None:
        anna = self.connect(settings={"conflict": "manual"})
        event = self.put("t1")["sync_state"]["event_id"]
        anna.person.edit(event, summary=f"{MARK} from google", description=f"{MARK} words")
        eventually(lambda: self.stage.crm.task("t1")["title"] == f"{MARK} from google")
        anna.person.create(f"{MARK} made in google", f"{DAY}T15:00:00+00:00")
        self._conflict(anna)
        for kind in ("preview", "export", "import", "sync"):
            self.stage.crm.finished(self.stage.crm.ok("POST", f"/v1/connections/{anna.id}/{kind}")["run_id"])
        anna.person.delete(event)
        eventually(lambda: self.stage.crm.task("t1")["status"] == "cancelled")
        self.put("t3")
        self.stage.crm.delete("t3")
        self._errors(anna)
        self._revoked(anna)
        erased = self.stage.crm.ok("DELETE", f"/v1/users/{USER}?events=delete")["run_id"]
        assert self.stage.crm.finished(erased)["state"] == "done"

    def _conflict(self, anna: Connected) -> None:
        """Both sides change one field before either hears of the other."""
        task = self.put("t2")
        with self.stage.google() as google:
            google.add_fault(Fault(effect="backendError503", account=anna.account, path="/events", count=4))
        anna.person.edit(task["sync_state"]["event_id"], summary=f"{MARK} theirs")
        self.stage.crm.put("t2", title=f"{MARK} ours")
        found = eventually(lambda: self._settled("t2"), within_s=40)
        if found["sync_state"]["state"] == "conflict":
            self.stage.crm.ok("POST", "/v1/tasks/t2/conflict", {"resolution": "crm"})
        with self.stage.google() as google:
            google.clear_faults()

    def _settled(self, task: str) -> Any:  # noqa: ANN401 - JSON
        now = self.stage.crm.task(task)
        return now if now["sync_state"]["state"] in {"synced", "conflict"} else None

    def _errors(self, anna: Connected) -> None:
        """Every kind of refusal that could quote what it refuses."""
        call = self.stage.crm.call
        call("PUT", "/v1/tasks/t9", {**TASK, "title": MARK * 300, "status": MARK, "nonsense": MARK})
        call("PUT", "/v1/tasks/t9", {**TASK, "start": MARK, "attendees": [{"email": f"{MARK} no mail"}]})
        call("PUT", f"/v1/tasks/{MARK}%20title", TASK)
        call("PUT", "/v1/tasks/t2", TASK, **{"If-Match": '"1"'})
        call("PUT", "/v1/tasks/t9", {**TASK, "user_id": f"{MARK}.stranger@example.com"})
        call("POST", "/v1/tasks/batch", {"tasks": [{"id": f"{MARK} x"}, {"id": "t9", "title": 1}, MARK]})
        call("GET", f"/v1/tasks?cursor={MARK}&state={MARK}")
        call("GET", f"/v1/changes?cursor={MARK}")
        call("GET", f"/{MARK}/nowhere")
        self.stage.crm.raw("POST", "/v1/tasks/batch", f"{{{MARK}".encode())
        call("POST", "/v1/connections", {"user_id": f"{MARK} x", "return_url": f"https://{MARK}.example"})
        call("PATCH", f"/v1/connections/{anna.id}", {"settings": {"conflict": MARK, "nonsense": MARK}})
        call("PUT", f"/v1/connections/{anna.id}/calendars/{MARK}@group.calendar.google.com")
        call("PUT", "/v1/webhook", {"url": f"https://{MARK}:{MARK}@crm.example/{MARK}"})
        call(
            "POST",
            "/v1/oauth_apps",
            {"name": MARK, "client_id": MARK, "client_secret": f"GOCSPX-{MARK}", "nonsense": MARK},
        )
        call("GET", "/v1/tenant", Authorization=f"Bearer tdm_x_y_{MARK}")
        with self.stage.google() as google:
            google.add_fault(Fault(effect="forbidden", account=anna.account, method="POST", path="/events$", count=1))
        self.stage.crm.put("t4", **TASK)
        eventually(lambda: self.stage.crm.task("t4")["sync_state"]["state"] in {"error", "synced"})
        self._strangers()

    def _strangers(self) -> None:
        """What comes from outside without a right to."""
        url = self.server.url
        hook = {"X-Goog-Channel-ID": MARK, "X-Goog-Channel-Token": MARK, "X-Goog-Resource-State": "exists"}
        requests.post(f"{url}/webhooks/google-calendar", headers=hook, timeout=10)
        requests.post(f"{url}/jobs/sync-task", json={"task": MARK}, timeout=10)
        requests.get(f"{url}/oauth/start?c={MARK}&n={MARK}", timeout=10)
        requests.get(f"{url}/oauth/callback?state={MARK}&code={MARK}&error={MARK}", timeout=10)

    def _revoked(self, anna: Connected) -> None:
        with self.stage.google() as google:
            google.revoke_grant(anna.account)
            google.expire_access_tokens(anna.account)
        self.stage.crm.put("t5", **TASK)
        eventually(lambda: anna.now()["status"] == "needs_reconnect")
        other = self.stage.account(f"{MARK}.other")
        link = self.stage.crm.ok("POST", f"/v1/connections/{anna.id}/authorize")["authorize_url"]
        self.secrets["link"] = dict(parse_qsl(urlsplit(link).query))["n"]
        self.stage.consent(link, other)
        again = self.stage.crm.ok("POST", f"/v1/connections/{anna.id}/authorize")["authorize_url"]
        self.stage.consent(again, anna.account)
        self.stage.crm.synced("t5")
        self.collect()

    def webhook_and_own_client(self) -> None:
        secret = self.stage.crm.ok("PUT", "/v1/webhook", {"url": f"{self.receiver.url}/{MARK}?key={MARK}"})["secret"]
        self.receiver.answers += [500]
        self.secrets |= {"webhook secret": secret, "new webhook secret": self._rotated()}
        self.stage.crm.ok("POST", "/v1/webhook/test")
        body = {"name": MARK, "client_id": OWN_CLIENT.client_id, "client_secret": OWN_CLIENT.client_secret}
        self.stage.crm.ok("POST", "/v1/oauth_apps", body)
        self.secrets["another API key"] = self.stage.crm.ok("POST", "/v1/keys", {"label": MARK})["key"]

    def _rotated(self) -> str:
        return str(self.stage.crm.ok("POST", "/v1/webhook/rotate")["secret"])


@pytest.fixture(scope="module")
def played(simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("marked")
    server = Server(folder, simulator.addresses, TANDEM_LOG_LEVEL="DEBUG")
    try:
        stage = Stage(server, simulator, "marked")
        with receiving() as receiver:
            play = Play(stage, server, receiver)
            play.webhook_and_own_client()
            play.both_sides()
            eventually(lambda: any(MARK in each.body.decode() for each in receiver.received))
        play.collect()
        keys = [base64.urlsafe_b64encode(key).decode() for key in KeyFile(folder / "identity.json")]
    finally:
        server.stop()
    secrets = play.secrets | {f"key {number}": key for number, key in enumerate(keys)} | _sealed(server)
    return Played(lines=server.lines, problems=stage.crm.problems, secrets=secrets)


def _sealed(server: Server) -> dict[str, str]:
    """Not even ciphertexts are for the log."""
    store = SqliteStore(server.folder / "store.sqlite", clock=SystemClock())
    try:
        found = store.query(Query(collection="webhook", group=True))
        return {"sealed secret": str(found[0].data["secrets"][0]["sealed"])}  # type: ignore[index]
    finally:
        store.close()


def test_the_play_reached_what_it_claims_to(played: Played) -> None:
    flows = {event["flow"] for event in played.events}
    statuses = {json.loads(problem)["status"] for problem in played.problems}

    assert flows >= {
        "api", "oauth", "calendar_webhook", "sync_task", "pull_calendar", "run_step", "deliver_changes", "sweep",
        "access", "rekey",
    }  # fmt: skip
    assert statuses >= {400, 401, 404, 412, 422}
    assert len(played.secrets) > 15


def test_no_line_and_no_problem_shows_what_a_person_wrote(played: Played) -> None:
    assert played.shown(MARK) == []


def test_no_line_and_no_problem_shows_a_token_a_key_or_a_secret(played: Played) -> None:
    assert {name: played.shown(secret) for name, secret in played.secrets.items() if played.shown(secret)} == {}


def test_no_line_shows_a_mail_address_of_any_kind(played: Played) -> None:
    assert [line for line in played.lines if line.startswith("{") and "@" in line] == []


def test_no_line_is_a_traceback(played: Played) -> None:
    assert [line for line in played.lines if "Traceback" in line] == []


def test_nothing_of_it_was_a_bug(played: Played) -> None:
    assert [event for event in played.events if event["outcome"] in {"bug", "500"}] == []


@pytest.mark.parametrize(
    ("flow", "fields"),
    [
        ("api", {"tenant", "operation", "store_reads"}),
        ("sync_task", {"tenant", "task", "google_calls", "store_reads", "store_commits"}),
        ("pull_calendar", {"tenant", "connection", "calendar", "google_calls", "store_reads"}),
        ("calendar_webhook", {"tenant", "connection", "enqueued"}),
        ("run_step", {"tenant", "run", "store_reads"}),
        ("oauth", {"step", "store_reads"}),
        ("sweep", {"kind"}),
    ],
)
def test_the_line_that_ends_a_request_says_whose_it_was_and_what_it_cost(
    played: Played, flow: str, fields: set[str]
) -> None:
    ends = [event for event in played.events if event["flow"] == flow and "request_id" in event]

    assert any(event.keys() >= {"outcome", "request_id", "duration_ms", *fields} for event in ends)
