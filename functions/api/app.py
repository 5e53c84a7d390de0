"""The REST API as an ordinary Flask app; every answer, good or bad, is one that the OpenAPI document names.

Start at `create_app`; the calls stand in one file per resource, the way of a request in `pipeline.py`.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from functions.api.calendars import calendars
from functions.api.changes import changes
from functions.api.connection_runs import connection_runs
from functions.api.connections import connections
from functions.api.docs import serve_docs
from functions.api.keys import keys
from functions.api.oauth_apps import oauth_apps
from functions.api.occurrences import occurrences
from functions.api.pipeline import OUTSIDE_ID, view_of
from functions.api.portal_sessions import portal_sessions
from functions.api.runs import runs
from functions.api.status import status
from functions.api.task_batches import task_batches
from functions.api.task_lists import task_lists
from functions.api.tasks import tasks
from functions.api.tenant import tenant
from functions.api.users import users
from functions.api.webhook import webhook
from functions.http import headers_of, json_response, problem, problem_of, request_id_of, status_of
from shared.errors import Moved, StoreUnavailable, TandemError
from shared.usecases.tenants import KnownKeys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.api.operation import Resource
    from shared.usecases.world import World

RESOURCES: tuple[Resource, ...] = (
    connections,
    calendars,
    task_lists,
    connection_runs,
    runs,
    tasks,
    occurrences,
    task_batches,
    changes,
    status,
    tenant,
    keys,
    users,
    webhook,
    oauth_apps,
    portal_sessions,
)

_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
_SEE = "see the documentation at /docs"


def create_app(world: World) -> Flask:
    """The API over this world; nothing is created on import."""
    app = Flask("tandem.api", static_folder=None)
    app.url_map.merge_slashes = False
    known_keys = KnownKeys()
    for resource in RESOURCES:
        blueprint = Blueprint(resource.name, __name__)
        for operation in resource.operations:
            blueprint.add_url_rule(
                operation.rule,
                endpoint=operation.name,
                view_func=view_of(operation, world, known_keys),
                methods=[operation.method],
                provide_automatic_options=False,
            )
        app.register_blueprint(blueprint)
    serve_docs(app, RESOURCES, world)
    _answer_errors(app, world)
    _note_requests(app, world)
    return app


def _answer_errors(app: Flask, world: World) -> None:
    @app.errorhandler(TandemError)
    def refuse(error: TandemError) -> Response:
        if status_of(error) == 500:
            _log_fault(world, error)
        headers = headers_of(error)
        if isinstance(error, StoreUnavailable):
            world.log.event("api", "unavailable", error=error.code, detail=error.detail, request_id=g.request_id)
        if isinstance(error, Moved):
            headers["Location"] = _moved_to(error)
        return json_response(problem_of(error, g.request_id), status_of(error), headers)

    @app.errorhandler(HTTPException)
    def refuse_route(error: HTTPException) -> Response:
        number = error.code or 500
        allow = dict(error.get_headers()).get("Allow")
        detail = _route_detail(number, allow) or error.description or _SEE
        answer = json_response(problem(number, _CODES.get(number, "bad_request"), detail, g.request_id), number)
        if allow is not None:
            answer.headers["Allow"] = allow
        return answer

    @app.errorhandler(Exception)
    def fail(error: Exception) -> Response:
        _log_fault(world, error)
        detail = "this is a fault of Tandem's; report it with the request_id"
        return json_response(problem(500, "internal", detail, g.request_id), 500)


def _route_detail(number: int, allow: str | None) -> str | None:
    """What to do about an address or a method that is none of the API's."""
    if allow is not None:
        return f"this address takes {allow}; {_SEE}"
    return f"no call has this address; {_SEE}" if number == 404 else None


def _moved_to(error: Moved) -> str:
    """The same address with the task's new id; of a task that is a date of a series by now, that date's."""
    old, new = (request.view_args or {}).get("task_id", ""), quote(error.to, safe="@:+")
    path = request.path.replace(f"/v1/tasks/{old}", f"/v1/tasks/{new}", 1)
    if error.date is not None:
        path = f"{path}/occurrences/{error.date}"
    query = request.query_string.decode("ascii", "replace")
    return f"{path}?{query}" if query else path


def _note_requests(app: Flask, world: World) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id = request_id_of(request, world.ids.new())
        g.began_at = world.clock.now()
        g.tenant = None

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        took = world.clock.now() - g.began_at
        world.log.event(
            "api",
            str(response.status_code),
            operation=request.endpoint,
            tenant=g.tenant,
            **_named(request.view_args or {}),
            request_id=g.request_id,
            duration_ms=round(took.total_seconds() * 1000, 1),
        )
        return response


def _named(path: Mapping[str, str]) -> dict[str, str]:
    """What the call is about, by the ids in its address; what is no id may be anything, and is left out."""
    names = {"task_id": "task", "connection_id": "connection", "run_id": "run"}
    return {names[name]: value for name, value in path.items() if name in names and OUTSIDE_ID.fullmatch(value)}


def _log_fault(world: World, error: Exception) -> None:
    """Where it happened, never what was in it: messages of libraries quote values."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-8:]))
    world.log.event("api", "bug", error=type(error).__name__, where=where, request_id=g.request_id)
