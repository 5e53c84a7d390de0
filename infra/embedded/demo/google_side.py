"""A person's hand in the simulated Google: what somebody does in the calendar page, and bad weather on request.

Only the simulator's own addresses are used; Tandem learns of it as it learns of everything: from Google.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.embedded.demo.calls import Server

LOOK_AROUND = timedelta(days=2)


class Refused(Exception):
    """The simulated Google did not do it; the message is its own."""


class GoogleSide:
    """One account of the simulated Google.

    Args:
        server: Where it is.
        account: Its mail address, which is also the id of its primary calendar.
    """

    def __init__(self, server: Server, account: str) -> None:
        self._server = server
        self.account = account

    def does(self, action: str, **arguments: object) -> dict[str, Any]:
        """The person has done it: create, edit, move, delete, restore, answer.

        Raises:
            Refused: Google would not let them.
            Unreachable: The simulator does not answer.
        """
        return self.sim("person", {"account": self.account, "action": action, "arguments": arguments})

    def sim(self, name: str, body: dict[str, object]) -> dict[str, Any]:
        """One call of the simulator's control API.

        Raises:
            Refused: It cannot be done.
            Unreachable: The simulator does not answer.
        """
        answer = self._server.call("POST", f"/_sim/{name}", body)
        if not answer.good:
            raise Refused(answer.complaint)
        return answer.document

    def lose_notifications(self, *, lost: bool) -> None:
        """From now on every notification is lost; or none is."""
        self.sim("notifications", {"drop": 1.0 if lost else 0.0})

    def touched_at(self, event_id: str, around: date) -> datetime | None:
        """When the event last changed in Google, deleted or not; None: it is not around that day.

        Raises:
            Unreachable: The simulator does not answer.
        """
        query = {"start": (around - LOOK_AROUND).isoformat(), "end": (around + LOOK_AROUND).isoformat()}
        week = self._server.call("GET", f"/_sim/page/{self.account}/week", query=query).document
        for calendar in week.get("calendars", ()):
            for event in (*calendar["events"], *calendar["trash"]):
                if event["id"] == event_id and "updated" in event:
                    return datetime.fromisoformat(event["updated"]).astimezone(UTC)
        return None
