"""Microseconds since the epoch and the texts Google makes of them; never reads a clock."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND_US = 1_000_000
DAY_S = 86_400


def to_us(moment: datetime) -> int:
    """Count microseconds since the epoch; `moment` is aware."""
    return (moment - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    """Give the aware UTC moment."""
    return EPOCH + timedelta(microseconds=us)


def rfc3339_ms(us: int) -> str:
    """Write a moment as Google writes `updated`: UTC with milliseconds."""
    return from_us(us).strftime("%Y-%m-%dT%H:%M:%S.") + f"{us // 1000 % 1000:03d}Z"


def rfc3339_s(us: int) -> str:
    """Write a moment as Google writes `created`: UTC with milliseconds that are always zero."""
    return from_us(us).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def http_date(us: int) -> str:
    """Write a moment as HTTP headers do."""
    return from_us(us).strftime("%a, %d %b %Y %H:%M:%S GMT")


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo | None:
    """Find an IANA zone, or give None for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
