"""When a delivery that failed is tried again, and when it is given up. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

DELAYS_S = (5.0, 30.0, 120.0, 600.0, 3600.0)
"""After the first failure, the second, and so on; the last one again and again."""
GIVEN_UP_AFTER = timedelta(days=3)
SPREAD = 0.1
"""Each delay is up to a tenth shorter or longer, so that many receivers of one machine are not met at once."""


def next_try_at(now: datetime, *, failures: int, failing_since: datetime, jitter: float) -> datetime | None:
    """When to try again after a failure just now; None: it has been tried for three days.

    Args:
        failures: How many tries have failed, this one among them.
        failing_since: When the first of them was.
        jitter: In [0, 1).
    """
    delay_s = DELAYS_S[min(failures, len(DELAYS_S)) - 1] * (1 + SPREAD * (2 * jitter - 1))
    at = now + timedelta(seconds=delay_s)
    return at if at <= failing_since + GIVEN_UP_AFTER else None
