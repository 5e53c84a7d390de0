"""Keys derived from the deployment's: one cipher key per document path, one signing key per purpose. Keeps nothing.

The first key encrypts and signs, all of them open and verify, so a key is changed by putting a new one before the old.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.errors import Bug

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY_BYTES = 32


class PathCipher:
    """Encrypts under keys derived for the document's path, so that a moved ciphertext does not open.

    Args:
        keys: The deployment's, at least one; each 32 bytes or more.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def seal(self, path: str, plain: str) -> str:
        return self._fernet(path).encrypt(plain.encode()).decode()

    def open(self, path: str, sealed: str) -> str:
        try:
            return self._fernet(path).decrypt(sealed).decode()
        except InvalidToken as fault:
            raise Bug(
                f"no key opens what is stored in {path}: keep every key that was ever used in TANDEM_KEYS, newest first"
            ) from fault

    def _fernet(self, path: str) -> MultiFernet:
        keys = (derived(key, f"tandem/cipher/{path}") for key in self._keys)
        return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


class PurposeKeys:
    """Signing keys, another for each purpose: a token signed for one proves nothing for another.

    Args:
        keys: The deployment's, at least one; each 32 bytes or more.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def for_purpose(self, purpose: str) -> tuple[bytes, ...]:
        return tuple(derived(key, f"tandem/sign/{purpose}") for key in self._keys)


@lru_cache(maxsize=1024)
def derived(key: bytes, purpose: str) -> bytes:
    """32 bytes that tell nothing about the key or about those for other purposes (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)
