"""A connection's settings and pauses. What exists follows by a run; no event is written here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import Conflicting, Fault, Invalid, LostRace, NotFound
from shared.model.connection import WORKING, Connection, Status, Watched
from shared.model.ids import CalendarId, ConnectionId, TenantId, tenant_path, user_path
from shared.model.oauth import SCOPE_TASKS
from shared.model.settings import Settings, settings_of
from shared.model.stored import read_as
from shared.model.tenant import Tenant
from shared.ports import Revision
from shared.sync.contradictions import contradictions
from shared.usecases.connecting.access import with_calendar
from shared.usecases.connecting.calendars import watch_calendar
from shared.usecases.connecting.connections import find_connection
from shared.usecases.connecting.task_lists import list_writes, task_list_of
from shared.usecases.runs.runs import Starting, starting, under_way
from shared.usecases.standing import standing_writes

if TYPE_CHECKING:
    from shared.ports import Document
    from shared.usecases.world import World

_ROUNDS = 5
_ENDED: frozenset[Status] = frozenset({"disconnecting", "disconnected"})
_WEIGHED = WORKING | {"paused"}
"""In these a backlog run follows a change, at once or when the connection goes on."""


def change_connection(
    world: World,
    tenant: TenantId,
    connection_id: ConnectionId,
    *,
    settings: Mapping[str, object],
    paused: bool | None,
) -> Connection:
    """The connection has these settings over its own, and is paused or goes on; what exists follows by a backlog run.

    Raises:
        NotFound: There is no such connection.
        Invalid: The settings contradict each other, or the account has no such calendar for its tasks.
        Conflicting: It is ended, or stands so that it can be neither paused nor resumed.
        NoWriteAccess: The calendar for its tasks is read-only, and tasks are to go out.
    """
    watched: dict[str, Watched] = {}
    for _ in range(_ROUNDS):
        before, document = find_connection(world, tenant, connection_id)
        found = world.store.get_many([tenant_path(tenant), user_path(tenant, before.user)])
        owner, user = found[tenant_path(tenant)], found[user_path(tenant, before.user)]
        defaults = read_as(Tenant, owner).settings if owner else {}
        _check_alive(before)
        after = replace(before, settings=before.settings | dict(settings), status=_status(before, paused=paused))
        old, new = settings_of(defaults, before.settings), settings_of(defaults, after.settings)
        if settings and (faults := contradictions(new)):
            raise Invalid(faults)
        after = aimed(world, after, old, new, watched)
        if after == before:
            return before
        options: dict[str, object] | None = {"reason": "resume"} if before.status == "paused" else None
        if new != old:
            own = _in_force(before)
            after = replace(after, settings_before=own if before.status in _WEIGHED else before.settings_before)
            options = {"reason": "settings", "before": own}
        try:
            _store(world, before, after, document, user, options)
        except LostRace:
            continue
        return after
    message = "the connection is being changed by many at once; try again"
    raise LostRace(message)


def follow_defaults(world: World, connection: Connection, defaults_before: Mapping[str, object]) -> list[Fault]:
    """The connection goes on under its tenant's changed defaults; what exists follows by a backlog run.

    Its own settings may contradict them now: that is answered, fault by fault. What contradicts has no effect.

    Args:
        defaults_before: The tenant's, as the connection has followed them until now.

    Raises:
        Invalid: The account has no such calendar for its tasks.
        NoWriteAccess: The calendar for its tasks is read-only, and tasks are to go out.
    """
    tenant = connection.tenant
    watched: dict[str, Watched] = {}
    for _ in range(_ROUNDS):
        before, document = find_connection(world, tenant, connection.id)
        found = world.store.get_many([tenant_path(tenant), user_path(tenant, before.user)])
        owner, user = found[tenant_path(tenant)], found[user_path(tenant, before.user)]
        defaults = read_as(Tenant, owner).settings if owner else {}
        old, new = settings_of(dict(defaults_before), before.settings), settings_of(defaults, before.settings)
        if before.status in _ENDED or new == old:
            return []
        changed = {name for name, value in defaults.items() if defaults_before.get(name) != value}
        own = _in_force(before)
        was = msgspec.to_builtins(settings_of(dict(defaults_before), own))
        own |= {name: was[name] for name in changed - own.keys()}
        after = aimed(world, before, old, new, watched)
        if before.status in _WEIGHED:
            after = replace(after, settings_before=own)
        try:
            if after != before:
                _store(world, before, after, document, user, {"reason": "settings", "before": own})
        except LostRace:
            continue
        return contradictions(new)
    message = "the connection is being changed by many at once; try again"
    raise LostRace(message)


def _store(
    world: World,
    before: Connection,
    after: Connection,
    document: Document,
    user: Document | None,
    options: Mapping[str, object] | None,
) -> None:
    """The connection stands like this, and what exists follows by a run with these options if it works: one commit."""
    begun: Starting | None = None
    if options is not None and after.status in WORKING:
        begun = starting(world, after.tenant, kind="backlog", connection=after.id, options=options)
    writes = standing_writes(world, after, must=Revision(document.revision), user=user)
    world.store.commit([*writes, *list_writes(world, before, after), *(begun.writes if begun else ())])
    if begun is not None:
        under_way(world, after.tenant, begun)


def _in_force(connection: Connection) -> dict[str, object]:
    """What its tasks are decided by while a change of the settings is weighed."""
    before = connection.settings_before
    return dict(connection.settings if before is None else before)


def aimed(
    world: World, connection: Connection, old: Settings, new: Settings, watched: dict[str, Watched]
) -> Connection:
    """The connection with the calendar and list that its tasks go to by the new settings, if these may be others.

    Args:
        watched: What was watched for this change already. Its first pull writes the connection, so that watching again
            in each round would lose every one of them.
    """
    goes_out = old.direction == "from_google" != new.direction
    if new.calendar_id != old.calendar_id or goes_out:
        connection = _with_target(world, connection, new, watched)
    return _with_task_list(world, connection, new) if new.google_tasks != old.google_tasks else connection


def _check_alive(connection: Connection) -> None:
    if connection.status in _ENDED:
        message = f"the connection is {connection.status}; create a new one for this user"
        raise Conflicting(message)


def _status(connection: Connection, *, paused: bool | None) -> Status:
    match paused, connection.status:
        case True, "active":
            return "paused"
        case False, "paused":
            return "active"
        case (None, status) | (True, "paused" as status) | (False, status):
            return status
        case _, status:
            message = f"only an active connection can be paused; this one is {status}"
            raise Conflicting(message)


def _with_target(world: World, connection: Connection, settings: Settings, watched: dict[str, Watched]) -> Connection:
    """Tasks go to the calendar that the settings name, which is watched from now on."""
    if connection.google is None or connection.status == "needs_reconnect":
        return replace(connection, calendar=None)
    named = CalendarId(settings.calendar_id)
    try:
        if named not in watched:
            to_write = settings.direction != "from_google"
            watched[named] = watch_calendar(world, connection.tenant, connection.id, named, to_write=to_write)
    except NotFound as unknown:
        detail = "the connected Google account has no such calendar"
        raise Invalid([Fault("/settings/calendar_id", detail)]) from unknown
    return replace(connection, calendar=watched[named].calendar_id, time_zone=watched[named].time_zone)


def _with_task_list(world: World, connection: Connection, settings: Settings) -> Connection:
    """Tasks with a date alone go to the list that the settings name, once its permission is granted."""
    granted = SCOPE_TASKS in connection.scopes and connection.status != "needs_reconnect"
    if connection.google is None or settings.google_tasks is None or not granted:
        return replace(connection, task_list=None)
    try:
        chosen = with_calendar(world, connection, lambda google: task_list_of(google, settings, connection.scopes))
    except NotFound as unknown:
        raise Invalid([Fault("/settings/google_tasks", unknown.detail)]) from unknown
    return replace(connection, task_list=chosen)
