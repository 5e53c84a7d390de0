"""Links to the portal: a CRM asks for one, its user opens it once within ten minutes. Tokens are kept only as digests.

Start at `create_portal_session`, then `open_portal_session`. What the portal shows is not decided here.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from shared.errors import BadState, Fault, Invalid, LostRace
from shared.model.ids import Path, TenantId, UserId, digest_of, portal_session_path, tenant_path
from shared.model.portal_session import Language, PortalSession
from shared.model.stored import read_as, to_data
from shared.model.tenant import Tenant
from shared.ports import Delete, Filter, Must, Query, Revision, Set
from shared.usecases.connecting.connect import may_return
from shared.usecases.tenants import read_tenant

if TYPE_CHECKING:
    from shared.usecases.world import World

PAGE = 100
LINK_LIVES = timedelta(minutes=10)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class PortalLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link that works once, for ten minutes."""

    url: str
    expires_at: datetime


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a link has let in, and whose user that is."""

    session: PortalSession
    tenant: Tenant


def create_portal_session(
    world: World, tenant: TenantId, *, user: UserId, return_url: str | None = None, language: Language | None = None
) -> PortalLink:
    """The user has a link to the portal.

    Raises:
        Invalid: The return address lies on none of the tenant's origins.
    """
    owner, _ = read_tenant(world, tenant)
    if return_url is not None and not may_return(world, owner, return_url):
        detail = "must lie on one of the tenant's return_origins; add it with PATCH /v1/tenant"
        raise Invalid([Fault("/return_url", detail)])
    token, expires_at = world.ids.secret(), world.clock.now() + LINK_LIVES
    session = PortalSession(tenant=tenant, user=user, return_url=return_url, language=language, expires_at=expires_at)
    world.store.commit([Set(path=_document(token), data=to_data(session), must=Must.BE_ABSENT)])
    return PortalLink(url=f"{world.addresses.portal}/portal/session/{token}", expires_at=expires_at)


def open_portal_session(world: World, token: str) -> Opened:
    """The link is spent, and this is whom it lets in.

    Raises:
        BadState: It is none of ours, was used before, or is older than ten minutes; which of these is not told.
    """
    if not _TOKEN.fullmatch(token):
        raise BadState
    path = _document(token)
    document = world.store.get_many([path])[path]
    if document is None:
        raise BadState
    session = read_as(PortalSession, document)
    try:
        world.store.commit([Delete(path=path, must=Revision(document.revision))])
    except LostRace as lost:
        raise BadState from lost
    owner = tenant_path(session.tenant)
    tenant = world.store.get_many([owner])[owner]
    if session.expires_at <= world.clock.now() or tenant is None:
        raise BadState
    return Opened(session=session, tenant=read_as(Tenant, tenant))


def forget_portal_sessions(world: World, tenant: TenantId, user: UserId) -> None:
    """None of the user's links opens any more, and nothing of them is stored."""
    filters = (Filter("tenant", "==", tenant), Filter("user", "==", user))
    query = Query(collection="portal_sessions", filters=filters, limit=PAGE)
    while page := world.store.query(query):
        world.store.commit([Delete(path=document.path) for document in page])


def _document(token: str) -> Path:
    """Where a link is kept; who reads the store cannot make the link from its name."""
    return portal_session_path(digest_of("portal-session", token, length=52))
