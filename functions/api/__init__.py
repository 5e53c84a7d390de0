"""The function `api`: /v1/*, /docs and /openapi.json. Start at `app.py`; one file per resource stands beside it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask, Request
    from werkzeug import Response

    from shared.usecases.world import World

_made: list[tuple[World, Flask]] = []
"""The app and the world it was made over; at most one."""
_making = threading.Lock()


def api(request: Request) -> Response:
    """Answer one request by the Flask app, which is made at the first one and kept while the world is the same."""
    from flask import Response as FlaskResponse

    answer = FlaskResponse.from_app(_app(), request.environ)
    if answer.status_code == 204:  # `from_app` gives a type to what has no body
        del answer.headers["Content-Type"]
    return answer


def _app() -> Flask:
    from infra.wiring import make_structs_ready, world

    here = world()
    kept = _made[:1]
    if kept and kept[0][0] is here:
        return kept[0][1]
    with _making:
        from functions.api.app import create_app

        make_structs_ready()
        kept = [(here, create_app(here))]
        _made[:] = kept
    return kept[0][1]
