"""The token of a notification channel: it proves itself, so that a forged message costs no read and no job.

A token is base64url of the calendar's place and an expiry, with an HMAC over both and the channel's id. `prove` is the
only maker of a `VerifiedNotification`. Start there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn

import msgspec

from shared.errors import BadChannelToken, Bug
from shared.model.ids import ConnectionId, TenantId

PURPOSE = "channel-token"
"""What the signing keys are derived for."""
MAX_LENGTH = 256
_MAC_BYTES = 32
_VERSION = "1"


class VerifiedNotification(msgspec.Struct, frozen=True, kw_only=True):
    """A message that Google sent on a channel of ours; only `prove` makes one.

    Args:
        state: `sync` when the channel was opened, else `exists` or `not_exists`; it never says what changed.
    """

    tenant: TenantId
    connection: ConnectionId
    calendar_key: str
    channel_id: str
    state: str
    resource_id: str | None = None


def make(
    keys: Sequence[bytes],
    *,
    tenant: TenantId,
    connection: ConnectionId,
    calendar_key: str,
    channel_id: str,
    expires_at: datetime,
) -> str:
    """A token for one channel, signed with the first key.

    Raises:
        Bug: It would be longer than Google allows.

    Source: https://developers.google.com/workspace/calendar/api/v3/reference/events/watch (token: 256 characters)
    """
    place = "\n".join((_VERSION, tenant, connection, calendar_key, str(int(expires_at.timestamp())))).encode()
    token = base64.urlsafe_b64encode(place + _mac(keys[0], place, channel_id)).decode("ascii").rstrip("=")
    if len(token) > MAX_LENGTH:
        raise Bug(f"A channel token of {len(token)} characters is longer than Google's {MAX_LENGTH}.")
    return token


def prove(headers: Mapping[str, str], *, keys: Sequence[bytes], now: datetime) -> VerifiedNotification:
    """Check one message and read it; its body is empty by design. Compares with every key, in constant time.

    Args:
        headers: Lower-case names; needs x-goog-channel-id and x-goog-channel-token.
        keys: Current and earlier signing keys.
        now: Aware UTC.

    Raises:
        BadChannelToken: The token is absent, forged, past its expiry, or of another channel.

    Source: https://developers.google.com/workspace/calendar/api/guides/push
    """
    channel_id, token = headers.get("x-goog-channel-id", ""), headers.get("x-goog-channel-token", "")
    if not channel_id or not token or len(token) > MAX_LENGTH:
        _refuse()
    try:
        signed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        _refuse()
    place, mac = signed[:-_MAC_BYTES], signed[-_MAC_BYTES:]
    proofs = [hmac.compare_digest(_mac(key, place, channel_id), mac) for key in keys]
    if not any(proofs):
        _refuse()
    version, tenant, connection, calendar_key, expiry = place.decode().split("\n")
    if version != _VERSION or datetime.fromtimestamp(int(expiry), UTC) <= now:
        _refuse()
    return VerifiedNotification(
        tenant=TenantId(tenant),
        connection=ConnectionId(connection),
        calendar_key=calendar_key,
        channel_id=channel_id,
        state=headers.get("x-goog-resource-state", "exists"),
        resource_id=headers.get("x-goog-resource-id"),
    )


def _mac(key: bytes, place: bytes, channel_id: str) -> bytes:
    return hmac.new(key, place + b"\0" + channel_id.encode(), hashlib.sha256).digest()


def _refuse() -> NoReturn:
    raise BadChannelToken
