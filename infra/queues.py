"""The queues, with their rates and retries: one table for the embedded queue and for Cloud Tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

# https://docs.cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks/create
TOMBSTONE = timedelta(hours=24)
"""How long a job's name stays taken after it finished."""
MAX_PAYLOAD_BYTES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLimits:
    """How fast a queue hands out jobs and how it repeats those that fail.

    Args:
        dispatches_per_s: Jobs started in a second, at most, over time.
        concurrent: Jobs under way at once, at most.
        deadline_s: A job that has not answered by then counts as failed; Cloud Tasks allows 15 to 1,800.
        min_backoff_s, max_backoff_s: The wait after the first failure, doubled by each further one up to the second.
        attempts: A job that failed so often is given up; its document is still due, so the sweep finds it.
    """

    dispatches_per_s: float
    concurrent: int
    deadline_s: float
    min_backoff_s: float = 0.1
    max_backoff_s: float = 3600.0
    attempts: int = 100

    @property
    def burst(self) -> int:
        """How many jobs may start together after a quiet time."""
        return max(1, min(self.concurrent, int(self.dispatches_per_s)))

    def backoff_s(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row, 1 or more."""
        return min(self.max_backoff_s, self.min_backoff_s * 2.0 ** min(failures - 1, 32))


# Google counts units a minute, 10,000 for the whole project, and a patch is three of them: 40 a second stay below.
# https://developers.google.com/workspace/calendar/api/guides/quota
QUEUES: MappingProxyType[str, QueueLimits] = MappingProxyType(
    {
        "sync": QueueLimits(dispatches_per_s=40.0, concurrent=20, deadline_s=60.0),
        "pull": QueueLimits(dispatches_per_s=20.0, concurrent=10, deadline_s=300.0),
        "runs": QueueLimits(dispatches_per_s=10.0, concurrent=8, deadline_s=120.0),
        "deliver": QueueLimits(dispatches_per_s=20.0, concurrent=10, deadline_s=60.0),
    }
)


def path_of(function: str) -> str:
    """Where a job function is reached: its name with dashes."""
    return f"/jobs/{function.replace('_', '-')}"
