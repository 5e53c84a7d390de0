"""`/docs`, `/docs/errors/…`, `/docs/google` and `/openapi.json`: what integrators read. Needs no key and no CDN.

The viewer is RapiDoc, vendored whole; its licence lies beside it. No script or style stands inside a page of ours.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from flask import Flask, Response
from werkzeug.exceptions import NotFound

from functions.api.google_setup import google_setup
from functions.http import STATUSES, TITLES
from functions.pages import HEADERS, Text, page_response
from shared import errors
from shared.remedies import Known, known_codes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from functions.api.operation import Resource
    from shared.usecases.world import World

STATIC = Path(__file__).with_name("static")
FILES = {
    "docs.css": "text/css; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "rapidoc-9.3.8.js": "text/javascript; charset=utf-8",
    "rapidoc-LICENSE.txt": "text/plain; charset=utf-8",
}
"""What the page loads: all there is to load."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Styles may be inline, since the viewer sets them on its elements; scripts may not."""
PAGE_HEADERS = {**HEADERS, "Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
FILE_HEADERS = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
STATUS_OF_CODE = {"method_not_allowed": 405, "internal": 500}


def serve_docs(app: Flask, resources: Iterable[Resource], world: World) -> None:
    """The app answers these addresses, too."""
    made: list[bytes] = []

    @app.get("/openapi.json", provide_automatic_options=False)
    def openapi() -> Response:
        if not made:
            from functions.api.openapi import document

            made.append(msgspec.json.encode(document(resources)))
        return Response(made[0], content_type="application/json")

    @app.get("/docs", provide_automatic_options=False)
    def docs() -> Response:
        return Response(
            (STATIC / "docs.html").read_bytes(), content_type="text/html; charset=utf-8", headers=PAGE_HEADERS
        )

    @app.get("/docs/google", provide_automatic_options=False)
    def docs_google() -> Response:
        return page_response(google_setup(world), 200)

    @app.get("/docs/<file>", provide_automatic_options=False)
    def docs_file(file: str) -> Response:
        if file not in FILES:
            raise NotFound("this is none of the documentation's files; start at /docs")
        return Response((STATIC / file).read_bytes(), content_type=FILES[file], headers=FILE_HEADERS)

    @app.get("/docs/errors", provide_automatic_options=False)
    def docs_errors() -> Response:
        links = tuple((code, f"/docs/errors/{code}") for code in known_codes())
        lines = ("Every refusal has a code, and every code a page: why it happens, and what to do.",)
        return page_response(Text(title="Error codes", lines=lines, links=(("API", "/docs"), *links)), 200)

    @app.get("/docs/errors/<code>", provide_automatic_options=False)
    def docs_error(code: str) -> Response:
        known = known_codes().get(code)
        return page_response(_page(known) if known else NO_SUCH_CODE, 200 if known else 404)


NO_SUCH_CODE = Text(
    title="There is no such code",
    lines=("No answer of this version has this code.",),
    links=(("All codes", "/docs/errors"), ("API", "/docs")),
)


def _page(known: Known) -> Text:
    status = status_of_code(known.code)
    answered = f"As a problem document it comes with status {status}: {TITLES[status]}." if status else None
    return Text(
        title=known.code,
        lines=tuple(filter(None, (known.cause, f"What to do: {known.remedy}", answered))),
        links=(("All codes", "/docs/errors"), ("API", "/docs")),
    )


def status_of_code(code: str) -> int | None:
    """The status of a problem document with this code; None where the code only stands inside other answers."""
    if code in STATUS_OF_CODE:
        return STATUS_OF_CODE[code]
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and getattr(kind, "code", "") == code]
    return next((STATUSES[base] for kind in kinds for base in kind.__mro__ if base in STATUSES), None)
