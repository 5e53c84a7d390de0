"""The calendar page and the small JSON it reads and writes; people only, never clients. Start at `blueprint`."""

import base64
from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec
from flask import Blueprint, redirect, render_template, request, url_for
from flask import Response as HttpResponse
from flask.typing import ResponseReturnValue

from infra.simulator.desk import Desk
from infra.simulator.palette import PAGE_CALENDAR_COLORS, PAGE_COLORS
from infra.simulator.person import DEEDS
from infra.simulator.security import guarded
from infra.simulator.state import Google
from infra.simulator.stream import changes
from infra.simulator.wire import ApiError, JsonObject


def blueprint(desk: Desk) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("pages", __name__)

    def front() -> ResponseReturnValue:
        with desk.doing() as google:
            accounts = list(google.ctx.world.accounts.values())
        return guarded(render_template("front.html", accounts=accounts))

    def calendar(account: str) -> ResponseReturnValue:
        with desk.doing() as google:
            found = google.ctx.world.accounts.get(account)
            accounts = list(google.ctx.world.accounts.values())
        if found is None:
            return redirect(url_for("pages.front"))
        page = render_template(
            "calendar.html",
            account=found,
            accounts=accounts,
            colors=PAGE_COLORS,
            calendar_colors=PAGE_CALENDAR_COLORS,
            embed=request.args.get("embed") == "1",
        )
        return guarded(page)

    def event() -> ResponseReturnValue:
        raw = request.args.get("eid", "")
        try:
            event_id, _, name = base64.b64decode(raw + "=" * (-len(raw) % 4)).decode().partition(" ")
        except ValueError:
            return redirect(url_for("pages.front"))
        calendar_id = name.replace("@g", "@group.calendar.google.com") if name.endswith("@g") else name
        with desk.doing() as google:
            found = google.ctx.world.calendars.get(calendar_id)
        if found is None:
            return redirect(url_for("pages.front"))
        return redirect(url_for("pages.calendar", account=found.owner, event=event_id, calendar=calendar_id))

    def week(account: str) -> ResponseReturnValue:
        return _answered(desk, lambda google: _week(google, account, request.args["start"], request.args["end"]))

    def act(account: str, action: str) -> ResponseReturnValue:
        if action not in DEEDS:
            return HttpResponse(status=404)
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return HttpResponse(status=403)
        arguments = msgspec.json.decode(request.get_data(), type=dict[str, object])
        return _answered(desk, lambda google: getattr(google.person(account), action)(**arguments) or {})

    def stream() -> ResponseReturnValue:
        return HttpResponse(changes(desk), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})

    routes.add_url_rule("/", "front", front)
    routes.add_url_rule("/calendar/u/<account>", "calendar", calendar)
    routes.add_url_rule("/calendar/event", "event", event)
    routes.add_url_rule("/_sim/page/<account>/week", "week", week)
    routes.add_url_rule("/_sim/page/<account>/<action>", "act", act, methods=["POST"])
    routes.add_url_rule("/_sim/stream", "stream", stream)
    return routes


def _week(google: Google, account: str, start: str, end: str) -> JsonObject:
    person = google.person(account)
    zone = ZoneInfo(google.ctx.world.accounts[account].time_zone)
    low, high = (datetime.combine(date.fromisoformat(day), time(), zone) for day in (start, end))
    shown = []
    for entry in person.calendars():
        calendar_id = entry["id"]
        writable = entry["accessRole"] in {"owner", "writer"}
        shown.append(
            entry
            | {
                "events": person.events(calendar=calendar_id, start=low, end=high, time_zone=zone.key),
                "trash": person.trash(calendar=calendar_id) if writable else [],
            }
        )
    return {"version": google.version, "now": google.ctx.now().astimezone(zone).isoformat(), "calendars": shown}


def _answered(desk: Desk, action: Callable[[Google], JsonObject]) -> HttpResponse:
    try:
        with desk.doing() as google:
            document = action(google)
    except ApiError as refusal:
        return HttpResponse(refusal.response().body, status=refusal.status, mimetype="application/json")
    except (KeyError, ValueError, TypeError) as fault:
        body = msgspec.json.encode({"error": {"code": 400, "message": f"The page asked for nonsense: {fault}"}})
        return HttpResponse(body, status=400, mimetype="application/json")
    return HttpResponse(msgspec.json.encode(document), mimetype="application/json")
