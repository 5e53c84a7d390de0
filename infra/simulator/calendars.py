"""Calendars, who may use them, and each account's list of them. Start at `resolve` and `require`.

Source: https://developers.google.com/workspace/calendar/api/v3/reference/calendarList
"""

from infra.simulator import ledger
from infra.simulator.context import Context, etag
from infra.simulator.model import Account, Calendar, Event, Fields
from infra.simulator.palette import CALENDAR_COLORS
from infra.simulator.wire import ApiError, JsonObject, not_found

ROLES = ("freeBusyReader", "reader", "writer", "owner")


def add_account(ctx: Context, email: str, name: str, time_zone: str) -> Account:
    """Make an account with its primary calendar."""
    account = Account(email=email, name=name, sub=str(ctx.rng.randrange(10**20, 10**21)), time_zone=time_zone)
    ctx.world.accounts[email] = account
    add_calendar(ctx, owner=email, summary=email, calendar_id=email, color=len(ctx.world.accounts) * 3 + 11)
    return account


def add_calendar(
    ctx: Context,
    *,
    owner: str,
    summary: str,
    calendar_id: str | None = None,
    time_zone: str | None = None,
    color: int | None = None,
    push_refused: bool = False,
) -> Calendar:
    """Make a calendar and put it into its owner's list."""
    account = ctx.world.accounts[owner]
    calendar = Calendar(
        id=calendar_id or f"{ctx.new_id(26)}@group.calendar.google.com",
        summary=summary,
        time_zone=time_zone or account.time_zone,
        owner=owner,
        roles={},
        entries={},
        stamp_us=ctx.stamp(),
        push_refused=push_refused,
    )
    ctx.world.calendars[calendar.id] = calendar
    share(ctx, calendar, owner, "owner", color=color)
    return calendar


def share(ctx: Context, calendar: Calendar, account: str, role: str | None, *, color: int | None = None) -> None:
    """Give an account a role on a calendar, or with None take it away; its sync tokens for it die."""
    calendar.stamp_us = ctx.stamp()
    if role is None:
        calendar.roles.pop(account, None)
    else:
        calendar.roles[account] = role
        if account not in calendar.entries:
            number = color or 1 + (sum(map(ord, calendar.id)) % 24)
            entry: Fields = {"colorId": str(1 + (number - 1) % 24), "selected": True, "defaultReminders": []}
            if calendar.id == account:
                entry["defaultReminders"] = [{"method": "popup", "minutes": 30}]
            calendar.entries[account] = entry
    calendar.epoch_of[account] = calendar.epoch_of.get(account, 0) + 1
    note_list_change(ctx, calendar, account)


def note_list_change(ctx: Context, calendar: Calendar, account: str) -> None:
    """Remember that an account's entry for a calendar changed, for its list's sync token and watches."""
    number = ctx.next_number()
    ctx.world.list_serials[f"{account} {calendar.id}"] = number
    ctx.touch(ledger.list_resource(account))


def resolve(ctx: Context, account: str, calendar_id: str) -> Calendar:
    """Find a calendar the account has any role on; "primary" is its own.

    Raises:
        ApiError: 404, also for a calendar that exists but is not shared with the account.
    """
    calendar = ctx.world.calendars.get(account if calendar_id == "primary" else calendar_id)
    if calendar is None or calendar.deleted or account not in calendar.roles:
        raise not_found()
    return calendar


def require(calendar: Calendar, account: str, role: str) -> None:
    """Refuse who has less than a role."""
    if ROLES.index(calendar.roles[account]) < ROLES.index(role):
        raise ApiError(
            403,
            "requiredAccessLevel",
            f"You need to have {role} access to this calendar.",
            domain="calendar",
        )


def entry(ctx: Context, calendar: Calendar, account: str) -> JsonObject:
    """Write one entry of an account's calendar list."""
    number = ctx.world.list_serials.get(f"{account} {calendar.id}", 0)
    shown: JsonObject = {"kind": "calendar#calendarListEntry", "etag": f'"{calendar.stamp_us * 2 + number}"'}
    shown["id"] = calendar.id
    if calendar.deleted or account not in calendar.roles:
        return shown | {"deleted": True}
    own = calendar.entries[account]
    shown["summary"] = calendar.summary
    shown |= {key: calendar.fields[key] for key in ("description", "location") if key in calendar.fields}
    shown["timeZone"] = calendar.time_zone
    background, foreground = CALENDAR_COLORS[own["colorId"]], "#000000"
    shown |= {"backgroundColor": background, "foregroundColor": foreground} | own
    shown["accessRole"] = calendar.roles[account]
    shown["conferenceProperties"] = {"allowedConferenceSolutionTypes": ["hangoutsMeet"]}
    if calendar.id == account:
        shown["primary"] = True
    return shown


def resource(calendar: Calendar) -> JsonObject:
    """Write the calendar's own record."""
    return {
        "kind": "calendar#calendar",
        "etag": etag(calendar.stamp_us),
        "id": calendar.id,
        "summary": calendar.summary,
        **{key: calendar.fields[key] for key in ("description", "location") if key in calendar.fields},
        "timeZone": calendar.time_zone,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    }


def change(ctx: Context, calendar: Calendar, body: Fields) -> None:
    """Change a calendar's own record by merge."""
    if "summary" in body:
        if not body["summary"]:
            raise ApiError(400, "required", "Missing title.")
        calendar.summary = body["summary"]
    if body.get("timeZone"):
        calendar.time_zone = body["timeZone"]
    for key in ("description", "location"):
        if key in body:
            calendar.fields.pop(key, None)
            if body[key]:
                calendar.fields[key] = body[key]
    calendar.stamp_us = ctx.stamp()
    for account in calendar.roles:
        note_list_change(ctx, calendar, account)


def delete(ctx: Context, calendar: Calendar) -> None:
    """Delete a secondary calendar with all its events."""
    if calendar.primary:
        raise ApiError(400, "cannotDeletePrimaryCalendar", "Cannot delete primary calendar.", domain="calendar")
    for account in list(calendar.roles):
        note_list_change(ctx, calendar, account)
    calendar.deleted = True
    ctx.touch(ledger.events_resource(calendar))


def clear(ctx: Context, calendar: Calendar) -> None:
    """Delete every event of a primary calendar; its sync tokens die."""
    if not calendar.primary:
        raise ApiError(400, "invalid", "Only a primary calendar can be cleared.")
    for event in list(calendar.events.values()):
        gone: Event = event
        del calendar.events[gone.id]
    calendar.order.clear()
    calendar.families.clear()
    calendar.epoch += 1
    ctx.touch(ledger.events_resource(calendar))
