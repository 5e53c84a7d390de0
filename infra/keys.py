"""Keys derived from the deployment's: one cipher key per document path, one signing key per purpose. Keeps nothing.

The first key encrypts and signs, all of them open and verify, so a key is changed by putting a new one before the old.
What is handed in is read anew at each use: keys may change under a running server.
"""

from __future__ import annotations

import base64
from collections.abc import Collection
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.errors import Bug
from shared.usecases.rekey import KeyPass

if TYPE_CHECKING:
    from datetime import datetime

KEY_BYTES = 32
FERNET_SIGN = "gAAAA"
"""How every ciphertext begins: version 0x80 and a time before the year 6000."""


class PathCipher:
    """Encrypts under keys derived for the document's path, so that a moved ciphertext does not open.

    Args:
        keys: The deployment's, at least one; each 32 bytes or more.
    """

    def __init__(self, keys: Collection[bytes]) -> None:
        self._keys = keys

    def seal(self, path: str, plain: str) -> str:
        return MultiFernet(self._fernets(path)).encrypt(plain.encode()).decode()

    def open(self, path: str, sealed: str) -> str:
        try:
            return MultiFernet(self._fernets(path)).decrypt(sealed).decode()
        except InvalidToken as fault:
            raise Bug(
                f"no key opens what is stored in {path}: keep every key that was ever used in TANDEM_KEYS, newest first"
            ) from fault

    def renewed(self, path: str, text: str) -> str | None:
        """The text under the current key; None when it is already, or is nothing that one of the keys opens."""
        if not (text.startswith(FERNET_SIGN) and text.isascii()):
            return None
        current, *retired = self._fernets(path)
        try:
            current.decrypt(text)
        except InvalidToken:
            try:
                return current.encrypt(MultiFernet(retired).decrypt(text)).decode() if retired else None
            except InvalidToken:
                return None
        return None

    def _fernets(self, path: str) -> list[Fernet]:
        keys = (derived(key, f"tandem/cipher/{path}") for key in self._keys)
        return [Fernet(base64.urlsafe_b64encode(key)) for key in keys]


class PurposeKeys:
    """Signing keys, another for each purpose: a token signed for one proves nothing for another.

    Args:
        keys: The deployment's, at least one; each 32 bytes or more.
    """

    def __init__(self, keys: Collection[bytes]) -> None:
        self._keys = keys

    def for_purpose(self, purpose: str) -> tuple[bytes, ...]:
        return tuple(derived(key, f"tandem/sign/{purpose}") for key in self._keys)


class KeySource(Collection[bytes], Protocol):
    """Where the deployment's keys are kept, newest first; each look gives them as they are now."""

    def expired(self, now: datetime) -> tuple[str, ...]:
        """The names of retired keys whose time is over."""

    def drop(self, names: tuple[str, ...]) -> None:
        """Retired keys of these names are kept no longer."""


class GivenKeys(tuple[bytes, ...]):
    """Keys that the operator keeps, in the environment: Tandem can give none of them up."""

    __slots__ = ()

    def expired(self, now: datetime) -> tuple[str, ...]:
        """None: whoever put a key there takes it away."""
        del now
        return ()

    def drop(self, names: tuple[str, ...]) -> None:
        """Nothing: there are no expired ones."""


class Ring:
    """The deployment's keys as the use case `rekey` sees them."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._cipher = PathCipher(source)

    def due(self, now: datetime) -> KeyPass:
        return KeyPass(current=name_of(next(iter(self._source))), expired=self._source.expired(now))

    def renewed(self, path: str, text: str) -> str | None:
        return self._cipher.renewed(path, text)

    def finish(self, done: KeyPass) -> None:
        if done.expired:
            self._source.drop(done.expired)


def name_of(key: bytes) -> str:
    """Tells keys apart and nothing about them."""
    return derived(key, "tandem/name").hex()[:16]


@lru_cache(maxsize=1024)
def derived(key: bytes, purpose: str) -> bytes:
    """32 bytes that tell nothing about the key or about those for other purposes (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)
