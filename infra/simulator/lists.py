"""Listing events: full, incremental, page by page, expanded or not. Start at `listed`.

A listing of several pages is a snapshot: what changes meanwhile is in the next delta, nothing is lost.
Source: https://developers.google.com/workspace/calendar/api/guides/sync
"""

from infra.simulator import ledger, recurrence
from infra.simulator.clock import SECOND_US, rfc3339_ms
from infra.simulator.context import Context
from infra.simulator.model import Calendar, Event, Snapshot
from infra.simulator.query import Query
from infra.simulator.rendering import rendered, tombstone
from infra.simulator.tokens import PageToken, SyncToken, digest, seal, unseal_page, unseal_sync
from infra.simulator.wire import ApiError, JsonObject, parameter_error

KEPT_SNAPSHOTS = 64


def listed(ctx: Context, calendar: Calendar, query: Query, *, viewer: str) -> JsonObject:
    """Answer one page of `events.list`.

    Raises:
        ApiError: 410 fullSyncRequired for a token that died, 400 for one that never was or belongs to another query.
    """
    role = calendar.roles[viewer]
    if query.page_token is not None:
        token = _page_token(ctx, calendar, query, viewer)
        snapshot, offset, name = ctx.world.snapshots[token.snapshot], token.offset, token.snapshot
    else:
        since = _since(ctx, calendar, query, viewer)
        items = _selected(ctx, calendar, query, since, expand=query.single_events or role == "freeBusyReader")
        last = calendar.serial
        if since is not None and ctx.settings.halves_told == "later":
            items, last = _before_later_halves(items, last)
        snapshot, offset, name = Snapshot(calendar_id=calendar.id, items=items, next_serial=last), 0, ""
    size = min(query.max_results, ctx.settings.page_size_cap or query.max_results)
    if ctx.settings.empty_page and ctx.rng.random() < ctx.settings.empty_page and offset < len(snapshot.items):
        size = 0
    page = snapshot.items[offset : offset + size]
    answer = envelope(ctx, calendar, viewer)
    answer["items"] = [_item(ctx, calendar, event, query, viewer) for event in page]
    if offset + size < len(snapshot.items):
        name = name or _kept(ctx, snapshot)
        answer["nextPageToken"] = seal(
            PageToken(
                snapshot=name,
                offset=offset + size,
                query=query.whole,
                resource=ledger.events_resource(calendar),
                epoch=_epoch(calendar, viewer),
            )
        )
    elif query.gives_token:
        answer["nextSyncToken"] = seal(
            SyncToken(
                resource=ledger.events_resource(calendar),
                epoch=_epoch(calendar, viewer),
                serial=snapshot.next_serial,
                parameters=query.lasting,
                issued_us=ctx.now_us(),
            )
        )
    return answer


def envelope(ctx: Context, calendar: Calendar, viewer: str) -> JsonObject:
    """Give what surrounds the items of a listing."""
    entry = calendar.entries.get(viewer, {})
    return {
        "kind": "calendar#events",
        "etag": f'"p{digest(calendar.id, calendar.serial):x}o"',
        "summary": calendar.summary,
        "description": calendar.fields.get("description", ""),
        "updated": rfc3339_ms(calendar.stamp_us or ctx.now_us()),
        "timeZone": calendar.time_zone,
        "accessRole": calendar.roles[viewer],
        "defaultReminders": entry.get("defaultReminders", []),
    }


def instances(
    ctx: Context, calendar: Calendar, master: Event, query: Query, *, viewer: str, page_token: str | None
) -> JsonObject:
    """Answer `events.instances` in one page or several; a page token is the number of instances before it.

    `originalStart` is left to the caller.
    """
    found = _expanded(calendar, master, query)
    made = {event.id for event in found}
    moved = (event for event in ledger.exceptions(calendar, master.id) if event.id not in made)
    found += [event for event in moved if query.in_range(event.start_us, event.end_us)]
    if not query.show_deleted:
        found = [event for event in found if event.status != "cancelled"]
    answer = envelope(ctx, calendar, viewer)
    if page_token is not None and not page_token.isdigit():
        raise parameter_error("invalid", "Invalid page token value.", "pageToken")
    offset = int(page_token or 0)
    page = found[offset : offset + query.max_results]
    answer["items"] = [_item(ctx, calendar, event, query, viewer) for event in page]
    if offset + query.max_results < len(found):
        answer["nextPageToken"] = str(offset + query.max_results)
    return answer


def expire_tokens(calendar: Calendar, viewer: str | None = None) -> None:
    """Kill every sync token of a calendar, or only one account's: the next use answers 410."""
    if viewer is None:
        calendar.epoch += 1
    else:
        calendar.epoch_of[viewer] = calendar.epoch_of.get(viewer, 0) + 1


def _epoch(calendar: Calendar, viewer: str) -> int:
    return digest(calendar.epoch, calendar.epoch_of.get(viewer, 0), viewer)


def _kept(ctx: Context, snapshot: Snapshot) -> str:
    name = ctx.new_id(16)
    ctx.world.snapshots[name] = snapshot
    while len(ctx.world.snapshots) > KEPT_SNAPSHOTS:
        del ctx.world.snapshots[next(iter(ctx.world.snapshots))]
    return name


def full_sync_required() -> ApiError:
    """Say that a sync token has died."""
    return parameter_error(
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
        "syncToken",
        domain="calendar",
        status=410,
    )


def _page_token(ctx: Context, calendar: Calendar, query: Query, viewer: str) -> PageToken:
    token = unseal_page(query.page_token or "")
    if token is None or token.resource != ledger.events_resource(calendar) or token.snapshot not in ctx.world.snapshots:
        raise parameter_error("invalid", "Invalid page token value.", "pageToken")
    if token.query != query.whole:
        raise parameter_error("invalid", "Page token does not belong to this query.", "pageToken")
    if query.sync_token is not None:
        sync = unseal_sync(query.sync_token)
        if sync is None or sync.epoch != _epoch(calendar, viewer):
            raise full_sync_required()
    return token


def _since(ctx: Context, calendar: Calendar, query: Query, viewer: str) -> int | None:
    if query.sync_token is None:
        return None
    token = unseal_sync(query.sync_token)
    if token is None or token.resource != ledger.events_resource(calendar):
        raise parameter_error("invalid", "Invalid sync token value.", "syncToken")
    age_us = ctx.now_us() - token.issued_us
    limit_s = ctx.settings.sync_token_s
    if token.epoch != _epoch(calendar, viewer) or (limit_s is not None and age_us > limit_s * SECOND_US):
        raise full_sync_required()
    if token.parameters != query.lasting:
        raise parameter_error(
            "invalid", "The sync token was made with other query parameters; they must stay the same.", "syncToken"
        )
    return token.serial


def _selected(ctx: Context, calendar: Calendar, query: Query, since: int | None, *, expand: bool) -> list[Event]:
    source = calendar.events.values() if since is None else ledger.changed_since(calendar, since)
    found: list[Event] = []
    for event in source:
        if event.purged or not (query.lets_through(event) or (since is not None and event.status == "cancelled")):
            continue
        deletions = since is not None or query.show_deleted or query.updated_min is not None
        if event.status == "cancelled":
            instance = event.parent is not None and event.original_start is not None and not expand
            if (deletions and (event.fields or since is not None)) or instance:
                found.append(event)
        elif "recurrence" not in event.fields:
            if query.in_range(event.start_us, event.end_us):
                found.append(event)
        elif expand:
            found += [made for made in _expanded(calendar, event, query) if ledger.stands(calendar, made.id) is None]
        elif _touches(calendar, event, query):
            found.append(event)
    if since is not None and ctx.settings.family_order != "as_written":
        found.sort(key=lambda event: (event.parent is None) == (ctx.settings.family_order == "masters_last"))
    if query.order_by == "startTime":
        found.sort(key=lambda event: (event.start_us, event.id))
    elif query.order_by == "updated":
        found.sort(key=lambda event: event.updated_us)
    return found


def _before_later_halves(items: list[Event], last: int) -> tuple[list[Event], int]:
    """Give the changes before the first later half among them, and the serial they go up to."""
    halves = [event.serial for event in items if recurrence.family_of(event.id) != event.id]
    shown = [event for event in items if halves and event.serial < min(halves)]
    return (shown, min(halves) - 1) if shown else (items, last)


def _expanded(calendar: Calendar, master: Event, query: Query) -> list[Event]:
    if "recurrence" not in master.fields:
        return []
    found = []
    for start, end in recurrence.occurrences(master, calendar.time_zone, from_us_=query.time_min):
        if query.time_max is not None and start >= query.time_max:
            break
        event_id = recurrence.instance_id(master, start)
        stored = ledger.stands(calendar, event_id)
        found.append(stored or recurrence.virtual(master, start, end, calendar.time_zone))
    return found


def _touches(calendar: Calendar, master: Event, query: Query) -> bool:
    if query.time_min is None and query.time_max is None:
        return True
    for start, end in recurrence.occurrences(master, calendar.time_zone, from_us_=query.time_min):
        return query.in_range(start, end)
    return False


def _item(ctx: Context, calendar: Calendar, event: Event, query: Query, viewer: str) -> JsonObject:
    bare = ctx.settings.tombstones == "bare" and not query.show_deleted
    deleted = event.status == "cancelled" and (event.parent is None or event.original_start is None)
    if deleted and (bare or not event.fields):
        return tombstone(event)
    return rendered(ctx, calendar, event, viewer=viewer, time_zone=query.time_zone, max_attendees=query.max_attendees)
