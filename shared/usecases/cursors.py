"""Cursors of lists and of the feed: opaque to callers, signed, bound to a tenant and to what is listed.

A cursor says where to go on, so it must be ours: a forged one could acknowledge changes nobody has read (rule 5).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from shared.errors import Fault, Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.model.ids import TenantId
    from shared.usecases.world import World

_PURPOSE = "cursor"
_TAG_BYTES = 12
_MAX_CHARACTERS = 2048

Position: TypeAlias = tuple[object, ...]
"""Values to continue behind: texts, numbers, aware datetimes with their microseconds, null."""


def seal_cursor(world: World, tenant: TenantId, scope: str, position: Sequence[object]) -> str:
    """An opaque cursor that only opens for the same tenant and scope (what is listed, and by which filters)."""
    payload = msgspec.msgpack.encode(tuple(position))
    tag = _tag(world.keys.for_purpose(_PURPOSE)[0], tenant, scope, payload)
    return base64.urlsafe_b64encode(tag + payload).decode("ascii").rstrip("=")


def open_cursor(world: World, tenant: TenantId, scope: str, cursor: str) -> Position:
    """The position in a cursor of ours.

    Raises:
        Invalid: It is not one, or one for another list.
    """
    payload = _proved(world, tenant, scope, cursor) if len(cursor) <= _MAX_CHARACTERS else None
    if payload is None:
        detail = "is not a cursor of this list; use next_cursor as it was given, with the same filters"
        raise Invalid([Fault("cursor", detail)])
    return tuple(msgspec.msgpack.decode(payload, type=list[object]))


def _proved(world: World, tenant: TenantId, scope: str, cursor: str) -> bytes | None:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
    keys = world.keys.for_purpose(_PURPOSE)
    fits = [hmac.compare_digest(tag, _tag(key, tenant, scope, payload)) for key in keys]
    return payload if any(fits) else None


def _tag(key: bytes, tenant: TenantId, scope: str, payload: bytes) -> bytes:
    bound = f"{tenant}\n{scope}\n".encode() + payload
    return hmac.new(key, bound, hashlib.sha256).digest()[:_TAG_BYTES]
