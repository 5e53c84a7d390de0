"""The limiter: units a minute, per account and for the whole project, over a sliding window. Start at `Limiter.spend`.

Source: https://developers.google.com/workspace/calendar/api/guides/quota
"""

from collections import defaultdict, deque

from infra.simulator.clock import SECOND_US
from infra.simulator.settings import Quota
from infra.simulator.wire import ApiError

WINDOW_US = 60 * SECOND_US
UNITS = {"events.patch": 3}


class Limiter:
    """Counts what was spent in the last minute; never persistent."""

    def __init__(self) -> None:
        """Start with nothing spent."""
        self._spent: defaultdict[str, deque[tuple[int, int]]] = defaultdict(deque)
        self._sums: defaultdict[str, int] = defaultdict(int)
        self._refusals = 0

    def spend(self, quota: Quota | None, *, method: str, account: str, client_id: str, now_us: int) -> None:
        """Spend the units of a call.

        Raises:
            ApiError: 403 or 429 when an account or the project has spent its minute; nothing is spent then.
        """
        if quota is None:
            return
        units = UNITS.get(method, 1)
        limits = {
            f"user {client_id} {account}": quota.per_user_minute,
            f"project {client_id}": quota.per_project_minute,
        }
        for window, limit in limits.items():
            self._forget(window, now_us)
            if self._sums[window] + units > limit:
                raise self._refusal(quota, window, now_us)
        for window in limits:
            self._spent[window].append((now_us, units))
            self._sums[window] += units

    def _forget(self, window: str, now_us: int) -> None:
        spent = self._spent[window]
        while spent and spent[0][0] <= now_us - WINDOW_US:
            self._sums[window] -= spent.popleft()[1]

    def _refusal(self, quota: Quota, window: str, now_us: int) -> ApiError:
        self._refusals += 1
        too_many = quota.answer == "429" or (quota.answer == "both" and self._refusals % 2 == 0)
        spent = self._spent[window]
        wait_s = 1 + (spent[0][0] + WINDOW_US - now_us) // SECOND_US if spent else 60
        retry_after = wait_s if quota.retry_after else None
        if too_many or window.startswith("project"):
            status = 429 if too_many else 403
            return ApiError(
                status, "rateLimitExceeded", "Rate Limit Exceeded", domain="usageLimits", retry_after_s=retry_after
            )
        return ApiError(
            403, "userRateLimitExceeded", "User Rate Limit Exceeded", domain="usageLimits", retry_after_s=retry_after
        )
