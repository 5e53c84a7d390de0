"""The methods around events: calendars, the calendar list, colours, settings, free/busy, stopping a channel."""

from collections.abc import Callable

from infra.simulator import calendars, channels, event_calls, ledger, palette, recurrence
from infra.simulator.calls import Call
from infra.simulator.clock import from_us
from infra.simulator.model import Calendar, Fields
from infra.simulator.times import parameter_instant
from infra.simulator.tokens import SyncToken, seal, unseal_sync
from infra.simulator.wire import ApiError, JsonObject, Response, answer, not_found, parameter_error

_ENTRY_KEYS = frozenset(
    {"colorId", "backgroundColor", "foregroundColor", "selected", "hidden", "summaryOverride", "defaultReminders"}
)


def list_calendars(call: Call) -> Response:
    """Answer calendarList.list, whole or since a sync token, in one page."""
    ctx, account = call.ctx, call.account
    resource = ledger.list_resource(account)
    since, text = 0, call.value("syncToken")
    if text is not None:
        if "minAccessRole" in call.values:
            raise parameter_error("invalid", "Sync token cannot be used with minAccessRole.", "minAccessRole")
        token = unseal_sync(text)
        if token is None or token.resource != resource:
            raise parameter_error("invalid", "Invalid sync token value.", "syncToken")
        since = token.serial
    deleted = since > 0 or call.value("showDeleted") == "true"
    least = calendars.ROLES.index(call.value("minAccessRole") or "freeBusyReader")
    items = []
    for calendar in ctx.world.calendars.values():
        number = ctx.world.list_serials.get(f"{account} {calendar.id}", 0)
        gone = calendar.deleted or account not in calendar.roles
        if number <= since or (gone and not deleted):
            continue
        if gone or calendars.ROLES.index(calendar.roles[account]) >= least:
            items.append(calendars.entry(ctx, calendar, account))
    token = SyncToken(resource=resource, epoch=0, serial=ctx.world.counter, parameters=0, issued_us=ctx.now_us())
    etag = f'"p{ctx.world.counter:x}"'
    return answer({"kind": "calendar#calendarList", "etag": etag, "nextSyncToken": seal(token), "items": items})


def get_entry(call: Call) -> Response:
    """Answer calendarList.get."""
    calendar = calendars.resolve(call.ctx, call.account, call.path["calendarId"])
    return answer(calendars.entry(call.ctx, calendar, call.account))


def change_entry(call: Call) -> Response:
    """Answer calendarList.patch and update: only what belongs to the account's own view."""
    calendar = calendars.resolve(call.ctx, call.account, call.path["calendarId"])
    own = calendar.entries[call.account]
    own |= {key: value for key, value in call.body.items() if key in _ENTRY_KEYS and value is not None}
    calendars.note_list_change(call.ctx, calendar, call.account)
    return answer(calendars.entry(call.ctx, calendar, call.account))


def watch_list(call: Call) -> Response:
    """Answer calendarList.watch."""
    return answer(
        channels.watch(
            call.ctx,
            call.body,
            account=call.account,
            client_id=call.client_id,
            resource=ledger.list_resource(call.account),
            uri="https://www.googleapis.com/calendar/v3/users/me/calendarList",
        )
    )


def get_calendar(call: Call) -> Response:
    """Answer calendars.get."""
    return answer(calendars.resource(call.calendar("reader")))


def insert_calendar(call: Call) -> Response:
    """Answer calendars.insert."""
    if not call.body.get("summary"):
        raise ApiError(400, "required", "Missing title.")
    made = calendars.add_calendar(call.ctx, owner=call.account, summary=call.body["summary"])
    calendars.change(call.ctx, made, call.body)
    return answer(calendars.resource(made))


def patch_calendar(call: Call) -> Response:
    """Answer calendars.patch."""
    calendar = call.calendar("owner")
    calendars.change(call.ctx, calendar, call.body)
    return answer(calendars.resource(calendar))


def update_calendar(call: Call) -> Response:
    """Answer calendars.update; what the body leaves out is cleared."""
    calendar = call.calendar("owner")
    calendars.change(call.ctx, calendar, {"summary": "", "description": None, "location": None} | call.body)
    return answer(calendars.resource(calendar))


def delete_calendar(call: Call) -> Response:
    """Answer calendars.delete."""
    calendars.delete(call.ctx, call.calendar("owner"))
    return event_calls.NO_CONTENT


def clear_calendar(call: Call) -> Response:
    """Answer calendars.clear."""
    calendars.clear(call.ctx, call.calendar("owner"))
    return event_calls.NO_CONTENT


def colors(call: Call) -> Response:
    """Answer colors.get."""
    del call
    return answer(palette.resource())


def settings(call: Call) -> Response:
    """Answer settings.list."""
    items = [_setting(key, value) for key, value in _settings_of(call).items()]
    return answer({"kind": "calendar#settings", "etag": '"p0"', "items": items})


def setting(call: Call) -> Response:
    """Answer settings.get."""
    name = call.path["setting"]
    found = _settings_of(call).get(name)
    if found is None:
        raise not_found()
    return answer(_setting(name, found))


def _setting(name: str, value: str) -> JsonObject:
    return {"kind": "calendar#setting", "etag": '"0"', "id": name, "value": value}


def _settings_of(call: Call) -> dict[str, str]:
    account = call.ctx.world.accounts[call.account]
    return {
        "timezone": account.time_zone,
        "locale": account.locale,
        "format24HourTime": "true",
        "weekStart": "1",
        "dateFieldOrder": "DMY",
        "defaultEventLength": "60",
    }


def stop_channel(call: Call) -> Response:
    """Answer channels.stop."""
    channels.stop(call.ctx, call.body, account=call.account, client_id=call.client_id)
    return event_calls.NO_CONTENT


def free_busy(call: Call) -> Response:
    """Answer freebusy.query: when somebody is busy, and for calendars out of reach notFound."""
    low = parameter_instant(str(call.body.get("timeMin")), "timeMin")
    high = parameter_instant(str(call.body.get("timeMax")), "timeMax")
    found: JsonObject = {}
    for item in call.body.get("items", ()):
        calendar = call.ctx.world.calendars.get(call.account if item["id"] == "primary" else item["id"])
        if calendar is None or calendar.deleted or call.account not in calendar.roles:
            found[item["id"]] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
        else:
            found[item["id"]] = {"busy": _busy(calendar, low, high)}
    return answer(
        {
            "kind": "calendar#freeBusy",
            "timeMin": call.body["timeMin"],
            "timeMax": call.body["timeMax"],
            "calendars": found,
        }
    )


def _busy(calendar: Calendar, low: int, high: int) -> list[Fields]:
    spans: list[tuple[int, int]] = []
    for event in calendar.events.values():
        if event.status == "cancelled" or event.fields.get("transparency") == "transparent":
            continue
        if "recurrence" not in event.fields:
            spans.append((event.start_us, event.end_us))
            continue
        for start, end in recurrence.occurrences(event, calendar.time_zone, from_us_=low):
            if start >= high:
                break
            if ledger.stands(calendar, recurrence.instance_id(event, start)) is None:
                spans.append((start, end))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] < high and span[1] > low):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [{"start": from_us(start).isoformat(), "end": from_us(end).isoformat()} for start, end in merged]


METHODS: dict[str, Callable[[Call], Response]] = {
    "events.list": event_calls.listing,
    "events.get": event_calls.get,
    "events.insert": event_calls.insert,
    "events.import": event_calls.import_,
    "events.patch": event_calls.patch,
    "events.update": event_calls.update,
    "events.delete": event_calls.delete,
    "events.move": event_calls.move,
    "events.quickAdd": event_calls.quick_add,
    "events.instances": event_calls.instances,
    "events.watch": event_calls.watch_events,
    "channels.stop": stop_channel,
    "calendarList.list": list_calendars,
    "calendarList.get": get_entry,
    "calendarList.patch": change_entry,
    "calendarList.update": change_entry,
    "calendarList.watch": watch_list,
    "calendars.get": get_calendar,
    "calendars.insert": insert_calendar,
    "calendars.patch": patch_calendar,
    "calendars.update": update_calendar,
    "calendars.delete": delete_calendar,
    "calendars.clear": clear_calendar,
    "colors.get": colors,
    "settings.list": settings,
    "settings.get": setting,
    "freebusy.query": free_busy,
}
