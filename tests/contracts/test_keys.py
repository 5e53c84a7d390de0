"""The derived keys join the contracts."""

from infra.keys import PathCipher, PurposeKeys
from tests.contracts.keys_contract import CipherContract, SigningKeysContract


class TestPathCipher(CipherContract):
    def made(self, *keys: bytes) -> PathCipher:
        return PathCipher(keys)


class TestPurposeKeys(SigningKeysContract):
    def made(self, *keys: bytes) -> PurposeKeys:
        return PurposeKeys(keys)
