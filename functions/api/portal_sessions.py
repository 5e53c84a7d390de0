"""`/v1/portal_sessions`: links with which a CRM sends its user to the portal."""

from __future__ import annotations

from datetime import datetime

import msgspec

from functions.api.connections import Address
from functions.api.operation import Answer, Call, Resource
from shared.model.content import OutsideId
from shared.model.ids import UserId
from shared.model.portal_session import Language
from shared.usecases.connecting.portal_sessions import create_portal_session

portal_sessions = Resource("portal_sessions")


class PortalSessionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who goes to the portal, where it leads back to, and what it speaks: by default what the browser prefers."""

    user_id: OutsideId
    return_url: Address | None = None
    language: Language | None = None


class PortalSessionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The link: it opens once, within ten minutes. Send the browser there; never keep it."""

    url: str
    expires_at: datetime


@portal_sessions.call(
    "POST /v1/portal_sessions", answers={201: PortalSessionAnswer}, example={"user_id": "anna", "language": "it"}
)
def create_portal_link(call: Call, body: PortalSessionBody) -> Answer:
    """The user has a link to the portal that works once, for ten minutes."""
    link = create_portal_session(
        call.world, call.tenant, user=UserId(body.user_id), return_url=body.return_url, language=body.language
    )
    return Answer(value=PortalSessionAnswer(url=link.url, expires_at=link.expires_at), status=201)
