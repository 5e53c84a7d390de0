"""A time is one of two types: whole days, or an interval on the clock. Never naive, never a string."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeAlias

import msgspec


class AllDay(msgspec.Struct, frozen=True, kw_only=True, tag="all_day"):
    """Whole days; `end` is exclusive, so one day ends on the next."""

    start: date
    end: date


class Timed(msgspec.Struct, frozen=True, kw_only=True, tag="timed"):
    """An interval between two aware UTC instants; `zone` is the IANA name it was planned in, if one was said."""

    start: datetime
    end: datetime
    zone: str | None = None


When: TypeAlias = AllDay | Timed
