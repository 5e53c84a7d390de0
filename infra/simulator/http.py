"""The simulator over HTTP: a WSGI app around the state machine. Start at `create_app`.

It adds what the state machine leaves out: real waiting, broken connections, pages, the control API and the live stream.
"""

import time
from pathlib import Path

from flask import Flask, request
from flask import Response as HttpResponse

from infra.simulator import consent, control, pages, task_pages
from infra.simulator.connections import cut
from infra.simulator.courier import Courier
from infra.simulator.desk import Desk
from infra.simulator.keeper import Keeper
from infra.simulator.security import guard
from infra.simulator.sim_clock import SimClock
from infra.simulator.state import Google
from infra.simulator.wire import Request, Response

VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(
    google: Google,
    *,
    clock: SimClock | None = None,
    deliver: bool = True,
    keep: Path | None = None,
    allow_remote: bool = False,
) -> Flask:
    """Make the app; answers are held against the discovery document from now on.

    Args:
        google: The state machine; from now on only this app may touch it, through `app.extensions["desk"]`.
        clock: The clock the state machine reads, when `/_sim/clock` may move it.
        deliver: Start a courier that delivers push messages.
        keep: A file that holds the world from now on; read it back with `Google.load`.
        allow_remote: Other machines may ask, under whatever name they have for this one.

    `close_app` ends what this starts.
    """
    google.check_answers = True
    desk = Desk(google, clock)
    courier = Courier(desk)
    app = Flask("infra.simulator", static_folder="static", static_url_path="/_sim/static")
    app.extensions |= {"desk": desk, "courier": courier}
    guard(app, allow_remote=allow_remote)
    app.register_blueprint(consent.blueprint(desk))
    app.register_blueprint(control.blueprint(desk))
    app.register_blueprint(pages.blueprint(desk))
    app.register_blueprint(task_pages.blueprint(desk))

    def served(path: str) -> HttpResponse:
        del path
        return _served(desk, courier)

    app.add_url_rule("/<path:path>", "served", served, methods=VERBS)
    if deliver:
        courier.start()
    if keep is not None:
        keeper = app.extensions["keeper"] = Keeper(desk, keep)
        keeper.start()
    return app


def close_app(app: Flask) -> None:
    """End live streams, deliveries and keeping; the world is written a last time."""
    app.extensions["desk"].close()
    app.extensions["courier"].close()
    if "keeper" in app.extensions:
        app.extensions["keeper"].close()


def _served(desk: Desk, courier: Courier) -> HttpResponse:
    message = _message()
    with desk.doing() as google:
        answer = google.handle(message)
        sync_first = google.settings.notifications.sync_first and message.path.endswith("/watch")
    if sync_first:
        courier.deliver_now()
    if answer.delay_s:
        time.sleep(answer.delay_s)
    if answer.cut:
        return cut(request.environ)
    return _written(answer)


def _message() -> Request:
    raw = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI") or request.full_path
    path = str(raw).partition("?")[0].removeprefix(request.script_root)
    return Request(
        method=request.method,
        path=path,
        query=tuple(request.args.items(multi=True)),
        headers=dict(request.headers),
        body=request.get_data(cache=False),
    )


def _written(answer: Response) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response
