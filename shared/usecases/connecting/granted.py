"""A grant taken: identity, calendars, status, the first run and what the CRM hears, all in one commit.

Whatever must follow (channels, the first import and export, the backlog after a reconnect) is due in what is committed,
so a process that dies right after loses nothing. Start at `take_grant`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from shared.errors import CalendarGone, GoogleUnavailable, LostRace, NotFound
from shared.google.responses import CalendarEntry
from shared.model.connection import WORKING, WRITING, Connection, Problem, Status
from shared.model.ids import (
    CalendarId,
    RunId,
    calendar_path,
    connection_path,
    tenant_path,
    user_path,
)
from shared.model.oauth import SCOPE_CALENDARS, SCOPE_EVENTS, Identity, Tokens
from shared.model.run import RunKind
from shared.model.settings import settings_of
from shared.model.stored import read_as, to_data
from shared.model.tenant import Tenant
from shared.ports import Must, Patch, Query, Revision, Set
from shared.usecases.connecting.begin import UNSEEN, go_on, may_double, run_write, woken
from shared.usecases.connecting.calendars import as_watched, entries_of
from shared.usecases.connecting.task_lists import list_writes, task_list_of
from shared.usecases.standing import standing_writes

if TYPE_CHECKING:
    from shared.ports import Calendar, Document, Write
    from shared.usecases.world import World

ROUNDS = 5
FULL = "https://www.googleapis.com/auth/calendar"
COVERED_BY: dict[str, frozenset[str]] = {
    "email": frozenset({"https://www.googleapis.com/auth/userinfo.email"}),
    SCOPE_EVENTS: frozenset({FULL}),
    SCOPE_CALENDARS: frozenset({FULL, f"{FULL}.readonly", f"{FULL}.calendarlist"}),
}
"""Scopes that allow at least what one of ours does; Google also answers with long names for short ones.

Source: https://developers.google.com/identity/protocols/oauth2/scopes#calendar
"""
Taken: TypeAlias = Literal["connected", "connected_without_tasks", "connected_without_calendar"]


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a user granted, checked: whose it is and that it is enough."""

    tokens: Tokens
    scopes: tuple[str, ...]
    identity: Identity
    without_tasks: bool = False


def missing_scopes(asked: Sequence[str], granted: Sequence[str]) -> tuple[str, ...]:
    """The scopes that were asked for and neither granted nor covered by a broader one."""
    have = frozenset(granted)
    return tuple(scope for scope in asked if scope not in have and have.isdisjoint(COVERED_BY.get(scope, frozenset())))


def take_grant(world: World, connection: Connection, grant: Grant) -> Taken:
    """The connection works with this grant: active, or ready if its first sync is held; what waited goes out.

    Raises:
        RetryLater: Google does not answer; nothing changed, the user opens the link again.
        CalendarGone: The account has no calendar at all.
    """
    google = world.google.calendar(grant.tokens.access_token)
    entries = list(entries_of(google))
    for _ in range(ROUNDS):
        found = _read(world, connection)
        chosen = _chosen(found, entries)
        after = _with_task_list(google, found, _granted(world, found, grant, chosen))
        run = RunId(world.ids.new()) if after.status in WORKING else None
        kind: RunKind = "first_sync" if found.connection.google is None else "backlog"
        writes = [
            *standing_writes(world, after, must=Revision(found.revision), user=found.user, told="connection.connected"),
            *_shelf_writes(
                world, after, found.shelves, chosen, waits=kind == "first_sync" and may_double(world, after)
            ),
            *([run_write(world, after, run, kind, UNSEEN if kind == "first_sync" else None)] if run else []),
            *list_writes(world, found.connection, after),
        ]
        try:
            world.store.commit(writes)
        except LostRace:
            continue
        go_on(world, after, run)
        if grant.without_tasks:
            return "connected_without_tasks"
        return "connected" if chosen.usable else "connected_without_calendar"
    raise LostRace("many writers met at this connection")


def note_problem(world: World, connection: Connection, code: str, detail: str) -> None:
    """The connection shows why its user's try did not work; its status stays as it is."""
    path = connection_path(connection.tenant, connection.id)
    problem = {"code": code, "detail": detail}
    world.store.commit([Patch(path=path, fields={"problem": problem}, must=Must.EXIST)])


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """The documents that taking a grant changes, as read."""

    tenant: Tenant
    connection: Connection
    revision: str
    user: Document | None
    shelves: dict[str, Document]


class _Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """The calendar that tasks go to, under Google's own id; `entry` is None when the account has no such calendar."""

    primary: CalendarEntry
    calendar: CalendarId
    entry: CalendarEntry | None
    problem: Problem | None

    @property
    def usable(self) -> bool:
        return self.problem is None


def _read(world: World, connection: Connection) -> _Found:
    place, owner = connection_path(connection.tenant, connection.id), tenant_path(connection.tenant)
    person = user_path(connection.tenant, connection.user)
    found = world.store.get_many([place, owner, person])
    document, tenant = found[place], found[owner]
    if document is None or tenant is None:
        raise NotFound("There is no such connection any more.")
    return _Found(
        tenant=read_as(Tenant, tenant),
        connection=read_as(Connection, document),
        revision=document.revision,
        user=found[person],
        shelves={shelf.path: shelf for shelf in world.store.query(Query(collection=f"{place}/calendars"))},
    )


def _chosen(found: _Found, entries: Sequence[CalendarEntry]) -> _Chosen:
    settings = settings_of(found.tenant.settings, found.connection.settings)
    primary = next((entry for entry in entries if entry.primary), None)
    if primary is None:
        raise CalendarGone("This Google account has no calendar; switch Google Calendar on or connect another account.")
    wanted = primary.id if settings.calendar_id == "primary" else CalendarId(settings.calendar_id)
    entry = next((entry for entry in entries if entry.id == wanted), None)
    problem = None
    if entry is None:
        problem = Problem(code="calendar_gone", detail="The account has no such calendar; choose another one.")
    elif settings.direction != "from_google" and entry.access_role not in WRITING:
        problem = Problem(code="no_write_access", detail="This account may only read the calendar; choose another one.")
    return _Chosen(primary=primary, calendar=wanted, entry=entry, problem=problem)


def _granted(world: World, found: _Found, grant: Grant, chosen: _Chosen) -> Connection:
    """The connection with its grant sealed for its own document; a refresh token that Google did not send is kept."""
    before, tokens = found.connection, grant.tokens
    path = connection_path(before.tenant, before.id)
    refresh = world.cipher.seal(path, tokens.refresh_token) if tokens.refresh_token else before.refresh_token
    if refresh is None:
        raise GoogleUnavailable("Google sent no refresh token; the user opens the link again.")
    status = _status(before)
    return replace(
        before,
        status=status,
        settings_before=None if status == "ready" else before.settings_before,  # nothing has begun that they change
        google=grant.identity,
        scopes=grant.scopes,
        refresh_token=refresh,
        access_token=world.cipher.seal(path, tokens.access_token),
        access_expires_at=tokens.expires_at,
        lease_until=None,
        calendar=chosen.calendar,
        primary=chosen.primary.id,
        time_zone=(chosen.entry or chosen.primary).time_zone,
        problem=chosen.problem,
        start_nonce=None,
        start_expires_at=None,
        slow_until=None,
    )


def _with_task_list(google: Calendar, found: _Found, after: Connection) -> Connection:
    """The list that the settings name, where it is granted; one that is not there is shown as a problem."""
    settings = settings_of(found.tenant.settings, after.settings)
    try:
        return replace(after, task_list=task_list_of(google, settings, after.scopes))
    except NotFound as unknown:
        problem = after.problem or Problem(code="calendar_gone", detail=unknown.detail)
        return replace(after, task_list=None, problem=problem)


def _status(before: Connection) -> Status:
    if before.review is not None:
        return "needs_review"
    if before.status == "paused":
        return "paused"
    return "ready" if before.first_sync == "hold" else "active"


def _shelf_writes(
    world: World, after: Connection, shelves: Mapping[str, Document], chosen: _Chosen, *, waits: bool
) -> list[Write]:
    """The chosen calendar is watched, from the first time on; all that are watched are due, if the connection works.

    Args:
        waits: The first sync looks at what stands there before anything is read, and wakes the calendar then.
    """
    writes: list[Write] = []
    path = calendar_path(after.tenant, after.id, chosen.calendar)
    if chosen.entry is not None and path not in shelves:
        watched = as_watched(world, after, chosen.entry, None)
        if waits or after.status not in WORKING:
            watched = replace(watched, due_at=None, renew_at=None)
        writes.append(Set(path=path, data=to_data(watched), must=Must.BE_ABSENT))
    if after.status in WORKING:
        lists = {calendar_path(after.tenant, after.id, place) for place in (after.task_list,) if place is not None}
        waking = [woken(world, shelf) for shelf in shelves.values() if shelf.path not in lists]
        writes += [write for write in waking if write is not None]
    return writes
