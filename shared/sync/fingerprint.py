"""Fingerprints of canonical values: what base, marker and acknowledgements keep instead of the values."""

from __future__ import annotations

import base64
import hashlib
import json
import unicodedata
from collections.abc import Mapping

from shared.sync.fields import FIELDS, Value


def fingerprint(value: Value) -> str:
    """Eight URL-safe characters (48 bits of SHA-256), the same for equal values in any Unicode form and key order."""
    if value is None or value is True or value is False:
        return _CONSTANTS[value]
    return _digest(value)


def _digest(value: Value) -> str:
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


_CONSTANTS = {value: _digest(value) for value in (None, True, False)}
DEFAULTS: Mapping[str, str] = {name: fingerprint(spec.default) for name, spec in FIELDS.items()}
"""What a side says of each field that it does not say anything of."""
