"""Secret Manager joins the contract of keepers of secrets, through the real client."""

from collections.abc import Iterator

import pytest

from infra.gcp.secrets import SecretManagerSecrets
from tests.contracts.secrets_contract import SecretsContract
from tests.gcp.secret_manager_server import SecretManagerServer


class TestSecretManagerSecrets(SecretsContract):
    @pytest.fixture(autouse=True)
    def served(self) -> Iterator[None]:
        with SecretManagerServer() as self.server:
            self.secrets = SecretManagerSecrets(project="p", env="test", host=self.server.host)
            yield
            self.secrets.close()

    def made(self) -> SecretManagerSecrets:
        return self.secrets
