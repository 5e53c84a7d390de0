"""The function `api`: /v1/*, /docs and /openapi.json. Start at `app.py`; one file per resource stands beside it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask, Request
    from werkzeug import Response


def api(request: Request) -> Response:
    """Answer one request by the Flask app, which is made at the first one and kept."""
    from flask import Response as FlaskResponse

    return FlaskResponse.from_app(_app(), request.environ)


@cache
def _app() -> Flask:
    from functions.api.app import create_app
    from infra.wiring import world

    return create_app(world())
