"""What keeps secrets joins the contract."""

from infra.embedded.secrets import SealedSecrets
from infra.keys import PathCipher
from tests.contracts.secrets_contract import SecretsContract


class TestSealedSecrets(SecretsContract):
    def made(self) -> SealedSecrets:
        return SealedSecrets(PathCipher((b"k" * 32,)))
