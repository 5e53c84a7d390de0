"""`/v1/connections/{id}/calendars`: which calendars of the account are watched."""

from __future__ import annotations

from functions.api.operation import Answer, Call, Page, PageQuery, Resource
from functions.api.slices import slice_of
from shared.model.ids import CalendarId, ConnectionId
from shared.usecases.answers import CalendarAnswer
from shared.usecases.connecting.calendars import list_calendars, unwatch_calendar, watch_calendar
from shared.usecases.present import calendar_answer

calendars = Resource("calendars")


@calendars.call(
    "GET /v1/connections/{connection_id}/calendars", answers={200: Page[CalendarAnswer]}, refusals=(404, 409, 429)
)
def list_calendars_of_connection(call: Call, connection_id: str, query: PageQuery) -> Answer:
    """Every calendar of the account, and which are watched."""
    found = list(map(calendar_answer, list_calendars(call.world, call.tenant, ConnectionId(connection_id))))
    scope = f"calendars {connection_id}"
    return Answer(value=slice_of(call, scope, found, query, name=lambda calendar: calendar.calendar_id))


@calendars.call(
    "PUT /v1/connections/{connection_id}/calendars/{calendar_id}",
    answers={200: CalendarAnswer},
    refusals=(404, 409, 429),
)
def watch(call: Call, connection_id: str, calendar_id: str) -> Answer:
    """The calendar is watched: pushed, or polled where Google refuses to push."""
    watched = watch_calendar(call.world, call.tenant, ConnectionId(connection_id), CalendarId(calendar_id))
    return Answer(value=calendar_answer(watched))


@calendars.call(
    "DELETE /v1/connections/{connection_id}/calendars/{calendar_id}", answers={204: None}, refusals=(404, 409)
)
def unwatch(call: Call, connection_id: str, calendar_id: str) -> Answer:
    """The calendar is no longer watched."""
    unwatch_calendar(call.world, call.tenant, ConnectionId(connection_id), CalendarId(calendar_id))
    return Answer(status=204)
