"""What protects every page: nothing inline or foreign, framed only from this machine, nothing of another site's.

Start at `guard`, for a whole app, and `guarded`, for one page.
"""

from flask import Flask, Response, request

from infra.simulator.loopback import is_addressed_here

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
)


OWN = frozenset({"same-origin", "none"})
"""Where a browser says that a request comes from: this site, or a person. Programs say nothing."""


def guard(app: Flask, *, allow_remote: bool) -> None:
    """No page of another site reads or writes anything here, and no page of the app lacks its headers.

    Args:
        allow_remote: The app has other names than this machine's.

    Source: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
    """

    @app.before_request
    def refuse_other_names() -> Response | None:
        if allow_remote or is_addressed_here(request.environ.get("HTTP_HOST")):
            return None
        return Response("This address is only for the machine it is on.\n", status=421, mimetype="text/plain")

    @app.before_request
    def refuse_other_sites() -> Response | None:
        if request.method in {"GET", "HEAD"} or request.headers.get("Sec-Fetch-Site", "none") in OWN:
            return None
        return Response("Another site may not do this.\n", status=403, mimetype="text/plain")

    @app.after_request
    def protect(response: Response) -> Response:
        if response.mimetype == "text/html" and "Content-Security-Policy" not in response.headers:
            _protect(response, form_action=False)
        return response


def guarded(page: str, status: int = 200, *, form_action: bool = False) -> Response:
    """Wrap a page; `form_action` lets a form's answer lead on to a client's redirect address."""
    response = Response(page, status=status, mimetype="text/html")
    _protect(response, form_action=form_action)
    return response


def _protect(response: Response, *, form_action: bool) -> None:
    response.headers["Content-Security-Policy"] = _POLICY + ("" if form_action else "; form-action 'self'")
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
