"""The headers every page carries: nothing inline or foreign, framed only from this machine. Start at `guarded`."""

from flask import Response

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
)


def guarded(page: str, status: int = 200, *, form_action: bool = False) -> Response:
    """Wrap a page; `form_action` lets a form's answer lead on to a client's redirect address."""
    response = Response(page, status=status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY + ("" if form_action else "; form-action 'self'")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
