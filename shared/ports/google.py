"""Google as a use case meets it: the calendar of one connection, and OAuth. One HTTP request a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.google.requests import ChannelRequest, EventsRequest
    from shared.google.responses import CalendarEntry, Channel, Event, EventPage, Tombstone
    from shared.google.tasks import TaskListPage
    from shared.model.oauth import Client, Consent, Identity, Tokens


class Calendar(Protocol):
    """Google Calendar and Google Tasks as one connection sees them, one HTTP request a call.

    A place is a calendar or a list of Google Tasks (`shared.model.task_lists`). A task is read as the event it stands
    for (`shared.google.tasks`); Google gives it its id, so an insert's answer has another id than was asked for.

    Every method raises what `shared.google.errors.classify` says. `notify` is Google's `sendUpdates`: all,
    externalOnly, none. Bodies are Google's JSON; `conferenceDataVersion=1` is always sent.
    """

    def calendars(self, page_token: str | None = None) -> tuple[list[CalendarEntry], str | None]:
        """One page of the account's calendar list and the next page's token."""

    def task_lists(self, page_token: str | None = None) -> TaskListPage:
        """One page of the account's lists of Google Tasks and the next page's token."""

    def list(self, request: EventsRequest) -> EventPage:
        """One page of events; SyncTokenExpired when the cursor is refused."""

    def get(self, calendar_id: str, event_id: str) -> Event | Tombstone:
        """The event as it is now; a deleted one is a Tombstone (EventMissing when Google knows none)."""

    def insert(self, calendar_id: str, body: Mapping[str, object], *, notify: str) -> Event:
        """The event exists under `body["id"]`; IdTaken when that id was ever used in this calendar."""

    def patch(
        self, calendar_id: str, event_id: str, body: Mapping[str, object], *, if_match: str, notify: str
    ) -> Event | Tombstone:
        """The given keys are changed; PreconditionFailed when the etag is not the current one.

        A Tombstone when the patch cancelled it.
        """

    def delete(self, calendar_id: str, event_id: str, *, if_match: str | None, notify: str) -> None:
        """The event is deleted; EventDeleted when it was already, EventMissing when Google knows none."""

    def move(self, calendar_id: str, event_id: str, destination: str, *, notify: str) -> Event:
        """The event stands in `destination` under the same id."""

    def watch(self, request: ChannelRequest) -> Channel:
        """Google pushes changes of the calendar to the address; PushRefused when it never will."""

    def stop(self, channel_id: str, resource_id: str) -> None:
        """Google stops pushing; unknown channels are no failure."""


class Google(Protocol):
    """Opens Google's calendar API with an access token; cheap, connects lazily."""

    def calendar(self, access_token: str) -> Calendar:
        """The API as the token's account sees it."""


class OAuth(Protocol):
    """Google's OAuth endpoints, one HTTP request a call."""

    def authorize_url(self, client: Client, consent: Consent) -> str:
        """Google's consent page (offline access, prompt=consent, S256 challenge); no request is made."""

    def exchange(self, client: Client, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """Tokens for a code; BadRequest when Google refuses the code."""

    def refresh(self, client: Client, refresh_token: str) -> Tokens:
        """A new access token; GrantRevoked on invalid_grant."""

    def identity(self, access_token: str) -> Identity:
        """Whose token this is."""

    def revoke(self, token: str) -> None:
        """The grant is gone; an unknown token is no failure."""
