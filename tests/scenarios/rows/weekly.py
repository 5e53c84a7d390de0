"""A weekly meeting of Anna's, and words for its occurrences on both sides."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from tests.scenarios.rows.scene import at, event_id
from tests.scenarios.stage import Connected, Crm, Stage, eventually

WEEKLY: dict[str, Any] = {
    "user_id": "anna",
    "title": "Team",
    "start": at(10).replace(tzinfo=None).isoformat(),
    "end": at(11).replace(tzinfo=None).isoformat(),
    "time_zone": "Europe/Berlin",
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"],
}


def original(week: int, hour: int = 10) -> str:
    """The name of the occurrence in that week."""
    return f"{at(hour, days=7 * week).astimezone(UTC):%Y%m%dT%H%M%SZ}"


class Weekly:
    """Task `t1` repeats, and Anna sees it."""

    def __init__(self, stage: Stage, **more: object) -> None:
        self.crm: Crm = stage.crm
        self.anna: Connected = stage.connect()
        self.crm.put("t1", **(WEEKLY | more))
        self.event = event_id(self.crm.synced("t1"))

    def path(self, start: str) -> str:
        return f"/v1/tasks/t1/occurrences/{start}"

    def read(self, start: str) -> Any:  # noqa: ANN401 - JSON
        """The CRM reads one."""
        return self.crm.ok("GET", self.path(start))

    def write(self, which: str, **fields: object) -> Any:  # noqa: ANN401 - JSON
        """The CRM changes one."""
        return self.crm.ok("PUT", self.path(which), fields)

    def cancel(self, start: str) -> None:
        """The CRM cancels one."""
        self.crm.ok("DELETE", self.path(start))

    def once(self, start: str, **fields: object) -> Any:  # noqa: ANN401 - JSON
        """The CRM's occurrence, as soon as it has these fields."""

        def look() -> Any:  # noqa: ANN401 - JSON
            now = self.read(start)
            return now if all(now[name] == value for name, value in fields.items()) else None

        return eventually(look, what=f"{start} {fields}")

    def id_of(self, start: str) -> str:
        """Google's id of one."""
        return f"{self.event}_{start.replace('-', '')}"

    def shown(self, start: str) -> Any:  # noqa: ANN401 - JSON
        """Google's occurrence, once nothing is left to send."""
        self.crm.synced("t1")
        return self.anna.person.get(self.id_of(start))
