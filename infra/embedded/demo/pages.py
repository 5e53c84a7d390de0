"""Routes of the demo: one page, its files, its state as JSON, what a person does on it, and news as they happen.

Start at `pages`. The page holds no state of its own: after a reload it shows the same.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Flask, Response, render_template, request

from infra.embedded.demo import dates, examples, first_look
from infra.embedded.demo.calls import Unreachable
from infra.embedded.demo.crm import Crm, Impossible
from infra.embedded.demo.forms import Form, form_of
from infra.embedded.demo.google_side import Refused
from infra.embedded.demo.times import span_of, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infra.embedded.demo.records import Record
    from infra.embedded.demo.trouble import Trouble

BEAT_S = 15.0
LARGEST = 256 * 1024
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class Save(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A form to save; without an id it is a new task's."""

    form: Form
    id: str | None = None


class Aim(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is meant: a task, one of its dates, a decision, a choice, settings; each action takes its own.

    `kind` is that of the trouble to make, or of the change of a date.
    """

    id: str | None = None
    kind: str = ""
    start: str = ""
    decision: str = ""
    choice: dict[str, Any] = msgspec.field(default_factory=dict)
    settings: dict[str, Any] = msgspec.field(default_factory=dict)


def pages(crm: Crm, trouble: Trouble) -> Flask:
    """The app over one CRM."""
    app = Flask("infra.embedded.demo", static_url_path="/demo/static")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    deeds = _deeds(crm, trouble)

    def page() -> Response:
        response = Response(render_template("demo.html", calendar=examples.ACCOUNT, guest=examples.GUEST))
        response.headers["Content-Security-Policy"] = POLICY
        return response

    def state() -> Response:
        return _answer(state_of(crm, trouble))

    def act(name: str) -> Response:
        if name not in deeds:
            return _answer({"detail": f"there is nothing called {name}"}, 404)
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return _answer({"detail": "only the demo's own page may do that"}, 403)
        if request.mimetype != "application/json":
            return _answer({"detail": "send JSON"}, 415)
        return _done(lambda: deeds[name](request.get_data()))

    def history() -> Response:
        return _done(lambda: {"data": crm.history(request.args.get("id", ""))})

    def held() -> Response:
        return _done(lambda: {"run": crm.held()})

    def dates_of() -> Response:
        return _done(lambda: {"data": dates.upcoming(crm, request.args.get("id", ""))})

    def news() -> Response:
        return Response(_news(crm), mimetype="text/event-stream")

    @app.after_request
    def guard(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        response.headers["Cache-Control"] = "no-store"
        return response

    app.add_url_rule("/", "page", page)
    app.add_url_rule("/demo/state", "state", state)
    app.add_url_rule("/demo/do/<name>", "act", act, methods=["POST"])
    app.add_url_rule("/demo/history", "history", history)
    app.add_url_rule("/demo/held", "held", held)
    app.add_url_rule("/demo/dates", "dates", dates_of)
    app.add_url_rule("/demo/news", "news", news)
    return app


def state_of(crm: Crm, trouble: Trouble) -> dict[str, Any]:
    """Everything that the page shows."""
    now = datetime.now(UTC)
    today = now.date()
    return {
        "version": crm.records.version,
        "person": {"name": examples.PERSON, "email": examples.ACCOUNT},
        "today": today.isoformat(),
        "week": examples.week_of(today).isoformat(),
        "connection": crm.connection,
        "trouble_with_tandem": crm.trouble_with_tandem,
        "tasks": sorted(map(shown, crm.records.all()), key=lambda task: (task["day"] or "9", task["at"], task["id"])),
        "log": [msgspec.to_builtins(entry) for entry in crm.records.entries()],
        "trouble": {"offered": trouble.offered, "busy": trouble.busy, "losing": trouble.losing},
    }


def shown(record: Record) -> dict[str, Any]:
    """A record as the page's list and form show it."""
    span = span_of(record.fields)
    start: date | datetime | None = span[0] if span else None
    timed = isinstance(start, datetime)
    return {
        "id": record.id,
        "title": record.title,
        "when": spoken(record.fields) if span else "",
        "day": start.isoformat()[:10] if start else None,
        "at": f"{start:%H:%M}" if timed else "",
        "until": f"{span[1]:%H:%M}" if timed and span else "",
        "state": record.state,
        "sync": record.sync_state,
        "fields": record.fields,
        "form": msgspec.to_builtins(form_of(record)),
        "repeats": dates.repeats(record.fields),
        "created_in": record.created_in,
        "version": record.version,
    }


def _deeds(crm: Crm, trouble: Trouble) -> dict[str, Callable[[bytes], dict[str, Any]]]:
    def save(raw: bytes) -> dict[str, Any]:
        asked = msgspec.json.decode(raw, type=Save)
        saved = crm.save(asked.id, asked.form)
        return {"faults": saved.faults} if saved.record is None else {"task": shown(saved.record)}

    def remove(aim: Aim) -> None:
        crm.remove(aim.id or "")

    def finish(aim: Aim) -> None:
        record = crm.records.get(aim.id or "")
        if record is None:
            raise Impossible("there is no such task any more")
        done = record.fields.get("status") == "done"
        crm.write(record.id, record.fields | {"status": "open" if done else "done"})

    def aimed(deed: Callable[[Aim], None]) -> Callable[[bytes], dict[str, Any]]:
        def done(raw: bytes) -> dict[str, Any]:
            deed(msgspec.json.decode(raw, type=Aim))
            return {}

        return done

    return {
        "save": save,
        "connect": lambda _: {"url": crm.connect()},
        "look": lambda _: {"url": crm.connect(look_first=True)},
        "preview": lambda _: {"run": first_look.preview(crm)},
        "start": aimed(lambda _: first_look.start(crm)),
        "date": aimed(lambda aim: dates.change(crm, aim.id or "", aim.start, aim.kind)),
        "remove": aimed(remove),
        "finish": aimed(finish),
        "settle": aimed(lambda aim: crm.settle(aim.id or "", aim.choice)),
        "sync": aimed(lambda _: crm.sync_now()),
        "review": aimed(lambda aim: crm.review(aim.decision)),
        "settings": aimed(lambda aim: crm.set(aim.settings)),
        "trouble": aimed(lambda aim: trouble.make(aim.kind, aim.id)),
    }


def _done(deed: Callable[[], dict[str, Any]]) -> Response:
    try:
        return _answer(deed())
    except Unreachable as fault:
        return _answer({"detail": f"{fault}; try again in a moment"}, 503)
    except (Impossible, Refused) as fault:
        return _answer({"detail": str(fault)}, 409)
    except (msgspec.DecodeError, KeyError) as fault:
        return _answer({"detail": f"that was not understood: {fault}"}, 400)


def _news(crm: Crm) -> Iterator[str]:
    """The version whenever it moves, and a beat when nothing does."""
    seen = crm.records.version
    yield f"event: version\ndata: {seen}\n\n"
    while True:
        version = crm.records.wait(seen, within_s=BEAT_S)
        yield f"event: version\ndata: {version}\n\n" if version != seen else ": still here\n\n"
        seen = version


def _answer(document: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(document), status=status, mimetype="application/json")
