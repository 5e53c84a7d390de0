"""A deployment in pieces: each function a process of its own under the real framework, sharing only what Google keeps.

Firestore is its emulator; Cloud Tasks, Cloud Scheduler, Secret Manager and Google are played by the tests' own process.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import requests

from infra.queues import QUEUES
from infra.schedules import SCHEDULES
from infra.settings import CALLED
from tests.gcp.cloud_tasks_server import CloudTasksServer, Limits
from tests.gcp.deployment import ACCOUNT, AUDIENCE, ENVIRONMENT
from tests.gcp.google_keys import CertsServer, GoogleKey
from tests.gcp.secret_manager_server import SecretManagerServer
from tests.scenarios.stage import QUICK, ROOT, Server, eventually

READY_S = 120.0
ROUND_S = 0.05
SCHEDULE_S = 1.0


class SplitServer(Server):
    """Ten processes and what they share; `url` is the API's.

    Args:
        folder: Their home folder.
        google: The simulated Google's addresses.
        firestore: The emulator's host and port.
        more: Further variables.
    """

    def __init__(self, folder: Path, google: Mapping[str, str], *, firestore: str, **more: str) -> None:
        self.folder = folder
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in zip(CALLED, _free_ports(), strict=True)}
        self.url = self.urls["api"]
        self.key = GoogleKey()
        project = f"split-{uuid4().hex[:12]}"
        queue = f"projects/{project}/locations/europe-west1/queues/split-{{}}"
        self._stack = ExitStack()
        certs = self._stack.enter_context(CertsServer(self.key))
        secrets = self._stack.enter_context(SecretManagerServer())
        limits = {queue.format(name): Limits(max_backoff_s=1.0) for name in QUEUES}
        self.tasks = self._stack.enter_context(CloudTasksServer(limits, now=lambda: datetime.now(UTC), key=self.key))
        self.environment = {
            **os.environ, **google, **QUICK, **ENVIRONMENT,
            "TANDEM_BASE_URL": "", "TANDEM_URLS": json.dumps(self.urls), "TANDEM_ENV": "split",
            "GOOGLE_CLOUD_PROJECT": project, "FIRESTORE_EMULATOR_HOST": firestore,
            "TANDEM_TASKS_HOST": self.tasks.host, "TANDEM_SECRETS_HOST": secrets.host,
            "TANDEM_OIDC_CERTS_URL": certs.url,
            "HOME": str(folder), "THREADS": "4", **more,
        }  # fmt: skip
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ending = threading.Event()
        self._google = threading.Thread(target=self._rounds, daemon=True)
        self.start()

    def start(self) -> None:
        """Every function answers, jobs are sent as they become due, and what is regular is called."""
        for name in CALLED:
            self.start_one(name)
        self.all_answer()
        self._google.start()

    def all_answer(self) -> None:
        """Every function has been waited for until it answers."""
        for name in CALLED:
            eventually(lambda name=name: self._answers(name), within_s=READY_S, what=f"{name} answers")  # type: ignore[misc]

    def start_one(self, name: str) -> None:
        """One function has a process again."""
        framework = str(Path(sys.executable).with_name("functions-framework"))
        port = self.urls[name].rpartition(":")[2]
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [framework, "--target", name, "--source", "main.py", "--host", "127.0.0.1", "--port", port],
                cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip

    def kill_one(self, name: str) -> None:
        """One function's processes are gone at once, with what they were doing."""
        process = self._running.pop(name)
        os.killpg(process.pid, 9)
        process.wait()

    def stop(self) -> None:
        """Everything has ended."""
        self._ending.set()
        self._google.join(30)
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()
        self._stack.close()

    def log(self, name: str) -> str:
        """What a function said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def said(self) -> list[str]:
        """Everything that any function said."""
        return [line for name in CALLED for line in self.log(name).splitlines()]

    def _answers(self, name: str) -> bool:
        try:
            return requests.get(self.urls[name], timeout=10).status_code > 0
        except requests.RequestException:
            return False

    def _rounds(self) -> None:
        """Be Cloud Tasks and, once a second, Cloud Scheduler."""
        since_s = 0.0
        while not self._ending.wait(ROUND_S):
            self.tasks.send_due()
            since_s += ROUND_S
            if since_s >= SCHEDULE_S:
                since_s = 0.0
                for schedule in SCHEDULES:
                    self._scheduled(schedule.path)

    def _scheduled(self, path: str) -> None:
        function = path.partition("?")[0].rpartition("/")[2].replace("-", "_")
        token = self.key.of_job(account=ACCOUNT, audience=AUDIENCE, now=datetime.now(UTC))
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.urls[function] + path, data=b"{}", headers=headers, method="POST")
        try:
            urllib.request.urlopen(request, timeout=60).close()
        except urllib.error.HTTPError as refused:
            refused.close()
        except OSError:
            return


def _free_ports() -> list[int]:
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in CALLED]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in held]
