"""The small ports: queue, clock, chance, keys, log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import msgspec


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """Work for one function, later. `name` coalesces: a name used within 24 h is not enqueued again.

    Args:
        queue: `sync`, `pull`, `runs` or `deliver`.
        function: The function that runs it, as in `main.py`.
        name: At most 500 of `A-Za-z0-9_-`; None: never coalesced.
        payload: Small JSON with a `schema`; paths and ids only, never content.
        not_before: Aware UTC; None: at once.
    """

    queue: str
    function: str
    payload: Mapping[str, object]
    name: str | None = None
    not_before: datetime | None = None


class Queue(Protocol):
    """Jobs at least once, in no order, as HTTP requests to `/jobs/…`."""

    def enqueue(self, job: Job) -> bool:
        """The job will run, or one with its name has been taken within 24 h (False)."""


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """Aware UTC."""


class Ids(Protocol):
    """The only source of chance."""

    def new(self) -> str:
        """26 characters of base32hex, lower case, never given twice."""

    def secret(self) -> str:
        """43 characters, URL-safe, unguessable (256 bits)."""

    def jitter(self) -> float:
        """Uniform in [0, 1)."""


class Cipher(Protocol):
    """Encrypts small texts, bound to the path of the document that holds them."""

    def seal(self, path: str, plain: str) -> str:
        """Ciphertext that only opens for the same path."""

    def open(self, path: str, sealed: str) -> str:
        """The plain text.

        Raises:
            Bug: No key opens it, or it was moved from another document.
        """


class Secrets(Protocol):
    """Keeps a secret apart from who may read documents; its document holds a reference that opens only there."""

    def keep(self, path: str, secret: str) -> str:
        """The reference to be stored in the document at `path`."""

    def read(self, path: str, reference: str) -> str:
        """The secret.

        Raises:
            Bug: It is not kept here, or the reference was moved from another document.
        """

    def forget(self, path: str, reference: str) -> None:
        """The secret is gone, once its document is or refers to another one; an unknown one is no failure."""


class SigningKeys(Protocol):
    """Keys for channel tokens and states, derived per purpose; the first signs, all verify."""

    def for_purpose(self, purpose: str) -> tuple[bytes, ...]:
        """32-byte keys, current first."""


class Log(Protocol):
    """One structured line per event; never a token, title or mail address."""

    def event(self, flow: str, outcome: str, **fields: str | float | None) -> None:
        """A line with tenant, connection, task and counts as fields."""
