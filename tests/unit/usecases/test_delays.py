"""How long Tandem waits before it asks Google again."""

import pytest

from shared.errors import GoogleUnavailable, QuotaExceeded, RateLimited, RetryLater
from shared.usecases.outbound.postpone import delay_s

MIDDLE = 0.5
"""The jitter that changes nothing."""


def test_what_google_asks_for_is_kept() -> None:
    assert delay_s(RateLimited(after_s=17.0), attempts=5, jitter=MIDDLE) == 17.0


def test_the_wait_doubles_from_two_seconds_to_ten_minutes() -> None:
    waits = [delay_s(GoogleUnavailable(), attempts, MIDDLE) for attempts in range(12)]

    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, 1.5), (1.0, 2.5)])
def test_jitter_spreads_the_wait_by_a_quarter(jitter: float, wait: float) -> None:
    assert delay_s(RetryLater(), attempts=0, jitter=jitter) == wait


@pytest.mark.parametrize(("attempts", "hours"), [(0, 1), (1, 6), (9, 6)])
def test_an_exceeded_quota_is_waited_for_one_hour_then_six(attempts: int, hours: int) -> None:
    assert delay_s(QuotaExceeded(), attempts, jitter=0.0) == hours * 3600
