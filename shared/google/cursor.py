"""Where a calendar's list goes on.

A token belongs to the parameters it was made with and is not used with others (rule 21).
"""

from __future__ import annotations

import msgspec

from shared.google.requests import PARAMETERS, EventsRequest
from shared.model.connection import Watched
from shared.model.ids import CalendarId


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a calendar's changes; without a token everything is listed."""

    calendar_id: CalendarId
    sync_token: str | None = None

    @property
    def full(self) -> bool:
        """Whether a list from here shows everything that lives, and no deletions."""
        return self.sync_token is None

    def page(self, page_token: str | None = None) -> EventsRequest:
        """The request for one page: the sync token goes with every page of its list."""
        return EventsRequest(calendar_id=self.calendar_id, sync_token=self.sync_token, page_token=page_token)


def cursor_of(watched: Watched) -> Cursor:
    """The stored cursor, or the beginning if its token was made with other parameters."""
    usable = watched.token_parameters == PARAMETERS
    return Cursor(calendar_id=watched.calendar_id, sync_token=watched.sync_token if usable else None)


def saved(sync_token: str | None) -> dict[str, object]:
    """The fields of a calendar's document that keep this token, with what it belongs to."""
    return {"sync_token": sync_token, "token_parameters": PARAMETERS if sync_token else None}
