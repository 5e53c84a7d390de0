"""Google Tasks without I/O: a task as the event it stands for, the body of a write, the query of a list.

The core knows one kind of record in Google. A Google task is one with four fields: title, notes, the day it is due,
and whether it is completed. It has no id of ours and no marker, and of `due` Google keeps the date alone.

Source: https://developers.google.com/workspace/tasks/reference/rest/v1/tasks
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from shared.errors import GoogleUnavailable
from shared.google.events import Event, Tombstone
from shared.google.responses import EventPage
from shared.google.times import instant_of, rfc3339
from shared.google.wire import flag, listing, mapping, word
from shared.model.ids import EventId
from shared.model.times import AllDay

if TYPE_CHECKING:
    from shared.google.wire import Json
    from shared.sync.fields import Fields

UNDATED = AllDay(start=date.min, end=date.min)
"""Stands where a Google task has no `due`."""
PAGE_SIZE = 100
OVERLAP = timedelta(seconds=30)
"""Taken off the moment of a list: what was written in that very moment may not be in it."""
LIST_GONE = "The list of Google Tasks no longer exists; choose another one in google_tasks, or null for the calendar."
IN_A_LIST = frozenset({"title", "time", "description", "completed"})
"""The fields that a Google task has."""


class TaskListEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One list of an account."""

    id: str
    title: str


TaskListPage: TypeAlias = tuple[list[TaskListEntry], str | None]
"""Some of an account's lists, and the next page's token."""


def task_lists_of(raw: Json) -> TaskListPage:
    """One page of the account's lists, and the next page's token.

    Source: https://developers.google.com/workspace/tasks/reference/rest/v1/tasklists/list
    """
    fields = mapping(raw)
    named = [(word(item, "id"), word(item, "title")) for item in map(mapping, listing(fields, "items"))]
    return [TaskListEntry(id=id_, title=title or "") for id_, title in named if id_], word(fields, "nextPageToken")


def task_of(raw: Json) -> Event | Tombstone:
    """The event that a Google task stands for; a deleted one is a tombstone.

    Raises:
        GoogleUnavailable: It has no id or no etag.
    """
    fields = mapping(raw)
    task_id, etag, updated = word(fields, "id"), word(fields, "etag"), instant_of(fields.get("updated"))
    if task_id is None or etag is None:
        raise GoogleUnavailable("Google's answer holds a task without id or etag; it is asked for again later.")
    if flag(fields, "deleted"):
        return Tombstone(id=EventId(task_id), etag=etag, updated=updated)
    return Event(
        id=EventId(task_id),
        etag=etag,
        updated=updated,
        summary=word(fields, "title"),
        description=word(fields, "notes"),
        when=_due(word(fields, "due")),
        completed=word(fields, "status") == "completed",
        html_link=word(fields, "webViewLink"),
        creator_self=True,
    )


def _due(text: str | None) -> AllDay:
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return UNDATED
    return AllDay(start=day, end=day + timedelta(days=1))


def task_body(values: Fields, send: frozenset[str]) -> dict[str, object]:
    """The body of an insert or patch with these fields; None clears."""
    body: dict[str, object] = {}
    for name in sorted(send & IN_A_LIST):
        value = values.get(name)
        match name:
            case "title":
                body["title"] = value or ""
            case "description":
                body["notes"] = value
            case "time":
                body["due"] = f"{value['start']}T00:00:00.000Z" if isinstance(value, dict) else None
            case _:
                body["status"] = "completed" if value else "needsAction"
    return body


def tasks_query(*, since: str | None, page_token: str | None) -> dict[str, object]:
    """The query of one page: completed ones, which Google's pages hide, always; deleted ones only of what changed."""
    said = {"updatedMin": since, "pageToken": page_token}
    fixed: dict[str, object] = {
        "maxResults": PAGE_SIZE,
        "showCompleted": True,
        "showHidden": True,
        "showDeleted": since is not None,
    }
    return fixed | {name: value for name, value in said.items() if value is not None}


def tasks_page_of(raw: Json, *, began: datetime) -> EventPage:
    """One page of a list. There is no sync token: the last page's is the moment of the first one, less an overlap.

    Args:
        began: Google's own clock when the first page was asked for.
    """
    fields: Mapping[str, object] = mapping(raw)
    items = tuple(task_of(each) for each in listing(fields, "items"))
    mark, token = rfc3339((began - OVERLAP).astimezone(UTC)), word(fields, "nextPageToken")
    if token is None:
        return EventPage(items=items, sync_token=mark)
    return EventPage(items=items, page_token=f"{rfc3339(began)} {token}")


def page_asked_for(page_token: str | None) -> tuple[datetime | None, str | None]:
    """When the list began and Google's own token, of a page token that `tasks_page_of` gave."""
    if page_token is None:
        return None, None
    began, _, token = page_token.partition(" ")
    return datetime.fromisoformat(began), token
