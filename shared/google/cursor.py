"""Where a calendar's list goes on.

A sync token belongs to the parameters it was made with and is not used with others (rule 21): Google calls what happens
then undefined. A stored token that was made otherwise is dropped, and everything is listed again.
"""

from __future__ import annotations

from shared.google.requests import PARAMETERS
from shared.google.responses import EventPage
from shared.model.connection import Watched


def cursor_token(watched: Watched) -> str | None:
    """The stored sync token if it may be used with today's parameters; None: list everything."""
    return watched.sync_token if watched.token_parameters == PARAMETERS else None


def cursor_of(last: EventPage) -> tuple[str | None, str | None]:
    """The sync token of a list's last page and the parameters to keep with it."""
    return last.sync_token, PARAMETERS if last.sync_token is not None else None
