"""`TANDEM_BACKEND=gcp` makes the world of Firestore, Cloud Tasks, Secret Manager and Google's tokens."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest

import main
from infra import wiring
from infra.settings import CALLED, Settings, settings_from
from infra.settings_reading import SettingsFault
from shared.errors import UnknownKey
from shared.ports import Job, Set
from shared.usecases.tenants import create_tenant
from tests.emulator import RunningEmulator
from tests.gcp.cloud_tasks_server import CloudTasksServer, Limits
from tests.gcp.deployment import ACCOUNT, AUDIENCE, ENVIRONMENT, NEEDED
from tests.gcp.google_keys import CertsServer, GoogleKey
from tests.gcp.secret_manager_server import SecretManagerServer

URLS = {name: f"https://{name}.example.com" for name in CALLED}


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """What stands in for Google Cloud, and a process that is wired to it."""

    key: GoogleKey
    certs: CertsServer
    tasks: CloudTasksServer
    secrets: SecretManagerServer


@pytest.fixture
def cloud(firestore_emulator: RunningEmulator) -> Iterator[Cloud]:
    project, key = f"test-{uuid4().hex[:16]}", GoogleKey()
    queue = f"projects/{project}/locations/europe-west1/queues/test-sync"
    with (
        CertsServer(key) as certs,
        CloudTasksServer({queue: Limits()}, now=lambda: datetime.now(UTC), key=key) as tasks,
        SecretManagerServer() as secrets,
    ):
        wiring.configure(
            settings_from(
                {
                    **ENVIRONMENT,
                    "GOOGLE_CLOUD_PROJECT": project,
                    "FIRESTORE_EMULATOR_HOST": firestore_emulator.host,
                    "TANDEM_TASKS_HOST": tasks.host,
                    "TANDEM_SECRETS_HOST": secrets.host,
                    "TANDEM_OIDC_CERTS_URL": certs.url,
                    "TANDEM_URLS": json.dumps({"sync_task": "https://sync.example.com"}),
                }
            )
        )
        yield Cloud(key=key, certs=certs, tasks=tasks, secrets=secrets)
        wiring.configure(Settings())


def test_documents_lie_in_firestore(cloud: Cloud) -> None:
    tenant, _ = create_tenant(wiring.world(), "Acme")
    wiring.close()

    found = wiring.world().store.get_many([f"tenants/{tenant.id}"])[f"tenants/{tenant.id}"]

    assert found is not None
    assert found.data["name"] == "Acme"


def test_a_commit_tells_the_servers_time_and_how_old_it_must_be(cloud: Cloud) -> None:
    store = wiring.world().store

    at = store.commit([Set(path="things/a", data={})])

    assert at.tzinfo is not None
    assert store.horizon_s() == 10


def test_the_horizon_is_shorter_only_on_an_emulator_that_is_told_so() -> None:
    short = {**ENVIRONMENT, "TANDEM_EMULATOR_HORIZON_S": "0.5"}
    wiring.configure(settings_from({**short, "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9"}))
    on_emulator = wiring.world().store.horizon_s()
    wiring.configure(Settings())

    assert on_emulator == 0.5
    with pytest.raises(SettingsFault, match="TANDEM_EMULATOR_HORIZON_S is set beside the real Firestore"):
        settings_from(short)


def test_jobs_go_to_cloud_tasks_for_the_functions_own_address(cloud: Cloud) -> None:
    wiring.world().queue.enqueue(Job(queue="sync", function="sync_task", name="abc-1", payload={"schema": 1}))

    (held,) = cloud.tasks.due()
    assert held.task.http_request.url == "https://sync.example.com/jobs/sync-task"


def test_a_function_without_an_address_of_its_own_has_the_common_one(cloud: Cloud) -> None:
    wiring.world().queue.enqueue(Job(queue="sync", function="run_step", payload={"schema": 1}))

    (held,) = cloud.tasks.due()
    assert held.task.http_request.url == "https://tandem.example.com/jobs/run-step"


def test_client_secrets_lie_in_secret_manager(cloud: Cloud) -> None:
    path = "tenants/t/oauth_apps/a"
    reference = wiring.world().secrets.keep(path, "GOCSPX-hidden")

    assert wiring.world().secrets.read(path, reference) == "GOCSPX-hidden"
    assert list(cloud.secrets.secrets.values()) == [[b"GOCSPX-hidden"]]


def test_googles_token_opens_a_job(cloud: Cloud) -> None:
    token = cloud.key.of_job(account=ACCOUNT, audience=AUDIENCE, now=datetime.now(UTC))

    wiring.verify_job({"Authorization": f"Bearer {token}"})

    assert cloud.certs.asked == 1


def test_a_strangers_token_opens_no_job(cloud: Cloud) -> None:
    token = GoogleKey().of_job(account=ACCOUNT, audience=AUDIENCE, now=datetime.now(UTC))

    with pytest.raises(UnknownKey):
        wiring.verify_job({"Authorization": f"Bearer {token}"})


def test_what_serves_one_machine_is_not_there(cloud: Cloud) -> None:
    with pytest.raises(SettingsFault, match="only for one machine"):
        wiring.embedded()


def test_loopback_webhooks_are_for_emulators_only(cloud: Cloud) -> None:
    on_emulator = wiring.world().options.loopback_allowed
    wiring.configure(settings_from(ENVIRONMENT))

    assert (on_emulator, wiring.world().options.loopback_allowed) == (True, False)


def test_making_the_world_loads_no_client_library() -> None:
    script = f"""
import sys
from infra import wiring
from infra.settings import settings_from
wiring.configure(settings_from({dict(ENVIRONMENT)!r}))
wiring.world()
libraries = ("grpc", "requests", "google.auth", "google.api_core", "google.cloud.")
print(sorted(name for name in sys.modules if name.startswith(libraries)))
wiring.close()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "[]\n"


def test_the_functions_that_need_an_address_are_those_of_the_program() -> None:
    assert sorted(CALLED) == sorted(main.FUNCTIONS)


@pytest.mark.parametrize("name", NEEDED)
def test_what_is_needed_and_missing_is_refused_with_its_remedy(name: str) -> None:
    environment = {each: value for each, value in ENVIRONMENT.items() if each != name}

    with pytest.raises(SettingsFault) as caught:
        settings_from(environment)

    (fault,) = caught.value.faults
    assert fault.startswith(f"{name} is not set: set ")


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(SettingsFault) as caught:
        settings_from({"TANDEM_BACKEND": "gcp"})

    assert {fault.partition(" ")[0] for fault in caught.value.faults} == {*NEEDED, "TANDEM_URLS"}


def test_a_function_without_an_address_is_named() -> None:
    environment = {each: value for each, value in ENVIRONMENT.items() if each != "TANDEM_BASE_URL"}
    urls = {name: url for name, url in URLS.items() if name not in {"sweep", "api"}}

    with pytest.raises(SettingsFault) as caught:
        settings_from({**environment, "TANDEM_URLS": json.dumps(urls)})

    assert caught.value.faults == (
        "TANDEM_URLS has no address for api, sweep: name each function's, or set TANDEM_BASE_URL",
    )


def test_an_address_for_each_function_is_enough() -> None:
    environment = {each: value for each, value in ENVIRONMENT.items() if each != "TANDEM_BASE_URL"}

    settings = settings_from({**environment, "TANDEM_URLS": json.dumps(URLS)})

    assert wiring.addresses_of(settings).oauth_callback == "https://oauth.example.com/oauth/callback"


def test_settings_that_nobody_checked_are_refused_all_the_same() -> None:
    wiring.configure(Settings(backend="gcp"))

    with pytest.raises(SettingsFault, match="GOOGLE_CLOUD_PROJECT is not set"):
        wiring.world()
    wiring.configure(Settings())
