"""Tenants' secrets in Secret Manager beyond the contract: names, faults, and what other tenants notice of them."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from google.api_core import exceptions as api

from infra.gcp.secrets import SecretManagerSecrets
from shared.errors import GoogleUnavailable, NotFound
from tests.gcp.secret_manager_server import SecretManagerServer

HERE, ELSEWHERE = "tenants/t/oauth_apps/a", "tenants/u/oauth_apps/b"


@pytest.fixture
def server() -> Iterator[SecretManagerServer]:
    with SecretManagerServer() as made:
        yield made


@pytest.fixture
def secrets(server: SecretManagerServer) -> Iterator[SecretManagerSecrets]:
    made = SecretManagerSecrets(project="p", env="prod", host=server.host)
    yield made
    made.close()


def test_a_secret_stands_under_the_name_that_rights_are_given_for(
    server: SecretManagerServer, secrets: SecretManagerSecrets
) -> None:
    secrets.keep(HERE, "GOCSPX-hidden")

    ((name, versions),) = server.secrets.items()
    assert name.startswith("projects/p/secrets/prod-tenant-")
    assert versions == [b"GOCSPX-hidden"]


def test_a_forgotten_secret_is_gone(server: SecretManagerServer, secrets: SecretManagerSecrets) -> None:
    secrets.forget(HERE, secrets.keep(HERE, "GOCSPX-hidden"))

    assert server.secrets == {}


def test_a_reference_moved_to_another_document_forgets_nothing(
    server: SecretManagerServer, secrets: SecretManagerSecrets
) -> None:
    reference = secrets.keep(HERE, "GOCSPX-hidden")

    secrets.forget(ELSEWHERE, reference)

    assert len(server.secrets) == 1


def test_a_secret_that_is_gone_is_told_with_its_remedy(
    server: SecretManagerServer, secrets: SecretManagerSecrets
) -> None:
    reference = secrets.keep(HERE, "GOCSPX-hidden")
    server.secrets.clear()

    with pytest.raises(NotFound, match="set the secret again"):
        secrets.read(HERE, reference)


def test_a_disabled_version_is_told_and_leaves_other_tenants_alone(
    server: SecretManagerServer, secrets: SecretManagerSecrets
) -> None:
    mine, theirs = secrets.keep(HERE, "mine"), secrets.keep(ELSEWHERE, "theirs")
    server.disabled.add(f"{next(iter(server.secrets))}/versions/1")

    with pytest.raises(NotFound, match="enable version 1"):
        secrets.read(HERE, mine)

    assert secrets.read(ELSEWHERE, theirs) == "theirs"


def test_a_secret_that_could_not_be_filled_leaves_nothing(
    server: SecretManagerServer, secrets: SecretManagerSecrets
) -> None:
    with pytest.raises(GoogleUnavailable) as caught:
        secrets.keep(HERE, "x" * 70_000)

    assert server.secrets == {}
    assert "xxx" not in str(caught.value)


def test_missing_rights_are_told(secrets: SecretManagerSecrets, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> object:
        kind: type[Exception] = api.PermissionDenied
        raise kind("said")

    monkeypatch.setattr(secrets._client(), "create_secret", fail)

    with pytest.raises(GoogleUnavailable, match="service account"):
        secrets.keep(HERE, "x")


def test_nobody_listening_is_told_as_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        secrets = SecretManagerSecrets(project="p", env="prod", host=f"127.0.0.1:{taken.getsockname()[1]}")

        with pytest.raises(GoogleUnavailable):
            secrets.keep(HERE, "x")
    secrets.close()


def test_it_is_made_without_a_connection_or_credentials() -> None:
    assert SecretManagerSecrets(project="p", env="")._connected is None
