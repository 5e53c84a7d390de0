"""What the code asks for at run time has the name under which Terraform makes it, or allows it."""

from infra.gcp.cloud_tasks import CloudTasksQueue
from infra.gcp.secrets import SecretManagerSecrets
from infra.queues import QUEUES
from shared.ports import Job
from tests.terraform.tables import Tables, sources

ENV = "${var.env}"
"""Stands for the environment in Terraform's texts, and here in the code's names."""


def test_jobs_go_to_the_queues_that_are_made() -> None:
    queue = CloudTasksQueue(
        project="p", region="r", env=ENV, urls={"sync_task": "https://sync.test"}, account="jobs@test", audience="jobs"
    )
    asked = {name: queue._request(Job(queue=name, function="sync_task", payload={})).parent for name in QUEUES}

    assert 'name     = "${var.env}-${each.key}"' in sources()["queues.tf"]
    assert asked == {name: f"projects/p/locations/r/queues/{ENV}-{name}" for name in QUEUES}


def test_rights_on_tenants_secrets_hold_for_the_names_they_get() -> None:
    kept = SecretManagerSecrets(project="p", env=ENV)._begins("tenants/t/oauth_apps/a")

    assert 'tenant_secrets   = "${var.env}-tenant-"' in sources()["secrets.tf"]
    assert kept.startswith("${var.env}-tenant-")


def test_no_secret_of_the_deployment_has_a_name_that_a_tenants_could_have() -> None:
    named = [
        line.split('"')[1] for line in sources()["secrets.tf"].splitlines() if line.strip().startswith("secret_id  ")
    ]

    assert len(named) == 2
    assert [name for name in named if name.startswith("${var.env}-tenant-")] == []


def test_service_names_fit_into_an_address(tables: Tables) -> None:
    # 12 characters of environment, a dash, and a dash with the project's number; a host's label has 63.
    assert [name for name in tables.functions if 12 + 1 + len(name) + 1 + 12 > 63] == []


def test_account_names_fit_with_the_longest_environment(tables: Tables) -> None:
    assert [name for name in tables.functions if 12 + 1 + len(name) > 30] == []
