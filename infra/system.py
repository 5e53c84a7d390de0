"""Time and chance from the operating system, for the ports `Clock` and `Ids`."""

from __future__ import annotations

import random
import secrets
from datetime import UTC, datetime

from shared.model.ids import base32hex


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemIds:
    """The machine's source of chance."""

    def new(self) -> str:
        return base32hex(secrets.token_bytes(17))[:26]

    def secret(self) -> str:
        return secrets.token_urlsafe(32)

    def jitter(self) -> float:
        return random.random()  # noqa: S311 - spreads load; guards nothing
