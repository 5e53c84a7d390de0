"""Standard Webhooks as its specification says, and nothing of the library that signs: a receiver of somebody else's.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

TOLERANCE_S = 300


def signers(headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str], now: datetime) -> set[str]:
    """The names of the secrets by which the message is signed; none when it is too old or too new."""
    lower = {name.lower(): value for name, value in headers.items()}
    message_id, stamp = lower["webhook-id"], lower["webhook-timestamp"]
    if "." in message_id or abs(now.timestamp() - int(stamp)) > TOLERANCE_S:
        return set()
    given = [entry.split(",", 1)[1] for entry in lower["webhook-signature"].split(" ") if entry.startswith("v1,")]
    return {name for name, secret in secrets.items() if signature(message_id, stamp, body, secret) in given}


def signature(message_id: str, stamp: str, body: bytes, secret: str) -> str:
    """HMAC-SHA256 over id, timestamp and body, joined by dots, in base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    assert 24 <= len(key) <= 64
    signed = message_id.encode() + b"." + stamp.encode() + b"." + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
