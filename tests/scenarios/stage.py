"""The stage of a scenario: Tandem as its own process, the simulated Google beside it, HTTP on both sides.

A scenario acts as the CRM (`stage.crm`), as a person in Google Calendar (`stage.person`), and looks with deadlines:
nothing sleeps longer than a poll. Every scenario has its own tenant, user and Google account on one running server.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import requests

from infra import wiring
from infra.settings import settings_from
from infra.simulator.person import Person
from infra.simulator.server import RunningSimulator
from infra.simulator.state import Google
from shared.usecases.tenants import create_tenant
from tests.scenarios.crm import Crm, eventually

__all__ = ["QUICK", "ROOT", "Connected", "Crm", "PersonActing", "Server", "Stage", "eventually"]

ROOT = Path(__file__).resolve().parents[2]
FIRST_PULL_S = 120.0
"""A calendar may have thousands of events."""
QUICK = {"TANDEM_COALESCE_S": "0.2", "TANDEM_TICK_S": "0.5", "TANDEM_LOG_LEVEL": "INFO"}


class Server:
    """`python main.py serve` on a free port, with a data folder that outlives it."""

    def __init__(self, folder: Path, google: Mapping[str, str], **more: str) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.url = ""
        self.environment = {**os.environ, **google, **QUICK, "TANDEM_DATA": str(folder), **more}
        self.start()

    def start(self) -> None:
        """Serve until ready; a second start goes on with the same data on the same port."""
        if not self.launch().wait(30):
            raise AssertionError("the server did not start:\n" + "".join(self.lines[-40:]))
        eventually(self._healthy, within_s=20)

    def launch(self) -> threading.Event:
        """A process that is about to serve; the event is set once it says that it does."""
        port = urlsplit(self.url).port or 0
        self._process = subprocess.Popen(
            [sys.executable, "main.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self._process, ready), daemon=True)
        self._reader.start()
        return ready

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        for line in process.stdout or ():
            self.lines.append(line)
            if "is ready on " in line:
                self.url = line.partition("is ready on ")[2].split()[0]
                ready.set()

    def _healthy(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def kill(self) -> None:
        """As if the machine lost power, but for the disk."""
        self._process.send_signal(signal.SIGKILL)
        self._ended()

    def stop(self) -> None:
        """An orderly end."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._ended()

    def _ended(self) -> None:
        self._process.wait()
        self._reader.join(5)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def memory_mb(self) -> float:
        """What the process holds in memory (Linux)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("utf-8")
        return float(status.partition("VmRSS:")[2].split()[0]) / 1024

    def cpu_s(self) -> float:
        """How long the process has computed (Linux)."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("utf-8").rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def said(self) -> list[str]:
        """Everything that it printed, or what it did after `searched`."""
        return self.lines

    def searched(self) -> None:
        """What was said is not asked for again; one machine's is not, for it ends with its module."""

    def tenant(self, name: str) -> str:
        """The API key of a new tenant, made beside the running server as `tenants create` makes it."""
        if self.environment.get("TANDEM_BACKEND", "embedded") != "embedded":
            return self._tenant_by_command(name)
        wiring.configure(settings_from(self.environment))
        try:
            return create_tenant(wiring.world(), name)[1]
        finally:
            wiring.close()

    def _tenant_by_command(self, name: str) -> str:
        made = subprocess.run(
            [sys.executable, "main.py", "tenants", "create", name, "--json"],
            cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return str(json.loads(made.stdout)["api_key"])


class Stage:
    """One scenario's tenant on the server."""

    made: ClassVar[list[Stage]] = []
    """Every one so far, for whoever looks at what they showed."""

    def __init__(self, server: Server, simulator: RunningSimulator, name: str) -> None:
        self.server, self.simulator, self.name = server, simulator, name
        self.crm = Crm(server.url, server.tenant(name))
        self._accounts = 0
        Stage.made.append(self)

    @contextmanager
    def google(self) -> Iterator[Google]:
        """The simulated Google, alone for a moment."""
        with self.simulator.desk.doing() as google:
            yield google

    def account(self, hint: str = "anna") -> str:
        """A new Google account."""
        self._accounts += 1
        email = f"{hint}.{self.name}.{self._accounts}@example.com".replace("_", "-")
        with self.google() as google:
            google.add_account(email, hint.title())
        return email

    def person(self, account: str) -> PersonActing:
        """Somebody in Google Calendar."""
        return PersonActing(self, account)

    def connect(self, user: str = "anna", account: str | None = None, **body: object) -> Connected:
        """The user has connected a Google account, as a browser does it, and the first sync has run."""
        account = account or self.account(user)
        made = self.crm.ok("POST", "/v1/connections", {"user_id": user, **body})
        self.consent(made["authorize_url"], account)
        wanted = {"ready"} if body.get("first_sync") == "hold" else {"active"}

        def look() -> Any:  # noqa: ANN401 - JSON
            now = self.crm.ok("GET", f"/v1/connections/{made['id']}")
            return now if now["status"] in wanted else None

        eventually(look, what="connected")
        if "active" in wanted:
            eventually(lambda: self._pulled(made["id"]), within_s=FIRST_PULL_S, what="first pull")
        return Connected(self, made["id"], account, user)

    def _pulled(self, connection: str) -> bool:
        return bool(self.crm.ok("GET", f"/v1/connections/{connection}")["last_sync_at"])

    def consent(self, authorize_url: str, account: str, scopes: tuple[str, ...] | None = None) -> requests.Response:
        """Go through Google's consent as a person; the page that Tandem shows in the end."""
        browser = requests.Session()
        asked = browser.get(authorize_url, allow_redirects=False, timeout=10)
        assert asked.status_code in {302, 303}, asked.text
        query = dict(parse_qsl(urlsplit(asked.headers["Location"]).query))
        with self.google() as google:
            back = google.consent(query, account, scopes)
        return browser.get(back, timeout=10)


class Connected:
    """A user's connection to an account."""

    def __init__(self, stage: Stage, connection_id: str, account: str, user: str) -> None:
        self.stage, self.id, self.account, self.user = stage, connection_id, account, user

    @property
    def person(self) -> PersonActing:
        return self.stage.person(self.account)

    def now(self) -> Any:  # noqa: ANN401 - JSON
        return self.stage.crm.ok("GET", f"/v1/connections/{self.id}")

    def sync(self) -> str:
        """Pull now, and wait for it; the run."""
        run: str = self.stage.crm.ok("POST", f"/v1/connections/{self.id}/sync")["run_id"]
        self.stage.crm.finished(run)
        return run

    def told_by_now(self) -> list[Any]:
        """What the feed tells from where it was left until the end of a pull that begins now; the feed may be late."""
        run, told = self.sync(), []

        def look() -> bool:
            told.extend(self.stage.crm.changes())
            return any(each.get("run_id") == run for each in told)

        eventually(look, what="the feed tells the end of the pull")
        return told


class PersonActing:
    """A person's doings in Google Calendar, one at a time beside running requests; see `Person` for the verbs."""

    def __init__(self, stage: Stage, account: str) -> None:
        self._stage, self._account = stage, account

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        def act(*given: object, **named: object) -> Any:  # noqa: ANN401 - JSON
            with self._stage.google() as google:
                person: Person = google.person(self._account)
                return getattr(person, verb)(*given, **named)

        return act

    def event(self, task: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """The task's event as it stands."""
        state = task["sync_state"]
        return self.get(state["event_id"], calendar=state["calendar_id"])
