"""`doctor` for a deployment on Google Cloud: what is missing is named with its remedy."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest
from google.cloud.firestore_admin_v1.types import Index

from infra import wiring
from infra.embedded import doctor
from infra.gcp.doctor import PUBLIC
from infra.gcp.firestore import FirestoreStore
from infra.settings import load_settings
from infra.simulator.server import RunningSimulator
from shared.model.connection import Connection
from shared.model.ids import ConnectionId, TenantId, UserId, connection_path, oauth_app_path, task_path
from shared.model.oauth import OAuthApp
from shared.model.stored import to_data
from shared.model.task import Sync, Task
from shared.ports import Set
from tests.embedded.test_cli import run
from tests.emulator import RunningEmulator
from tests.gcp.deployment import ENVIRONMENT
from tests.gcp.sound import DATABASE, Cloud, queue, sound_cloud
from tests.terraform.tables import Tables

TENANT = TenantId("acme")


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def cloud(
    tables: Tables,
    simulator: RunningSimulator,
    firestore_emulator: RunningEmulator,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Cloud]:
    with sound_cloud(tables) as made:
        client = {"TANDEM_OAUTH_CLIENT_ID": "id", "TANDEM_OAUTH_CLIENT_SECRET": "made-up"}
        emulator = {"FIRESTORE_EMULATOR_HOST": firestore_emulator.host, "TANDEM_DATABASE": "(default)"}
        given = {**ENVIRONMENT, **simulator.addresses, **client, **emulator, **made.environment()}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def store(
    cloud: Cloud, firestore_emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FirestoreStore]:
    """The deployment's own database, in a project that nobody else has."""
    project = f"doctor-{uuid.uuid4().hex[:12]}"
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", project)
    for name in list(cloud.tasks.queues):
        cloud.tasks.queues[name.replace("projects/p/", f"projects/{project}/")] = cloud.tasks.queues[name]
    made = FirestoreStore(project=project, emulator=firestore_emulator.host)
    yield made
    made.close()


def findings() -> list[tuple[bool, str, str]]:
    """Everything that was looked at."""
    return [(each.well, each.what, each.detail) for each in doctor.examined()]


def faults() -> dict[str, str]:
    """What is not well, and why."""
    return {what: detail for well, what, detail in findings() if not well}


def test_a_sound_deployment_has_no_fault(cloud: Cloud) -> None:
    assert faults() == {}


def test_what_is_well_is_told(cloud: Cloud) -> None:
    looked_at = {what for _, what, _ in findings()}

    assert looked_at >= {
        "settings", "OAuth client", "redirect URI", "scopes", "Firestore", "deployment", "keys", "connections",
        "OAuth apps", "indexes", "queues", "Secret Manager", "job tokens", "api", "oauth", "portal", "calendar_webhook",
    }  # fmt: skip


def test_every_public_function_is_called_under_one_of_its_paths(tables: Tables) -> None:
    public = {name: each.paths for name, each in tables.functions.items() if each.public}

    assert PUBLIC.keys() == public.keys()
    assert [
        name
        for name, (_, path) in PUBLIC.items()
        if not any(path.startswith(known.removesuffix("*").rstrip("/")) for known in public[name])
    ] == []


def test_it_ends_well_or_not_for_whoever_calls_it(cloud: Cloud, tmp_path: Path) -> None:

    environment = {name: value for name, value in os.environ.items() if name.startswith(("TANDEM_", "GOOGLE_", "FIRE"))}

    sound = run("doctor", data=tmp_path / "data", **environment)
    cloud.tasks.paused.add(queue("pull"))
    unsound = run("doctor", data=tmp_path / "data", **environment)

    assert (sound.returncode, unsound.returncode) == (0, 1)
    assert "FAIL  queues: test-pull is paused" in unsound.stdout


def test_no_answer_of_firestores_is_a_fault(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{taken.getsockname()[1]}")

        found = faults()

    assert list(found) == ["Firestore"]
    assert "did not answer" in found["Firestore"]


def test_a_machine_without_credentials_is_told_how_to_get_them(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRESTORE_EMULATOR_HOST", "TANDEM_FIRESTORE_ADMIN_HOST", "TANDEM_TASKS_HOST", "TANDEM_SECRETS_HOST"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/at-all.json")

    found = faults()

    assert set(found) == {"Firestore", "indexes", "queues", "Secret Manager"}
    assert "gcloud auth application-default login" in found["Firestore"]


def test_every_missing_setting_is_a_fault_of_its_own(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANDEM_REGION")
    monkeypatch.delenv("TANDEM_JOBS_ACCOUNT")

    told = [finding.detail.partition(" ")[0] for finding in doctor.examined() if not finding.well]

    assert told == ["TANDEM_REGION", "TANDEM_JOBS_ACCOUNT"]


def a_queue_is_missing(cloud: Cloud) -> None:
    del cloud.tasks.queues[queue("runs")]


def a_queue_has_another_rate(cloud: Cloud) -> None:
    cloud.tasks.queues[queue("sync")].max_dispatches_per_second = 500.0


def a_queue_gives_up_early(cloud: Cloud) -> None:
    cloud.tasks.queues[queue("deliver")].max_attempts = 3


def nobody_may_enqueue(cloud: Cloud) -> None:
    cloud.tasks.allowed.clear()


def an_index_is_missing(cloud: Cloud) -> None:
    for name, each in list(cloud.admin.indexes.items()):
        if [part.field_path for part in each.fields] == ["told", "at", "__name__"]:
            del cloud.admin.indexes[name]


def an_index_is_being_built(cloud: Cloud) -> None:
    cloud.admin.indexes[f"{DATABASE}/changes/indexes/backwards"].state = Index.State(Index.State.CREATING)


def a_group_has_no_index(cloud: Cloud) -> None:
    del cloud.admin.fields[f"{DATABASE}/tasks/fields/due_at"]


def a_map_is_indexed(cloud: Cloud) -> None:
    del cloud.admin.fields[f"{DATABASE}/tasks/fields/content"]


def nothing_expires(cloud: Cloud) -> None:
    name = f"{DATABASE}/changes/fields/expires_at"
    cloud.admin.fields[name] = type(cloud.admin.fields[name])(name=name, index_config={})


def indexes_may_not_be_listed(cloud: Cloud) -> None:
    cloud.admin.refuses = grpc.StatusCode.PERMISSION_DENIED


def a_function_fails(cloud: Cloud) -> None:
    cloud.front.status = 500


def nobody_is_let_in(cloud: Cloud) -> None:
    cloud.front.status, cloud.front.headers = 403, {}


def somebody_else_answers(cloud: Cloud) -> None:
    cloud.front.headers = {}


@pytest.mark.parametrize(
    ("harm", "what", "cause", "remedy"),
    [
        (a_queue_is_missing, "queues", "there is no projects/p/", "terraform apply"),
        (a_queue_has_another_rate, "queues", "test-sync has 500 dispatches a second and should have 40", "terraform"),
        (a_queue_gives_up_early, "queues", "3 attempts and should have 100", "terraform apply"),
        (nobody_may_enqueue, "queues", "may not add jobs", "roles/cloudtasks.enqueuer"),
        (an_index_is_missing, "indexes", "changes(told, at) is missing", "terraform apply"),
        (an_index_is_being_built, "indexes", "still being built", "wait"),
        (a_group_has_no_index, "indexes", "*tasks(due_at) is missing", "terraform apply"),
        (a_map_is_indexed, "indexes", "tasks.content is indexed", "terraform apply"),
        (nothing_expires, "expiry", "changes are never dropped", "terraform apply"),
        (indexes_may_not_be_listed, "indexes", "may not list them", "roles/datastore.viewer"),
        (a_function_fails, "api", "answers 500", "log in Cloud Run"),
        (nobody_is_let_in, "oauth", "lets nobody in", "roles/run.invoker"),
        (somebody_else_answers, "calendar_webhook", "something else answers", "terraform output"),
    ],
)
def test_each_fault_is_named_with_its_remedy(
    cloud: Cloud, harm: Callable[[Cloud], None], what: str, cause: str, remedy: str
) -> None:
    harm(cloud)

    found = faults()

    assert cause in found[what]
    assert remedy in found[what]


def test_a_secret_that_cannot_be_read_names_its_tenant_and_the_version(cloud: Cloud, store: FirestoreStore) -> None:
    path = oauth_app_path(TENANT, "own")
    wiring.configure(load_settings())
    reference = wiring.world().secrets.keep(path, "made-up")
    wiring.close()
    (secret,) = cloud.secrets.secrets
    cloud.secrets.disabled.add(f"{secret}/versions/1")
    app = OAuthApp(id="own", name="Own", client_id="c", secret_ref=reference, created_at=_now())
    store.commit([Set(path=path, data=to_data(app))])

    found = faults()

    assert "tenant acme" in found["OAuth apps"]
    assert "enable version 1" in found["OAuth apps"]


def test_grants_of_other_keys_are_a_fault(cloud: Cloud, store: FirestoreStore) -> None:
    connection = Connection(
        id=ConnectionId("c"), tenant=TENANT, user=UserId("anna"), created_at=_now(), refresh_token="not ours"
    )
    store.commit([Set(path=connection_path(TENANT, connection.id), data=to_data(connection))])

    assert "add the former keys to TANDEM_KEYS" in faults()["grants"]


def test_a_database_of_another_deployment_is_a_fault(cloud: Cloud, store: FirestoreStore) -> None:
    task = Task(id="a", sync=Sync(connection=ConnectionId("c"), event_id="not-our-hash", etag='"1"'))  # type: ignore[arg-type]
    store.commit([Set(path=task_path(TENANT, task.id), data=to_data(task))])

    assert "TANDEM_DEPLOYMENT" in faults()["deployment"]


def _now() -> datetime:

    return datetime.now(UTC)
