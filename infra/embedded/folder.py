"""The data folder of one machine: its files, its keys and deployment id, and who serves it. Reads no settings."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

import msgspec

from infra.settings_reading import KEY_BYTES, key_from
from shared.model.ids import base32hex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class DataFolderFault(Exception):
    """The data folder cannot be used; the message names the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What makes this deployment itself: without its keys no grant opens, with another id events are doubled."""

    deployment: str
    keys: tuple[bytes, ...]


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    schema: int = 1
    deployment: str
    keys: tuple[str, ...]


class DataFolder:
    """A folder for this user only.

    Args:
        path: Made when it is absent.

    Raises:
        DataFolderFault: It cannot be made or written to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as fault:
            raise DataFolderFault(
                f"the data folder {self.path} cannot be made ({fault.strerror}): give this user the right, or set "
                "TANDEM_DATA to another folder"
            ) from fault
        if not os.access(self.path, os.W_OK | os.X_OK):
            raise DataFolderFault(
                f"the data folder {self.path} cannot be written to: give this user the right, or set TANDEM_DATA to "
                "another folder"
            )
        self.store = self.path / "store.sqlite"
        self.queue = self.path / "queue.sqlite"
        self._lock = self.path / "server.lock"

    def identity(self, *, deployment: str | None = None) -> Identity:
        """The deployment's id and keys; made, for this user only, at the first call for this folder.

        Args:
            deployment: The id to take at the first call, and to find at later ones; None: whatever it is.

        Raises:
            DataFolderFault: The file is damaged, or belongs to another deployment.
        """
        file = self.path / "identity.json"
        if not file.exists():
            _write_once(file, _fresh(deployment))
        try:
            kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
            keys = tuple(key_from(key) for key in kept.keys)
        except (OSError, ValueError, msgspec.MsgspecError) as fault:
            raise DataFolderFault(f"{file} cannot be read: restore it from a backup, or no grant opens") from fault
        if not keys or min(map(len, keys)) < KEY_BYTES:
            raise DataFolderFault(f"{file} holds no usable keys: restore it from a backup, or no grant opens")
        if deployment not in {None, kept.deployment}:
            raise DataFolderFault(
                f"TANDEM_DEPLOYMENT is {deployment} and the data in {self.path} belongs to {kept.deployment}: unset "
                "it, or choose the right data folder"
            )
        return Identity(deployment=kept.deployment, keys=keys)

    def is_served(self) -> bool:
        """A server has this folder at this moment."""
        with self._lock.open("a+", encoding="utf-8") as lock:
            return not _held(lock)

    @contextmanager
    def served(self, address: str) -> Iterator[None]:
        """Inside, no other process serves this folder; the lock ends with this process, however it ends.

        Raises:
            DataFolderFault: Another server has it.
        """
        with self._lock.open("a+", encoding="utf-8") as lock:
            if not _held(lock):
                lock.seek(0)
                other = lock.read().strip() or "another process"
                raise DataFolderFault(
                    f"the data folder {self.path} is served already, by {other}: stop that server, or set "
                    "TANDEM_DATA to another folder"
                )
            lock.truncate(0)
            lock.write(f"process {os.getpid()} on {address}")
            lock.flush()
            yield


def _held(lock: TextIO) -> bool:
    """The lock was free and is ours from now on."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _fresh(deployment: str | None) -> bytes:
    key = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()
    made = _Kept(deployment=deployment or f"local-{base32hex(secrets.token_bytes(10))}", keys=(key,))
    return msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n"


def _write_once(file: Path, content: bytes) -> None:
    """The file holds this content, or whatever another process put there first; never half of either."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        try:
            os.link(draft, file)
        except FileExistsError:
            return
    finally:
        draft.unlink()
