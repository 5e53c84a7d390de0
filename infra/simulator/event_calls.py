"""The `events.*` methods: parameters in, one answer out; what they do is in `events`, `lists` and `channels`."""

from datetime import timedelta

from infra.simulator import creation, events, finding, lists, moving
from infra.simulator.calendars import require, resolve
from infra.simulator.calls import Call
from infra.simulator.channels import watch
from infra.simulator.clock import from_us
from infra.simulator.context import etag
from infra.simulator.ledger import events_resource
from infra.simulator.model import Calendar, Event
from infra.simulator.query import read_query
from infra.simulator.rendering import rendered
from infra.simulator.times import instant
from infra.simulator.wire import ApiError, JsonObject, Response, answer

NO_CONTENT = Response(status=204, headers={"Content-Length": "0"})


def listing(call: Call) -> Response:
    """Answer events.list."""
    calendar = call.calendar("freeBusyReader")
    return answer(lists.listed(call.ctx, calendar, read_query(call.values), viewer=call.account))


def get(call: Call) -> Response:
    """Answer events.get; a deleted event is given whole until it is purged."""
    calendar = call.calendar("reader")
    event = finding.read(call.ctx, calendar, call.path["eventId"])
    if call.if_none_match is not None and call.if_none_match == etag(event.stamp_us):
        return Response(status=304, headers={"ETag": call.if_none_match})
    return _shown(call, calendar, event)


def insert(call: Call) -> Response:
    """Answer events.insert."""
    calendar = call.calendar("writer")
    return _shown(call, calendar, creation.insert(call.ctx, calendar, call.body, call.actor()))


def import_(call: Call) -> Response:
    """Answer events.import."""
    calendar = call.calendar("writer")
    return _shown(call, calendar, creation.import_(call.ctx, calendar, call.body, call.actor()))


def patch(call: Call) -> Response:
    """Answer events.patch."""
    return _changed(call, replace=False)


def update(call: Call) -> Response:
    """Answer events.update; what the body leaves out is cleared."""
    for key in ("start", "end"):
        if not call.body.get(key):
            raise ApiError(400, "required", f"Missing {key} time.")
    return _changed(call, replace=True)


def _changed(call: Call, *, replace: bool) -> Response:
    calendar = call.calendar("writer")
    event = events.change(
        call.ctx,
        calendar,
        call.path["eventId"],
        call.body,
        call.actor(),
        replace=replace,
        if_match=call.if_match,
    )
    return _shown(call, calendar, event)


def delete(call: Call) -> Response:
    """Answer events.delete."""
    events.delete(call.ctx, call.calendar("writer"), call.path["eventId"], call.actor(), if_match=call.if_match)
    return NO_CONTENT


def move(call: Call) -> Response:
    """Answer events.move."""
    calendar = call.calendar("writer")
    destination = resolve(call.ctx, call.account, call.value("destination") or "")
    require(destination, call.account, "writer")
    event = moving.move(call.ctx, calendar, call.path["eventId"], destination, call.actor())
    return _shown(call, destination, event)


def quick_add(call: Call) -> Response:
    """Answer events.quickAdd: the whole text becomes the title of the next full hour."""
    calendar = call.calendar("writer")
    now = from_us(call.ctx.now_us()).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    body = {
        "summary": call.value("text"),
        "start": {"dateTime": now.isoformat()},
        "end": {"dateTime": (now + timedelta(hours=1)).isoformat()},
    }
    return _shown(call, calendar, creation.insert(call.ctx, calendar, body, call.actor()))


def instances(call: Call) -> Response:
    """Answer events.instances."""
    calendar = call.calendar("reader")
    master = finding.find(calendar, call.path["eventId"])
    values = {key: value for key, value in call.values.items() if key not in {"originalStart", "pageToken"}}
    query = read_query(values)
    document = lists.instances(
        call.ctx, calendar, master, query, viewer=call.account, page_token=call.value("pageToken")
    )
    wanted = call.value("originalStart")
    if wanted is not None:
        document["items"] = [item for item in document["items"] if _same_start(calendar, item, wanted)]
    return answer(document)


def _same_start(calendar: Calendar, item: JsonObject, wanted: str) -> bool:
    slot = {"date": wanted} if len(wanted) == len("2026-01-01") else {"dateTime": wanted}
    given = instant(slot, calendar.time_zone, "original start")
    return given == instant(item["originalStartTime"], calendar.time_zone, "original start")


def watch_events(call: Call) -> Response:
    """Answer events.watch."""
    calendar = call.calendar("freeBusyReader")
    return answer(
        watch(
            call.ctx,
            call.body,
            account=call.account,
            client_id=call.client_id,
            resource=events_resource(calendar),
            uri=f"https://www.googleapis.com/calendar/v3/calendars/{calendar.id}/events",
            calendar=calendar,
        )
    )


def _shown(call: Call, calendar: Calendar, event: Event) -> Response:
    limit = call.value("maxAttendees")
    document = rendered(
        call.ctx,
        calendar,
        event,
        viewer=call.account,
        time_zone=call.value("timeZone"),
        max_attendees=int(limit) if limit else None,
    )
    return answer(document, headers={"ETag": etag(event.stamp_us)})
