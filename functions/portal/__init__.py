"""The function `portal` (/portal/*, /admin/*): pages for a CRM's users. Start at `session.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.portal.session import answer

if TYPE_CHECKING:
    from flask import Request, Response


def portal(request: Request) -> Response:
    """Answer one request of a browser."""
    from infra.wiring import world

    return answer(request, world())
