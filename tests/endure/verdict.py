"""What is wrong between a CRM's tasks, people's calendars, the feed and the webhook, when all should be settled."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from tests.endure.wanted import LENGTH, Book, Wanted
from tests.scenarios.stage import Connected, Crm
from tests.webhooks.receiver import Receiver


class Verdict:
    """Compares all that can be seen from outside with what both sides did.

    Args:
        crm: Of the tenant that everything belongs to.
        people: Its connections.
        book: What was done.
        receiver: The tenant's webhook.
    """

    def __init__(self, crm: Crm, people: list[Connected], book: Book, receiver: Receiver) -> None:
        self._crm, self._people, self._book, self._receiver = crm, people, book, receiver

    def wrong(self) -> list[str]:
        """Every complaint; none means converged, nothing lost, nothing doubled."""
        tasks = self._tasks()
        events = self._events()
        found = list(self._book.faults)
        for label, wanted in self._book.of.items():
            found += self._of_one(wanted, tasks[label], events[label])
        strangers = [label for label in {*tasks, *events} if label not in self._book.of]
        return [*found, *(f"nobody made {label!r}" for label in strangers), *self._waiting()]

    def untold(self) -> list[str]:
        """What the feed or the webhook did not tell, or told otherwise than it is."""
        feed = self._feed()
        twice = [change for change, number in Counter(each["id"] for each in feed).items() if number > 1]
        found = [f"the feed has {change} twice" for change in twice]
        newest: dict[str, Any] = {}
        for change in feed:
            task = change.get("task_id")
            if task and change["version"] >= newest.get(task, change)["version"]:
                newest[task] = change
        for tasks in self._tasks().values():
            for task in tasks:
                found += _replayed(task, newest.get(task["id"]))
        delivered = {change["id"] for change in self._receiver.changes()}
        for change in feed:
            if change["origin"] != "crm" and change["id"] not in delivered:
                found.append(f"{change['kind']} {change['id']} of {change.get('task_id')} was not delivered")
        bodies: dict[str, set[bytes]] = defaultdict(set)
        for received in self._receiver.received:
            bodies[received.id].add(received.body)
        return [*found, *(f"delivery {name} changed its body" for name, each in bodies.items() if len(each) > 1)]

    def _of_one(self, wanted: Wanted, tasks: list[Any], events: list[Any]) -> list[str]:
        label = wanted.label
        if len(tasks) > 1 or len(events) > 1:
            return [f"{label} has {len(tasks)} tasks and {len(events)} events"]
        if wanted.gone:
            states = [task["status"] for task in tasks]
            left = [] if wanted.fate == "deleted" else ["cancelled"]
            return [] if states == left and not events else [f"{label} is gone, and there is {states} and {events}"]
        if not tasks or not events:
            return [f"{label} has {len(tasks)} tasks and {len(events)} events"]
        return [f"{label}: {each}" for each in _unequal(wanted, tasks[0], events[0])]

    def _tasks(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for task in self._pages("/v1/tasks?limit=500"):
            found[task["title"].partition(" ")[0]].append(task)
        return found

    def _events(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = defaultdict(list)
        for each in self._people:
            for event in each.person.events():
                found[event.get("summary", "").partition(" ")[0]].append(event)
        return found

    def _feed(self) -> list[Any]:
        changes: list[Any] = []
        cursor = ""
        while True:
            page = self._crm.ok("GET", f"/v1/changes?include=crm&limit=500{cursor}")
            changes += page["data"]
            cursor = f"&cursor={page['next_cursor']}"
            if not page["data"]:
                return changes

    def _pages(self, path: str) -> list[Any]:
        page = self._crm.ok("GET", path)
        found = list(page["data"])
        while page["next_cursor"]:
            page = self._crm.ok("GET", f"{path}&cursor={page['next_cursor']}")
            found += page["data"]
        return found

    def _waiting(self) -> list[str]:
        states = self._crm.ok("GET", "/v1/status")["tasks"]
        return [
            f"{number} tasks are {state}"
            for state, number in states.items()
            if number and state not in {"synced", "off"}
        ]


def _unequal(wanted: Wanted, task: Any, event: Any) -> list[str]:  # noqa: ANN401 - JSON
    found = []
    start, end = _moment(task["start"]), _moment(task["end"])
    if task["sync_state"]["state"] != "synced" or task["sync_state"]["event_id"] != event["id"]:
        found.append(f"is {task['sync_state']['state']} with {task['sync_state']['event_id']}, not {event['id']}")
    if not task["title"] == event["summary"] == wanted.title:
        found.append(f"titles {task['title']!r}, {event['summary']!r}, wanted {wanted.title!r}")
    if not (task.get("location") or None) == event.get("location") == wanted.location:
        found.append(f"locations {task.get('location')!r}, {event.get('location')!r}, wanted {wanted.location!r}")
    if (start, end) != (_moment(event["start"]["dateTime"]), _moment(event["end"]["dateTime"])):
        found.append(f"times {task['start']}, {event['start']}")
    if start not in wanted.starts.values() or end - start != LENGTH:
        found.append(f"from {start} to {end}, wanted one of {wanted.starts}")
    return found


def _replayed(task: Any, change: Any) -> list[str]:  # noqa: ANN401 - JSON
    """A CRM that only follows the feed has the same task."""
    if change is None:
        return [f"the feed never told of {task['id']}"]
    told = change["task"]
    names = [name for name in ("version", "title", "location", "start", "end", "status") if told[name] != task[name]]
    return [f"the feed's last word on {task['id']} has {name} {told[name]}, it is {task[name]}" for name in names]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
