"""A weekly series in a simulated Google, and what a client sees of its family."""

from typing import Any

from tests.simulator.client import Client

WEEKLY: dict[str, Any] = {
    "summary": "Team",
    "start": {"dateTime": "2026-11-23T10:00:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-11-23T11:00:00", "timeZone": "Europe/Berlin"},
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"],
}
DAYS = ("20261123", "20261130", "20261207", "20261214", "20261221", "20261228")
Item = dict[str, Any]


def occurrence(root: str, number: int) -> str:
    """Give the id of an occurrence, counted from 0."""
    return f"{root}_{DAYS[number]}T090000Z"


def delta(client: Client, token: str) -> dict[str, Item]:
    """List what changed since a token, by id."""
    return {item["id"]: item for item in client.list(syncToken=token).body["items"]}


def instances(client: Client, event_id: str, **query: Any) -> list[Item]:  # noqa: ANN401 - JSON
    """List the instances of a series."""
    items: list[Item] = client.call("GET", f"calendars/primary/events/{event_id}/instances", **query).body["items"]
    return items


def is_bare(item: Item) -> bool:
    """Tell whether an item is a tombstone with nothing but its id."""
    return set(item) == {"kind", "etag", "id", "status"} and item["status"] == "cancelled"
