"""What the relay gives away sealed, instead of keeping it: the state, the code and the refresh token.

Each opens only here, and only as what it was sealed as. Nothing that opens is trusted to be in time: see `until`.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import msgspec

from shared.errors import BadRequest, Bug

if TYPE_CHECKING:
    from shared.usecases.world import World


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who was allowed in: the installation whose token signed, or else whoever is at a listed origin."""

    origin: str
    installation: str | None = None


class Passage(msgspec.Struct, frozen=True, kw_only=True, tag="state"):
    """The state that travels through Google.

    Args:
        browser: A digest of the cookie that this browser holds.
        state, challenge: The installation's own.
    """

    caller: Caller
    return_to: str
    state: str
    challenge: str
    browser: str
    until: datetime


class Code(msgspec.Struct, frozen=True, kw_only=True, tag="code"):
    """Google's code, of use only with the verifier behind the challenge."""

    caller: Caller
    code: str
    challenge: str
    until: datetime


class Grant(msgspec.Struct, frozen=True, kw_only=True, tag="refresh"):
    """Google's refresh token, of use only here, while its caller is allowed in."""

    caller: Caller
    refresh_token: str


Sealed = TypeVar("Sealed", Passage, Code, Grant)


MARK = "relay."
"""How everything sealed begins, so that an installation tells a relay's refresh token from one of Google's."""


def seal(world: World, value: Passage | Code | Grant) -> str:
    """The value as text that says nothing to others."""
    return MARK + world.cipher.seal(_place(type(value)), msgspec.json.encode(value).decode())


def opened(world: World, kind: type[Sealed], text: str) -> Sealed:
    """The value behind a text of ours.

    Raises:
        BadRequest: It is none of ours, or was sealed as something else.
    """
    unknown = BadRequest("this was not given out by this relay, or its key was given up")
    if not text.isascii():
        raise unknown
    try:
        return msgspec.json.decode(world.cipher.open(_place(kind), text.removeprefix(MARK)), type=kind)
    except (Bug, msgspec.DecodeError):
        raise unknown from None


def _place(kind: type) -> str:
    return f"relay/{kind.__name__.lower()}"
