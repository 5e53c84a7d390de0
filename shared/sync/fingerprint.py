"""Fingerprints of canonical values: what base, marker and acknowledgements keep instead of the values."""

from __future__ import annotations

import base64
import hashlib
import json
import unicodedata

from shared.sync.fields import Value


def fingerprint(value: Value) -> str:
    """Eight URL-safe characters (48 bits of SHA-256), the same for equal values in any Unicode form and key order."""
    text = json.dumps(_composed(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[:6]).decode("ascii")


def _composed(value: Value) -> Value:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_composed(item) for item in value]
    if isinstance(value, dict):
        return {key: _composed(item) for key, item in value.items()}
    return value
