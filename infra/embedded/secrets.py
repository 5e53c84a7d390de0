"""Client secrets on one machine: sealed, and kept in the very document that refers to them. Nothing else is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Bug

if TYPE_CHECKING:
    from shared.ports import Cipher

_SCHEME = "sealed:"


class SealedSecrets:
    """The reference is the secret itself, sealed for the path of its document."""

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher

    def keep(self, path: str, secret: str) -> str:
        return _SCHEME + self._cipher.seal(path, secret)

    def read(self, path: str, reference: str) -> str:
        if not reference.startswith(_SCHEME):
            raise Bug(f"the secret of {path} is kept elsewhere than in its document: set it again")
        return self._cipher.open(path, reference.removeprefix(_SCHEME))

    def forget(self, path: str, reference: str) -> None:
        """It goes with its document."""
        del path, reference
