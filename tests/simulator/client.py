"""A bare client of Calendar v3 against the state machine, without sockets; it knows no more than HTTP and JSON."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec

from infra.simulator.settings import SimSettings
from infra.simulator.state import Google
from infra.simulator.wire import Request, Response

ANNA, BEN = "anna@example.com", "ben@example.com"
START = datetime(2026, 11, 23, 8, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        """Stand at START."""
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **parts: float) -> None:
        """Move forward."""
        self.moment += timedelta(**parts)


class Answer:
    """What came back."""

    def __init__(self, response: Response) -> None:
        """Decode the body if there is one."""
        self.response = response
        self.status = response.status
        self.body: Any = response.json() if response.body else None

    @property
    def reason(self) -> str:
        """Give the first error's reason."""
        return str(self.body["error"]["errors"][0]["reason"])

    @property
    def error(self) -> Any:  # noqa: ANN401 - JSON
        """Give the first error."""
        return self.body["error"]["errors"][0]


class Client:
    """One account's client."""

    def __init__(self, google: Google, account: str = ANNA, *scopes: str) -> None:
        """Hold a token for the account."""
        self.google = google
        self.token = google.access_token(account, *scopes)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: dict[str, str] | None = None,
        **query: Any,  # noqa: ANN401 - JSON
    ) -> Answer:
        """Call a path under /calendar/v3/; a list in the query repeats its name."""
        pairs = [
            (key, str(each)) for key, value in query.items() for each in (value if isinstance(value, list) else [value])
        ]
        request = Request(
            method=method,
            path=f"/calendar/v3/{path}",
            query=tuple(pairs),
            headers={"Authorization": f"Bearer {self.token}", **(headers or {})},
            body=b"" if body is None else msgspec.json.encode(body),
        )
        return Answer(self.google.handle(request))

    def insert(self, calendar: str = "primary", **fields: object) -> Any:  # noqa: ANN401 - JSON
        """Insert an event of an hour that must succeed."""
        answer = self.call("POST", f"calendars/{calendar}/events", timed() | fields)
        assert answer.status == 200, answer.body
        return answer.body

    def patch(self, event_id: str, body: object, headers: dict[str, str] | None = None, **query: Any) -> Answer:  # noqa: ANN401 - JSON
        """Patch an event of the primary calendar."""
        return self.call("PATCH", f"calendars/primary/events/{event_id}", body, headers, **query)

    def get(self, event_id: str, calendar: str = "primary") -> Answer:
        """Get an event."""
        return self.call("GET", f"calendars/{calendar}/events/{event_id}")

    def delete(self, event_id: str, headers: dict[str, str] | None = None) -> Answer:
        """Delete an event of the primary calendar."""
        return self.call("DELETE", f"calendars/primary/events/{event_id}", headers=headers)

    def list(self, calendar: str = "primary", **query: Any) -> Answer:  # noqa: ANN401 - JSON
        """List events."""
        return self.call("GET", f"calendars/{calendar}/events", **query)

    def sync_token(self, **query: Any) -> str:  # noqa: ANN401 - JSON
        """List everything and give the sync token."""
        answer = self.list(**query)
        while "nextPageToken" in answer.body:
            answer = self.list(**query, pageToken=answer.body["nextPageToken"])
        return str(answer.body["nextSyncToken"])


def timed(start: datetime = START, minutes: int = 60) -> dict[str, Any]:
    """Give start and end of a timed event."""
    return {
        "start": {"dateTime": start.isoformat()},
        "end": {"dateTime": (start + timedelta(minutes=minutes)).isoformat()},
    }


def all_day(day: str, end: str) -> dict[str, Any]:
    """Give start and end of an all-day event."""
    return {"start": {"date": day}, "end": {"date": end}}


def make(clock: Callable[[], datetime], settings: SimSettings | None = None) -> Google:
    """Make a state machine whose answers are checked."""
    return Google(now=clock, rng=Random(7), settings=settings, check_answers=True)
