"""The control API under `/_sim/`: clock, weather, people, tokens, and what happened. Start at `blueprint`.

JSON in, JSON out; unknown names and fields are refused with 400. It belongs to tests and demos and has no keys, so the
simulator binds to loopback.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from flask import Blueprint, request
from flask import Response as HttpResponse

from infra.simulator.desk import Desk
from infra.simulator.model import Client, Fault
from infra.simulator.person import Deed
from infra.simulator.settings import Notifications, Quota, SimSettings
from infra.simulator.state import Google
from infra.simulator.wire import ApiError, JsonObject

Action = Callable[[Google, JsonObject], Any]


class Refused(ValueError):
    """The control call cannot be done as it was sent."""


def blueprint(desk: Desk) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("control", __name__, url_prefix="/_sim")

    def call(name: str) -> HttpResponse:
        verb = "GET" if request.method == "GET" else "POST"
        found = _ACTIONS.get((verb, name))
        if found is None:
            known = sorted(f"{each} /_sim/{path}" for each, path in _ACTIONS)
            return _answer({"error": f"there is no {verb} /_sim/{name}", "there_is": known}, 404)
        return _done(desk, found)

    def clock() -> HttpResponse:
        return _done(desk, lambda google, body: _clock(desk, google, body))

    def reset() -> HttpResponse:
        with desk.doing() as google:
            fresh = Google(now=google.ctx.now, rng=google.ctx.rng, settings=SimSettings(), check_answers=True)
            fresh.settings = msgspec.structs.replace(fresh.settings, event_page=google.settings.event_page)
        desk.replace(fresh)
        return _answer({"version": fresh.version})

    routes.add_url_rule("/clock", "clock", clock, methods=["GET", "POST"])
    routes.add_url_rule("/reset", "reset", reset, methods=["POST"])
    routes.add_url_rule("/<path:name>", "call", call, methods=["GET", "POST"])
    return routes


def _done(desk: Desk, action: Action) -> HttpResponse:
    try:
        raw = request.get_data(cache=False)
        body = msgspec.json.decode(raw) if raw else dict(request.args.items())
        if not isinstance(body, dict):
            raise Refused("the body must be a JSON object")
        with desk.doing() as google:
            return _answer(action(google, body))
    except ApiError as refusal:
        return HttpResponse(refusal.response().body, status=refusal.status, mimetype="application/json")
    except KeyError as missing:
        return _answer({"error": f"there is no {missing.args[0]!r}, or it is missing"}, 400)
    except (ValueError, TypeError) as fault:
        return _answer({"error": str(fault)}, 400)


def _answer(document: object, status: int = 200) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(document), status=status, mimetype="application/json")


class _ClockCall(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    advance_s: float = 0.0
    stop_at: str | None = None
    real: bool = False


def _clock(desk: Desk, google: Google, body: JsonObject) -> JsonObject:
    asked = msgspec.convert(body, _ClockCall)
    if desk.clock is None and body:
        raise Refused("this simulator's clock is not in its own hands")
    if desk.clock is not None:
        if asked.real:
            desk.clock.run_real()
        if asked.stop_at is not None:
            desk.clock.stop_at(_moment(asked.stop_at))
        desk.clock.advance(asked.advance_s)
        google.ctx.version += 1
    return {"now": google.ctx.now().isoformat()}


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise Refused("stop_at needs an offset")
    return moment


def _patched(settings: SimSettings, body: JsonObject) -> SimSettings:
    merged = msgspec.to_builtins(settings)
    unknown = body.keys() - merged.keys()
    if unknown:
        raise Refused(f"unknown settings: {', '.join(sorted(unknown))}; there are: {', '.join(merged)}")
    return msgspec.convert(merged | body, SimSettings)


def _settings(google: Google, body: JsonObject) -> JsonObject:
    google.settings = _patched(google.settings, body)
    return _shown(google.settings)


def _notifications(google: Google, body: JsonObject) -> JsonObject:
    merged = msgspec.to_builtins(google.settings.notifications) | body
    knobs = msgspec.convert(merged, Notifications)
    google.settings = msgspec.structs.replace(google.settings, notifications=knobs)
    return _shown(knobs)


def _quota(google: Google, body: JsonObject) -> JsonObject:
    off = body == {"off": True}
    google.settings = msgspec.structs.replace(google.settings, quota=None if off else msgspec.convert(body, Quota))
    return {"quota": msgspec.to_builtins(google.settings.quota)}


def _shown(value: object) -> JsonObject:
    shown: JsonObject = msgspec.to_builtins(value)
    return shown


def _add_fault(google: Google, body: JsonObject) -> JsonObject:
    return _shown(google.add_fault(msgspec.convert(body, Fault)))


def _clear_faults(google: Google, body: JsonObject) -> JsonObject:
    del body
    google.clear_faults()
    return {}


def _add_account(google: Google, body: JsonObject) -> JsonObject:
    google.add_account(body["email"], body.get("name", ""), body.get("time_zone", "Europe/Berlin"))
    return _shown(google.ctx.world.accounts[body["email"]])


def _add_calendar(google: Google, body: JsonObject) -> JsonObject:
    made = google.add_calendar(body["owner"], body["summary"], push_refused=bool(body.get("push_refused")))
    return {"id": made.id}


def _share(google: Google, body: JsonObject) -> JsonObject:
    google.share(body["calendar_id"], body["account"], body.get("role"))
    return {}


def _access_token(google: Google, body: JsonObject) -> JsonObject:
    return {"access_token": google.access_token(body["account"], *body.get("scopes", ()))}


def _expire_sync(google: Google, body: JsonObject) -> JsonObject:
    google.expire_sync_tokens(body["calendar_id"])
    return {}


def _expire_access(google: Google, body: JsonObject) -> JsonObject:
    google.expire_access_tokens(body.get("account"))
    return {}


def _revoke(google: Google, body: JsonObject) -> JsonObject:
    google.revoke_grant(body["account"], body.get("client_id"))
    return {}


def _empty_trash(google: Google, body: JsonObject) -> JsonObject:
    return {"purged": google.empty_trash(body["calendar_id"])}


def _add_client(google: Google, body: JsonObject) -> JsonObject:
    google.add_client(msgspec.convert(body, Client))
    return {}


class _PersonCall(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    account: str
    action: Deed
    arguments: JsonObject = msgspec.field(default_factory=dict)


def _person(google: Google, body: JsonObject) -> JsonObject:
    asked = msgspec.convert(body, _PersonCall)
    done = getattr(google.person(asked.account), asked.action)(**asked.arguments)
    return done or {}


def _counters(google: Google, body: JsonObject) -> JsonObject:
    del body
    return dict(google.ctx.counters)


def _reset_counters(google: Google, body: JsonObject) -> JsonObject:
    del body
    google.ctx.counters.clear()
    return {}


def _mails(google: Google, body: JsonObject) -> JsonObject:
    del body
    return {"mails": msgspec.to_builtins(google.mails)}


def _state(google: Google, body: JsonObject) -> JsonObject:
    del body
    return _shown(google.ctx.world)


def _violations(google: Google, body: JsonObject) -> JsonObject:
    del body
    return {"violations": google.violations}


_ACTIONS: dict[tuple[str, str], Action] = {
    ("GET", "settings"): lambda google, _: _shown(google.settings),
    ("POST", "settings"): _settings,
    ("POST", "notifications"): _notifications,
    ("POST", "quota"): _quota,
    ("POST", "faults"): _add_fault,
    ("POST", "faults/clear"): _clear_faults,
    ("GET", "faults"): lambda google, _: {"faults": msgspec.to_builtins(google.ctx.world.faults)},
    ("POST", "accounts"): _add_account,
    ("POST", "calendars"): _add_calendar,
    ("POST", "calendars/share"): _share,
    ("POST", "calendars/empty_trash"): _empty_trash,
    ("POST", "clients"): _add_client,
    ("POST", "tokens/access"): _access_token,
    ("POST", "tokens/expire_sync"): _expire_sync,
    ("POST", "tokens/expire_access"): _expire_access,
    ("POST", "tokens/revoke"): _revoke,
    ("POST", "person"): _person,
    ("GET", "counters"): _counters,
    ("POST", "counters/reset"): _reset_counters,
    ("GET", "mails"): _mails,
    ("GET", "state"): _state,
    ("GET", "violations"): _violations,
}
