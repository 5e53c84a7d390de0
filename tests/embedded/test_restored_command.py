"""`restored` on the command line, after a backup of either store was put back."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from pathlib import Path

import pytest

from infra.embedded.sqlite_store import SqliteStore
from infra.gcp.firestore import FirestoreStore
from infra.system import SystemClock
from shared.model.connection import Watched
from shared.model.content import Content
from shared.model.ids import CalendarId, ConnectionId, EventId, TaskId, TenantId, calendar_path, event_id_of, task_path
from shared.model.stored import to_data
from shared.model.task import Sync, Task
from shared.ports import Document, Set, Store
from tests.closing import closed_later
from tests.embedded.test_cli import run
from tests.emulator import RunningEmulator
from tests.gcp.deployment import ENVIRONMENT

TENANT, CONNECTION, CALENDAR = TenantId("acme"), ConnectionId("c"), CalendarId("anna@example.com")
SHELF = calendar_path(TENANT, CONNECTION, CALENDAR)
TASK = task_path(TENANT, TaskId("a"))


def task(event_id: EventId) -> Task:
    """A task whose event was made under this id."""
    sync = Sync(connection=CONNECTION, calendar=CALENDAR, event_id=event_id, etag='"1"', synced_version=3)
    return Task(id=TaskId("a"), content=Content(title="Call"), version=3, sync=sync)


class Backup:
    """A store that was put back, and the settings that lead to it."""

    def __init__(self, store: Store, data: Path, settings: Mapping[str, str], *, deployment: str) -> None:
        self.store = store
        self.data = data
        self.settings = settings
        shelf = Watched(
            tenant=TENANT, connection=CONNECTION, calendar_id=CALENDAR, sync_token="then", token_parameters="p"
        )
        store.commit([Set(path=SHELF, data=to_data(shelf))])
        self.made_by(deployment)

    def made_by(self, deployment: str) -> None:
        """The task's event has the id that this deployment makes."""
        made = event_id_of(deployment, TENANT, TaskId("a"), 0)
        self.store.commit([Set(path=TASK, data=to_data(task(made)))])

    def get(self, path: str) -> Document:
        """A document that is there."""
        document = self.store.get_many([path])[path]
        assert document is not None
        return document


@pytest.fixture(params=["embedded", "gcp"])
def backup(tmp_path: Path, request: pytest.FixtureRequest) -> Backup:
    data = tmp_path / "data"
    if request.param == "embedded":
        # The first command makes the folder; the backup's store is put into it.
        run("tenants", "create", "Acme", data=data)
        store: Store = closed_later(SqliteStore(data / "store.sqlite", clock=SystemClock()))
        deployment = json.loads((data / "identity.json").read_text("utf-8"))["deployment"]
        settings: Mapping[str, str] = {}
    else:
        emulator: RunningEmulator = request.getfixturevalue("firestore_emulator")
        deployment, project = ENVIRONMENT["TANDEM_DEPLOYMENT"], f"restored-{uuid.uuid4().hex[:12]}"
        store = FirestoreStore(project=project, emulator=emulator.host)
        settings = {**ENVIRONMENT, "GOOGLE_CLOUD_PROJECT": project, "FIRESTORE_EMULATOR_HOST": emulator.host}
    return Backup(store, data, settings, deployment=deployment)


def test_a_store_that_was_put_back_is_taken_for_one(backup: Backup) -> None:
    done = run("restored", data=backup.data, **backup.settings)

    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of tasks, 1 of calendars, 0 of access tokens" in done.stdout
    shelf, held = backup.get(SHELF).data, backup.get(TASK).data
    assert shelf["sync_token"] == "then"
    assert "token_parameters" not in shelf
    assert shelf["due_at"] is not None
    assert isinstance(held["version"], int)
    assert held["version"] > 3


def test_a_store_of_another_deployment_is_refused_with_the_remedy(backup: Backup) -> None:
    backup.made_by("another")
    before = backup.get(SHELF)

    done = run("restored", data=backup.data, **backup.settings)

    assert done.returncode == 1
    assert "set TANDEM_DEPLOYMENT to the id that the deployment had" in done.stderr
    assert backup.get(SHELF) == before
