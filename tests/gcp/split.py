"""A deployment in pieces: each function a process of its own under the real framework, sharing only what Google keeps.

Firestore is its emulator; Cloud Tasks, Cloud Scheduler, Secret Manager and Google are played by the tests' own process.
Start at `SplitServer`, which a scenario takes for a server like any other.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import requests

from infra.gcp.firestore import FirestoreStore
from infra.queues import QUEUES, QueueLimits
from infra.schedules import SCHEDULES
from infra.settings import CALLED
from tests.gcp.cloud_tasks_server import CloudTasksServer, Limits
from tests.gcp.deployment import ACCOUNT, AUDIENCE, ENVIRONMENT
from tests.gcp.google_keys import CertsServer, GoogleKey
from tests.gcp.secret_manager_server import SecretManagerServer
from tests.gcp.wire import Wire
from tests.scenarios.stage import QUICK, ROOT, Server, eventually

READY_S = 120.0
SCHEDULE_S = 3.0
"""The emulator has no indexes, so that every sweep reads whole collections."""
TENANTS_AT_ONCE = 20
MAKE_TENANTS = """
import sys
from infra import wiring
from shared.usecases.tenants import create_tenant
for number in range(int(sys.argv[1])):
    print(create_tenant(wiring.world(), f"CRM {number}")[1])
wiring.close()
"""
MOST_WAIT_S = 1.0
"""The longest backoff here, for nobody waits an hour; everything else of a queue is as it is deployed."""


class SplitServer(Server):
    """A process for each function, and what they share; `url` is the API's.

    Args:
        folder: Their home folder, and where they log.
        google: The simulated Google's addresses.
        firestore: The emulator's host and port.
        python: What the functions run on.
        more: Further variables.
    """

    def __init__(
        self,
        folder: Path,
        google: Mapping[str, str],
        *,
        firestore: str,
        python: Path | str = sys.executable,
        **more: str,
    ) -> None:
        self.folder = folder
        self.urls = {
            name: f"http://127.0.0.1:{port}" for name, port in zip(CALLED, free_ports(len(CALLED)), strict=True)
        }
        self.url = self.urls["api"]
        self.key = GoogleKey()
        self.project = f"split-{uuid4().hex[:12]}"
        self._python = Path(python)
        self._stack = ExitStack()
        self.certs = self._stack.enter_context(CertsServer(self.key))
        self.secrets = self._stack.enter_context(SecretManagerServer())
        self.firestore = self._stack.enter_context(Wire(firestore))
        queue = f"projects/{self.project}/locations/europe-west1/queues/split-{{}}"
        limits = {queue.format(name): _limits(each) for name, each in QUEUES.items()}
        self.tasks = self._stack.enter_context(CloudTasksServer(limits, now=lambda: datetime.now(UTC), key=self.key))
        self.store = FirestoreStore(project=self.project, emulator=firestore)
        self._stack.callback(self.store.close)
        self.environment = {
            **os.environ, **google, **QUICK, **ENVIRONMENT,
            "TANDEM_BASE_URL": "", "TANDEM_URLS": json.dumps(self.urls), "TANDEM_ENV": "split",
            "GOOGLE_CLOUD_PROJECT": self.project, "FIRESTORE_EMULATOR_HOST": self.firestore.host,
            "TANDEM_TASKS_HOST": self.tasks.host, "TANDEM_SECRETS_HOST": self.secrets.host,
            "TANDEM_OIDC_CERTS_URL": self.certs.url,
            "HOME": str(folder), "THREADS": "8", "TANDEM_POLL_S": "5", **more,
        }  # fmt: skip
        self._keys: list[str] = []
        self._said_to: dict[str, int] = {}
        self._searched: dict[str, int] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ending = threading.Event()
        self._scheduler = threading.Thread(target=self._schedules, daemon=True)
        self.start()
        self._stack.enter_context(self.tasks.sending())
        self._scheduler.start()

    def start(self) -> None:
        """Every function has a process again, and answers."""
        for name in CALLED:
            self.start_one(name)
        self.all_answer()

    def all_answer(self) -> None:
        """Every function has been waited for until it takes requests."""
        for url in self.urls.values():
            _await(url)

    def kill(self) -> None:
        """Every process is gone at once; what Google keeps is kept."""
        for name in list(self._running):
            self.kill_one(name)

    def start_one(self, name: str) -> None:
        """One function has a process again."""
        self._running[name] = self._spawned(name, self.urls[name])

    def kill_one(self, name: str) -> None:
        """One function's processes are gone at once, with what they were doing."""
        process = self._running.pop(name)
        os.killpg(process.pid, 9)
        process.wait()

    @contextmanager
    def second(self, name: str, **more: str) -> Iterator[str]:
        """Inside, the function has a second instance, with these further variables; its address."""
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        process = self._spawned(name, url, **more)
        try:
            _await(url)
            yield url
        finally:
            os.killpg(process.pid, 9)
            process.wait()

    def stop(self) -> None:
        """Everything has ended."""
        self._ending.set()
        self._scheduler.join(30)
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
        self._stack.close()

    def tenant(self, name: str) -> str:
        """The API key of a tenant that no test has had; made by the dozen, for a process takes a second to make one."""
        del name
        if not self._keys:
            made = subprocess.run(
                [sys.executable, "-c", MAKE_TENANTS, str(TENANTS_AT_ONCE)],
                cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True, timeout=READY_S,
            )  # fmt: skip
            assert made.returncode == 0, made.stderr
            self._keys = made.stdout.split()
        return self._keys.pop()

    def log(self, name: str) -> str:
        """What a function said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def said(self) -> list[str]:
        """What the functions said since the last `searched`; a run of all scenarios would else search all for each."""
        lines = []
        for name in CALLED:
            with (self.folder / f"{name}.log").open("rb") as log:
                log.seek(self._searched.get(name, 0))
                lines += log.read().decode(errors="replace").splitlines()
                self._said_to[name] = log.tell()
        return lines

    def searched(self) -> None:
        """What `said` gave is not asked for again."""
        self._searched = dict(self._said_to)

    def events(self, name: str) -> list[dict[str, object]]:
        """The events that a function logged."""
        return [json.loads(line) for line in self.log(name).splitlines() if line.startswith("{") and line.endswith("}")]

    def job(self, function: str, payload: Mapping[str, object], *, url: str | None = None) -> requests.Response:
        """A job function's answer to a job, sent as Cloud Tasks sends it."""
        path = f"/jobs/{function.replace('_', '-')}"
        return self._called((url or self.urls[function]) + path, json.dumps(payload))

    def scheduled(self, path: str) -> requests.Response:
        """A function's answer to a call of Cloud Scheduler's."""
        function = path.partition("?")[0].rpartition("/")[2].replace("-", "_")
        return self._called(self.urls[function] + path, "{}")

    def _called(self, url: str, body: str) -> requests.Response:
        token = self.key.of_job(account=ACCOUNT, audience=AUDIENCE, now=datetime.now(UTC))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with requests.Session() as session:
            session.trust_env = False  # the variables change under this thread: pytest names each test there
            return session.post(url, data=body, headers=headers, timeout=60)

    def _spawned(self, name: str, url: str, **more: str) -> subprocess.Popen[bytes]:
        environment = {**self.environment, **more}
        port = url.rpartition(":")[2]
        at = ["--host", "127.0.0.1", "--port", port]
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*framework(self._python), "--target", name, "--source", "main.py", *at],
                cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def _schedules(self) -> None:
        """Be Cloud Scheduler, faster; a call that fails is made again at its next turn."""
        while not self._ending.wait(SCHEDULE_S):
            for schedule in SCHEDULES:
                try:
                    self.scheduled(schedule.path)
                except requests.RequestException:
                    continue


def _limits(each: QueueLimits) -> Limits:
    return Limits(
        max_dispatches_per_second=each.dispatches_per_s,
        max_concurrent_dispatches=each.concurrent,
        max_attempts=each.attempts,
        min_backoff_s=each.min_backoff_s,
        max_backoff_s=MOST_WAIT_S,
    )


def _await(url: str) -> None:
    def answers() -> bool:
        try:
            return requests.get(url, timeout=10).status_code > 0
        except requests.RequestException:
            return False

    eventually(answers, within_s=READY_S, what=f"{url} answers")


def framework(python: Path) -> list[str]:
    """What starts that Python's functions framework, also where its script names a folder that has moved since."""
    return [str(python), str(python.with_name("functions-framework"))]


def free_ports(number: int) -> list[int]:
    """So many different ports that nobody listens on."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in held]
