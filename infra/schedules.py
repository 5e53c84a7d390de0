"""What is looked at regularly: one table for the embedded scheduler and for Cloud Scheduler."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One regular call.

    Args:
        path: Function and query, below `/jobs/`.
        every_s: How often; Cloud Scheduler counts in whole minutes.
        by_due: It only asks for what is due, one query, so one machine may ask at every tick.
    """

    name: str
    path: str
    every_s: int
    by_due: bool = True


SCHEDULES: tuple[Schedule, ...] = (
    Schedule(name="sweep-tasks", path="/jobs/sweep?kind=tasks", every_s=300),
    Schedule(name="sweep-calendars", path="/jobs/sweep?kind=calendars", every_s=300),
    Schedule(name="sweep-runs", path="/jobs/sweep?kind=runs", every_s=300),
    Schedule(name="sweep-webhooks", path="/jobs/sweep?kind=webhooks", every_s=60),
    Schedule(name="sweep-orphans", path="/jobs/sweep?kind=orphans", every_s=1800, by_due=False),
    Schedule(name="sweep-keys", path="/jobs/sweep?kind=keys", every_s=3600),
    Schedule(name="renew-channels", path="/jobs/renew-channels", every_s=3600),
)
