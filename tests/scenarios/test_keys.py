"""Keys are rotated under a running server: nobody notices, and afterwards nothing needs the old key."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from infra.embedded.key_file import KeyFile
from infra.embedded.sqlite_store import SqliteStore
from infra.keys import PathCipher
from infra.system import SystemClock
from shared.errors import Bug
from shared.ports import Query
from tests.scenarios.stage import ROOT, Server, Stage, eventually

TEN = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=3)
WHEN = {"start": TEN.isoformat(), "end": (TEN + timedelta(hours=1)).isoformat()}


def rotate(server: Server) -> str:
    """What `keys rotate` says beside the running server."""
    return subprocess.run(
        [sys.executable, "main.py", "keys", "rotate"],
        cwd=ROOT, env=server.environment, check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip


def grants(server: Server) -> list[tuple[str, str]]:
    """Every grant's path and ciphertext, as they lie in the store."""
    store = SqliteStore(server.folder / "store.sqlite", clock=SystemClock(), may_index=False)
    try:
        found = store.query(Query(collection="connections", group=True))
        return [(each.path, str(each.data["refresh_token"])) for each in found if each.data.get("refresh_token")]
    finally:
        store.close()


def needs_only_the_new_key(server: Server) -> bool:
    cipher = PathCipher([next(iter(KeyFile(server.folder / "identity.json")))])
    return all(_opens(cipher, path, text) for path, text in grants(server))


def _opens(cipher: PathCipher, path: str, text: str) -> bool:
    try:
        return bool(cipher.open(path, text))
    except Bug:
        return False


@contextmanager
def load(stage: Stage, done: list[Mapping[str, object]]) -> Iterator[None]:
    """Tasks are written and edited all the while."""
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            task = f"load-{number % 20}"
            answer = stage.crm.call("PUT", f"/v1/tasks/{task}", {"user_id": "anna", "title": f"Call {number}", **WHEN})
            done.append({"task": task, "title": f"Call {number}", "status": answer.status_code})
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a30_keys_are_rotated_under_load_and_nothing_is_lost(stage: Stage, server: Server) -> None:
    anna = stage.connect()
    written: list[Mapping[str, object]] = []

    with load(stage, written):
        eventually(lambda: len(written) > 10)
        said = rotate(server)
        eventually(lambda: needs_only_the_new_key(server), what="sealed again")
        before = len(written)
        eventually(lambda: len(written) > before + 10)

    assert "The running server encrypts what is stored again" in said
    assert {each["status"] for each in written} <= {200, 201}
    last = {each["task"]: each["title"] for each in written}
    for task, title in last.items():
        assert anna.person.event(stage.crm.synced(str(task), title=title))["summary"] == title


def test_a_channel_opened_before_the_rotation_still_brings_edits(stage: Stage, server: Server) -> None:
    anna = stage.connect()
    stage.crm.put("t1", user_id="anna", title="Call Bob", **WHEN)
    event = stage.crm.synced("t1")["sync_state"]["event_id"]
    rotate(server)

    anna.person.edit(event, summary="Visit Bob")

    assert stage.crm.told("task.updated", origin="google", task_id="t1")["task"]["title"] == "Visit Bob"


def test_a_consent_begun_before_the_rotation_ends_well_after_it(stage: Stage, server: Server) -> None:
    account = stage.account("anna")
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna"})
    rotate(server)

    stage.consent(made["authorize_url"], account)

    eventually(lambda: stage.crm.ok("GET", f"/v1/connections/{made['id']}")["status"] == "active", what="connected")


def test_a_connection_works_without_the_old_key_once_it_is_sealed_again(stage: Stage, server: Server) -> None:
    anna = stage.connect()
    rotate(server)
    eventually(lambda: needs_only_the_new_key(server), what="sealed again")

    KeyFile(server.folder / "identity.json").drop(
        KeyFile(server.folder / "identity.json").expired(datetime.now(UTC) + timedelta(days=31))
    )

    stage.crm.put("t1", user_id="anna", title="Call Bob", **WHEN)
    assert anna.person.event(stage.crm.synced("t1"))["summary"] == "Call Bob"
