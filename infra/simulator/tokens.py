"""Sync tokens and page tokens: opaque outside, checked inside. Start at `seal` and `unseal`."""

import base64
import zlib

import msgspec


class SyncToken(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Where a listing stood: calendar, its epoch, the serial it had seen, its parameters, when it was made."""

    resource: str
    epoch: int
    serial: int
    parameters: int
    issued_us: int


class PageToken(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The next page of a listing: its snapshot, the place in it, and the query it belongs to."""

    snapshot: str
    offset: int
    query: int
    resource: str
    epoch: int


def digest(*parts: object) -> int:
    """Shorten a query to something that two equal queries share."""
    return zlib.crc32(repr(parts).encode())


def seal(token: SyncToken | PageToken) -> str:
    """Make the opaque text."""
    raw = msgspec.json.encode(token)
    return base64.urlsafe_b64encode(zlib.crc32(raw).to_bytes(4, "big") + raw).decode()


def unseal_sync(text: str) -> SyncToken | None:
    """Read a sync token, or give None for what is none."""
    raw = _opened(text)
    try:
        return None if raw is None else msgspec.json.decode(raw, type=SyncToken)
    except msgspec.ValidationError:
        return None


def unseal_page(text: str) -> PageToken | None:
    """Read a page token, or give None for what is none."""
    raw = _opened(text)
    try:
        return None if raw is None else msgspec.json.decode(raw, type=PageToken)
    except msgspec.ValidationError:
        return None


def _opened(text: str) -> bytes | None:
    try:
        data = base64.urlsafe_b64decode(text.encode())
    except ValueError:
        return None
    return data[4:] if zlib.crc32(data[4:]).to_bytes(4, "big") == data[:4] else None
