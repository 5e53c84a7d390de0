"""Stored documents as the API answers them. Pure: everything a document needs is handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
from msgspec import UNSET

from shared.errors import Bug, CalendarGone
from shared.google.tasks import LIST_GONE
from shared.model.connection import Problem, Status
from shared.model.content import CONTENT_NAMES, Content
from shared.model.oauth import SCOPE_TASKS
from shared.model.task_lists import is_list
from shared.sync.meeting import why_none
from shared.sync.occurrence import OWN_NAMES
from shared.usecases.answers import (
    AccountAnswer,
    CalendarAnswer,
    ChangeAnswer,
    ConflictAnswer,
    ConflictingField,
    ConnectionAnswer,
    CountsAnswer,
    ErrorAnswer,
    OccurrenceAnswer,
    ResponseAnswer,
    SyncStateAnswer,
    TaskAnswer,
    ViewAnswer,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.model.change import Change
    from shared.model.connection import Connection, Watched
    from shared.model.settings import Settings
    from shared.model.task import Conflict, Task
    from shared.usecases.tasks.occurrences import Expanded

_TIME = ("start", "end")
"""The contract's names for what is settled as one: when it is."""

_UNASKED: frozenset[Status] = frozenset({"pending", "needs_reconnect", "disconnecting", "disconnected"})
"""Statuses in which no grant says anything about scopes."""
TASKS_MISSING = (
    "The setting google_tasks needs the permission for Google Tasks, which was not granted: connect again by "
    "POST …/authorize with its box ticked, or set google_tasks to null."
)


def task_answer(task: Task) -> TaskAnswer:
    """The task as `GET /v1/tasks/{id}` answers it; a field that nobody ever set is null, a status `open`."""
    said = {name: getattr(task.content, name) for name in CONTENT_NAMES}
    content = {name: None if value is UNSET else value for name, value in said.items()}
    return TaskAnswer(
        **cast("dict[str, Any]", content | {"status": content["status"] or "open"}),
        id=task.id,
        version=task.version,
        changed_at=task.changed_at,
        created_in=task.created_in,
        split_from=task.split_from,
        sync_state=_sync_state(task),
    )


def occurrence_answer(one: Expanded) -> OccurrenceAnswer:
    """The occurrence as it is in effect."""
    said = {name: getattr(one.content, name) for name in (*OWN_NAMES, "time_zone")}
    content = {name: None if value is UNSET else value for name, value in said.items()}
    return OccurrenceAnswer(
        **cast("dict[str, Any]", content | {"status": content["status"] or "open"}),
        task_id=one.task.id,
        original_start=one.slot.original_start,
        version=one.task.version,
        overridden=one.occurrence.content != Content(),
        cancelled=one.occurrence.cancelled,
        event_id=one.occurrence.event_id,
        conflict=_conflicting(one.occurrence.conflict) or None,
    )


def task_json(task: Task) -> dict[str, object]:
    """The task as plain JSON: for changes, which keep the whole task as it was."""
    return cast("dict[str, object]", msgspec.json.decode(msgspec.json.encode(task_answer(task))))


def changed_between(before: Task | None, after: Task) -> dict[str, tuple[object, object]]:
    """Per field that a CRM sees, the value before and after: content, event id and link, Meet, guests' answers."""
    old, new = _seen(before) if before else {"id": after.id}, _seen(after)
    return {name: (old.get(name), value) for name, value in new.items() if value != old.get(name)}


def connection_answer(
    connection: Connection, *, settings: Settings, calendars: Iterable[Watched], counts: CountsAnswer
) -> ConnectionAnswer:
    """The connection with the settings that hold; never its tokens."""
    shelves = tuple(calendars)
    problem = _problem(connection, settings, shelves)
    return ConnectionAnswer(
        id=connection.id,
        user_id=connection.user,
        status=connection.status,
        oauth_app=connection.oauth_app,
        google=AccountAnswer(email=connection.google.email) if connection.google else None,
        scopes=connection.scopes,
        settings=settings,
        first_sync=connection.first_sync,
        calendars=tuple(calendar_answer(calendar) for calendar in shelves if not is_list(calendar.calendar_id)),
        counts=counts,
        created_at=connection.created_at,
        last_sync_at=connection.last_sync_at,
        problem=ErrorAnswer(code=problem.code, detail=problem.detail) if problem else None,
    )


def _problem(connection: Connection, settings: Settings, shelves: Iterable[Watched]) -> Problem | None:
    """What keeps it from working; a scope that a setting needs counts, whoever set it and whenever, and a lost list."""
    if connection.problem is not None or settings.google_tasks is None or connection.status in _UNASKED:
        return connection.problem
    if SCOPE_TASKS not in connection.scopes:
        return Problem(code="scope_missing", detail=TASKS_MISSING)
    home = next((shelf for shelf in shelves if shelf.calendar_id == connection.task_list), None)
    if home is None or home.state != "suspended":
        return None
    return Problem(code=CalendarGone.code, detail=home.reason or LIST_GONE)


def calendar_answer(calendar: Watched) -> CalendarAnswer:
    """A calendar that the connection knows."""
    return CalendarAnswer(
        calendar_id=calendar.calendar_id,
        name=calendar.name,
        access_role=calendar.access_role,
        time_zone=calendar.time_zone,
        color=calendar.color,
        watched=calendar.watched,
        state=calendar.state if calendar.watched else None,
        reason=calendar.reason or _strangers(calendar),
    )


def _strangers(calendar: Watched) -> str | None:
    """What a sweep found and left alone, because nothing proves that it is Tandem's to remove."""
    if not calendar.strangers:
        return None
    return f"{calendar.strangers} events here carry a mark of Tandem's and belong to no task; they are left alone"


def change_answer(change: Change) -> ChangeAnswer:
    """The change as feed and webhook tell it."""
    if change.kind is None:
        message = f"change {change.id} is history, not feed"
        raise Bug(message)
    return ChangeAnswer(
        id=change.id,
        at=change.at,
        kind=change.kind,
        origin=change.origin,
        task_id=change.task_id,
        occurrence=change.occurrence,
        connection_id=change.connection_id,
        calendar_id=change.calendar_id,
        run_id=change.run_id,
        user_id=change.user_id,
        version=change.version,
        changed=change.changed,
        task=change.task,
    )


def _sync_state(task: Task) -> SyncStateAnswer:
    sync = task.sync
    in_list = is_list(sync.calendar)
    return SyncStateAnswer(
        state=sync.state,
        reason=sync.reason,
        connection_id=sync.connection,
        calendar_id=None if in_list else sync.calendar,
        event_id=None if in_list else sync.event_id,
        google_task_id=sync.event_id if in_list and sync.etag is not None else None,
        html_link=sync.html_link,
        meet_url=sync.meet.url if sync.meet else None,
        responses=tuple(ResponseAnswer(email=mail, response=said) for mail, said in sorted(sync.responses.items())),
        conflict=_conflict(task),
        views=tuple(
            ViewAnswer(user_id=view.user, connection_id=connection) for connection, view in sorted(sync.views.items())
        ),
        error=_error(task),
        synced_at=sync.synced_at,
    )


def _error(task: Task) -> ErrorAnswer | None:
    """Why the last try failed; or, though all else is in step, why there is no Meet."""
    sync = task.sync
    if sync.error is not None:
        return ErrorAnswer(code=sync.error.code, detail=sync.error.detail)
    why = why_none(sync.meet) if task.content.conference == "google_meet" else None
    return None if why is None else ErrorAnswer(code=why[0], detail=why[1])


def _conflict(task: Task) -> ConflictAnswer | None:
    of_occurrences = {start: _conflicting(each.conflict) for start, each in task.occurrences.items() if each.conflict}
    if not task.sync.conflict and not of_occurrences:
        return None
    return ConflictAnswer(fields=_conflicting(task.sync.conflict), occurrences=of_occurrences)


def _conflicting(conflict: Mapping[str, Conflict]) -> dict[str, ConflictingField]:
    fields: dict[str, ConflictingField] = {}
    for field, versions in conflict.items():
        for name in _TIME if field == "time" else (field,):
            base, crm, google = (_part(field, name, each) for each in (versions.base, versions.crm, versions.google))
            fields[name] = ConflictingField(base=base, crm=crm, google=google)
    return fields


def _part(field: str, name: str, value: object) -> object:
    """What a canonical value says of one contract field: only the time is several in one."""
    return value.get(name) if field == "time" and isinstance(value, dict) else value


def _seen(task: Task) -> dict[str, object]:
    content, sync = task_json(task), task.sync
    said = {name: content[name] for name in ("id", *CONTENT_NAMES) if name != "updated_at"}
    responses = [{"email": mail, "response": answer} for mail, answer in sorted(sync.responses.items())]
    linked = {"event_id": sync.event_id, "html_link": sync.html_link, "meet_url": sync.meet.url if sync.meet else None}
    return said | linked | {"responses": responses or None}
