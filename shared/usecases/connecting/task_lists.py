"""Lists of Google Tasks: those that an account has; the one a setting names, checked, kept and polled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import (
    CalendarGone,
    Conflicting,
    EventMissing,
    GoogleRefused,
    GrantRevoked,
    NeedsHuman,
    NotFound,
    ScopeMissing,
)
from shared.google.requests import EventsRequest
from shared.model.connection import WORKING, Connection, Watched
from shared.model.ids import CalendarId, calendar_path
from shared.model.oauth import SCOPE_TASKS
from shared.model.stored import read_as, to_data
from shared.model.task_lists import list_place
from shared.ports import Must, Revision, Set
from shared.usecases.connecting.access import with_calendar
from shared.usecases.connecting.calendars import ANSWERING, MAX_PAGES, connected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shared.google.tasks import TaskListEntry
    from shared.model.ids import ConnectionId, TenantId
    from shared.model.settings import Settings
    from shared.ports import Calendar, Document, Write
    from shared.usecases.world import World

POLLED = "Google Tasks cannot push; the list is polled"


def list_task_lists(world: World, tenant: TenantId, connection_id: ConnectionId) -> list[TaskListEntry]:
    """Every list of Google Tasks that the account has, in Google's order; any of them may be set as `google_tasks`.

    Raises:
        NotFound: There is no such connection.
        Conflicting: Nobody has connected it, or its user must connect it again.
        ScopeMissing: Its user has not allowed Google Tasks.
        RetryLater: Google does not answer.
    """
    connection = connected(world, tenant, connection_id)
    if connection.status not in ANSWERING:
        raise Conflicting(f"The connection is {connection.status}; its user must connect it first.")
    if SCOPE_TASKS not in connection.scopes:
        raise ScopeMissing(
            "Its user has not allowed Google Tasks, which is asked for only where it is used: set google_tasks to "
            "@default, let the user open the link of POST …/authorize, and choose another list then."
        )
    return with_calendar(world, connection, lambda google: list(_lists_of(google)))


def task_list_of(google: Calendar, settings: Settings, scopes: Sequence[str]) -> CalendarId | None:
    """The place of the list that the settings name; None while none is named or its permission is not granted.

    Raises:
        NotFound: The account has no such list.
    """
    if settings.google_tasks is None or SCOPE_TASKS not in scopes:
        return None
    place = list_place(settings.google_tasks)
    try:
        google.list(EventsRequest(calendar_id=place))
    except (CalendarGone, EventMissing) as unknown:
        raise NotFound("The connected Google account has no such list of Google Tasks.") from unknown
    except GrantRevoked:
        raise
    except (GoogleRefused, NeedsHuman) as refusal:
        message = f"Google does not let this list be used ({refusal.code}): is the Google Tasks API enabled?"
        raise NotFound(message) from refusal
    return place


def _lists_of(google: Calendar) -> Iterator[TaskListEntry]:
    page_token: str | None = None
    for _ in range(MAX_PAGES):
        page, page_token = google.task_lists(page_token)
        yield from page
        if page_token is None:
            return


def list_writes(world: World, before: Connection, after: Connection) -> list[Write]:
    """The list that was left is polled no longer, and the one that was chosen from now on."""
    places = [place for place in dict.fromkeys([before.task_list, after.task_list]) if place is not None]
    paths = {place: calendar_path(after.tenant, after.id, place) for place in places}
    found = world.store.get_many(list(paths.values())) if paths else {}
    writes = []
    for place, path in paths.items():
        document = found[path]
        shelf = _shelf(world, after, place, document)
        if document is None or to_data(shelf) != document.data:
            must = Must.BE_ABSENT if document is None else Revision(document.revision)
            writes.append(Set(path=path, data=to_data(shelf), must=must))
    return list(writes)


def _shelf(world: World, after: Connection, place: CalendarId, document: Document | None) -> Watched:
    blank = Watched(tenant=after.tenant, connection=after.id, calendar_id=place, name="Google Tasks", reason=POLLED)
    known = blank if document is None else read_as(Watched, document)
    if place != after.task_list:
        return replace(known, watched=False, due_at=None, renew_at=None)
    if document is not None and known.watched and known.state != "suspended":
        return known
    due = world.clock.now() if after.status in WORKING else None
    return replace(known, watched=True, state="poll", reason=POLLED, due_at=due, time_zone=after.time_zone or "UTC")
