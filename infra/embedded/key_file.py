"""The file that makes a deployment itself: its id and its keys, the current one first, retired ones with their time.

It is never half written, readable for this user only, and read again when another process has changed it: `keys rotate`
works beside a running server. Start at `KeyFile`.
"""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import msgspec

from infra.keys import name_of
from infra.settings_reading import KEY_BYTES, key_from
from shared.errors import StoreUnavailable
from shared.model.ids import base32hex

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RETIRED = timedelta(days=30)
"""How long a retired key opens and verifies; longer than anything signed lives (a channel token: a week)."""


class DataFolderFault(Exception):
    """The data folder cannot be used; the message names the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What makes this deployment itself: without its keys no grant opens, with another id events are doubled."""

    deployment: str
    keys: tuple[bytes, ...]


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The file; `retired_at` has the time of each key behind the first. One without a time is kept for ever."""

    schema: int = 1
    deployment: str
    keys: tuple[str, ...]
    retired_at: tuple[Annotated[datetime, msgspec.Meta(tz=True)], ...] = ()


class KeyFile:
    """The keys of a deployment, newest first, as they are at each look.

    Args:
        path: The file, in a folder that exists; made at the first call of `identity`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[tuple[int, int, int], _Kept, tuple[bytes, ...]] | None = None

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def __contains__(self, key: object, /) -> bool:
        return key in self._now()

    def identity(self, *, deployment: str | None = None) -> Identity:
        """The deployment's id and keys; made, for this user only, at the first call for this folder.

        Args:
            deployment: The id to take at the first call, and to find at later ones; None: whatever it is.

        Raises:
            DataFolderFault: The file is damaged, or belongs to another deployment.
        """
        if not self.path.exists():
            with self._explained():
                _write_once(self.path, _encoded(_fresh(deployment)))
        kept, keys = self._read()
        if deployment not in {None, kept.deployment}:
            raise DataFolderFault(
                f"TANDEM_DEPLOYMENT is {deployment} and the data in {self.path.parent} belongs to {kept.deployment}: "
                "unset it, or choose the right data folder"
            )
        return Identity(deployment=kept.deployment, keys=keys)

    def rotate(self, now: datetime) -> datetime:
        """A new key encrypts and signs from now on; until when the one before still opens and verifies.

        Raises:
            DataFolderFault: The file cannot be read or written; nothing changed.
        """
        with self._changing():
            kept, _ = self._read()
            untimed = len(kept.keys) - 1 - len(kept.retired_at)
            _replace(
                self.path,
                msgspec.structs.replace(
                    kept,
                    keys=(_new_key(), *kept.keys),
                    retired_at=(now, *kept.retired_at, *[now] * untimed),
                ),
            )
        return now + RETIRED

    def expired(self, now: datetime) -> tuple[str, ...]:
        """The names of retired keys that were kept their time."""
        kept, keys = self._read()
        times = zip(keys[1:], kept.retired_at, strict=False)
        return tuple(name_of(key) for key, retired_at in times if retired_at + RETIRED <= now)

    def drop(self, names: tuple[str, ...]) -> None:
        """Retired keys of these names are kept no longer; the current one always is.

        Raises:
            DataFolderFault: The file cannot be read or written; nothing changed.
        """
        with self._changing():
            kept, keys = self._read()
            timed = zip(kept.keys[1:], keys[1:], kept.retired_at, strict=False)
            staying = [(text, at) for text, key, at in timed if name_of(key) not in names]
            untimed = kept.keys[1 + len(kept.retired_at) :]
            _replace(
                self.path,
                msgspec.structs.replace(
                    kept,
                    keys=(kept.keys[0], *(text for text, _ in staying), *untimed),
                    retired_at=tuple(at for _, at in staying),
                ),
            )

    def _read(self) -> tuple[_Kept, tuple[bytes, ...]]:
        """What the file says now; parsed again only when it is another one than at the last look."""
        try:
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
            if self._seen is not None and self._seen[0] == stamp:
                return self._seen[1:]
            kept = msgspec.json.decode(self.path.read_bytes(), type=_Kept)
            keys = tuple(key_from(key) for key in kept.keys)
        except (OSError, ValueError, msgspec.MsgspecError) as fault:
            raise DataFolderFault(f"{self.path} cannot be read: restore it from a backup, or no grant opens") from fault
        if not keys or min(map(len, keys)) < KEY_BYTES:
            raise DataFolderFault(f"{self.path} holds no usable keys: restore it from a backup, or no grant opens")
        self._seen = (stamp, kept, keys)
        return kept, keys

    def _now(self) -> tuple[bytes, ...]:
        """The keys, for a running server: a file that was taken away may come back.

        Raises:
            StoreUnavailable: It cannot be read now.
        """
        try:
            return self._read()[1]
        except DataFolderFault as fault:
            raise StoreUnavailable(str(fault)) from fault

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Inside, no other process changes the file."""
        with self._explained(), self.path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as fault:
            raise DataFolderFault(
                f"{self.path} cannot be changed ({fault.strerror}): give this user the right and the disk room"
            ) from fault


def _fresh(deployment: str | None) -> _Kept:
    return _Kept(deployment=deployment or f"local-{base32hex(secrets.token_bytes(10))}", keys=(_new_key(),))


def _new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _encoded(kept: _Kept) -> bytes:
    return msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n"


def _write_once(file: Path, content: bytes) -> None:
    """The file holds this content, or whatever another process put there first; never half of either."""
    draft = _drafted(file, content)
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _replace(file: Path, kept: _Kept) -> None:
    """The file holds this from now on, also after a loss of power; until then what it held."""
    draft = _drafted(file, _encoded(kept))
    try:
        draft.replace(file)
    except OSError:
        draft.unlink()
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _drafted(file: Path, content: bytes) -> Path:
    """A file beside it with this content, on the disk, for this user only."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError:
        draft.unlink()
        raise
    return draft
