"""What the rows have in common: a working day to come, a changed setting in effect, an edit on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.scenarios.stage import Connected, eventually

BERLIN = ZoneInfo("Europe/Berlin")
"""The zone of every simulated account's calendar."""


def _next_monday() -> date:
    soon = datetime.now(UTC).date() + timedelta(days=3)
    return soon + timedelta(days=-soon.weekday() % 7)


MONDAY = _next_monday()


def at(hour: int, *, days: int = 0) -> datetime:
    """That hour of the Monday (or so many days later) on the calendar's clock."""
    return datetime.combine(MONDAY + timedelta(days=days), time(hour), BERLIN)


CALL: dict[str, Any] = {
    "user_id": "anna",
    "title": "Call Bob",
    "start": at(10).isoformat(),
    "end": at(11).isoformat(),
}


def event_id(task: Mapping[str, Any]) -> str:
    return str(task["sync_state"]["event_id"])


def summaries(anna: Connected, calendar: str = "primary") -> list[str]:
    """What a person sees in the calendar."""
    return sorted(event["summary"] for event in anna.person.events(calendar=calendar))


def changed(anna: Connected, **settings: object) -> Any:  # noqa: ANN401 - JSON
    """The run that carried the changed settings out."""
    anna.stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"settings": settings})
    return ended(anna, "backlog")


def ended(anna: Connected, kind: str) -> Any:  # noqa: ANN401 - JSON
    """The connection's next run of that kind whose end the feed tells."""
    crm = anna.stage.crm

    def look() -> Any:  # noqa: ANN401 - JSON
        told = [each["run_id"] for each in crm.changes() if each["kind"] == "run.finished"]
        runs = [crm.ok("GET", f"/v1/runs/{run}") for run in told]
        return next((run for run in runs if (run["kind"], run["connection_id"]) == (kind, anna.id)), None)

    return eventually(look, what=f"the end of a {kind}")


def paused(anna: Connected, *, yes: bool) -> None:
    """Nothing goes in or out, or everything that waited does."""
    anna.stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"paused": yes})


def both_edit(anna: Connected, task: str, *, crm: Mapping[str, object], google: Mapping[str, object]) -> None:
    """Both sides change the task's event before either hears of the other."""
    event = event_id(anna.stage.crm.task(task))
    paused(anna, yes=True)
    anna.stage.crm.put(task, **crm)
    anna.person.edit(event, **google)
    paused(anna, yes=False)
    eventually(lambda: anna.stage.crm.task(task)["sync_state"]["state"] in {"synced", "conflict"}, what="merged")
