"""What happens in a user's browser: to Google with a state, and back with a code. Start at `start`, then `callback`.

The state is signed, works once, lives ten minutes and only in the browser that began; the PKCE verifier waits sealed
beside it. What Google granted is checked before anything of the connection changes (`granted.py`). Outcomes are values:
the function that serves the browser makes pages of them.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from shared.errors import (
    BadRequest,
    BadState,
    CalendarGone,
    LostRace,
    NeedsHuman,
    Refused,
    RetryLater,
    ScopeMissing,
)
from shared.model.connection import Connection
from shared.model.ids import Path, connection_path, tenant_path
from shared.model.oauth import CALENDAR_SCOPES, SCOPE_CALENDARS, SCOPE_TASKS, Consent
from shared.model.oauth_state import OAuthState
from shared.model.settings import settings_of
from shared.model.stored import read_as, to_data
from shared.model.tenant import Tenant
from shared.ports import Delete, Must, Revision, Set
from shared.usecases.connecting.granted import Grant, missing_scopes, note_problem, take_grant
from shared.usecases.connecting.oauth_clients import client_of
from shared.usecases.connecting.oauth_links import (
    authorize_url_of,
    browser_digest,
    challenge_of,
    cookie_name,
    open_state,
    read_link,
    seal_state,
    state_document,
)

if TYPE_CHECKING:
    from shared.usecases.world import World

STATE_LIVES = timedelta(minutes=10)

PageKind: TypeAlias = Literal[
    "connected", "connected_without_tasks", "connected_without_calendar", "already_connected", "denied", "link_expired",
    "state_expired", "other_browser", "scope_missing", "other_account", "code_refused", "unavailable", "client_refused",
    "no_calendar", "removed",
]  # fmt: skip


class ToGoogle(msgspec.Struct, frozen=True, kw_only=True):
    """Send the browser to Google's consent page, holding this cookie."""

    location: str
    cookie: str
    cookie_value: str
    max_age_s: int


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser shows: `kind` says what happened, the rest where it can go on.

    Args:
        again: The connection's own link, where trying again can help.
        return_url: Where the CRM wants its user back.
        missing: Permissions that were not granted, in Google's names.
        spent_cookie: A cookie that is no longer needed.
    """

    kind: PageKind
    again: str | None = None
    return_url: str | None = None
    missing: tuple[str, ...] = ()
    spent_cookie: str | None = None


def start(world: World, query: Mapping[str, str]) -> ToGoogle | Page:
    """The browser is on its way to Google with a state of its own; or the page that says why not."""
    try:
        link = read_link(world, query.get("c", ""), query.get("n", ""))
    except BadState:
        return Page(kind="link_expired")
    place, owner = connection_path(link.tenant, link.connection), tenant_path(link.tenant)
    found = world.store.get_many([place, owner])
    document, tenant = found[place], found[owner]
    if document is None or tenant is None:
        return Page(kind="removed")
    connection = read_as(Connection, document)
    if connection.status in {"disconnecting", "disconnected"}:
        return Page(kind="removed", return_url=connection.return_url)
    if connection.start_nonce != link.nonce:
        works = connection.google is not None and connection.status != "needs_reconnect"
        return Page(kind="already_connected" if works else "link_expired", return_url=connection.return_url)
    try:
        client = client_of(world, link.tenant, connection.oauth_app)
    except RetryLater:
        return Page(kind="client_refused", return_url=connection.return_url)
    settings = settings_of(read_as(Tenant, tenant).settings, connection.settings)
    scopes = (*CALENDAR_SCOPES, SCOPE_TASKS) if settings.google_tasks is not None else CALENDAR_SCOPES
    nonce, verifier, cookie = world.ids.secret(), world.ids.secret(), world.ids.secret()
    path = state_document(nonce)
    state = OAuthState(
        tenant=link.tenant,
        connection=link.connection,
        browser=browser_digest(cookie),
        verifier=world.cipher.seal(path, verifier),
        scopes=scopes,
        redirect_uri=world.addresses.oauth_callback,
        expires_at=world.clock.now() + STATE_LIVES,
    )
    world.store.commit([Set(path=path, data=to_data(state), must=Must.BE_ABSENT)])
    asked = Consent(
        redirect_uri=state.redirect_uri,
        scopes=scopes,
        state=seal_state(world, nonce),
        challenge=challenge_of(verifier),
        login_hint=connection.google.email if connection.google else connection.login_hint,
    )
    return ToGoogle(
        location=world.oauth.authorize_url(client, asked),
        cookie=cookie_name(world, nonce),
        cookie_value=cookie,
        max_age_s=int(STATE_LIVES.total_seconds()),
    )


def callback(world: World, query: Mapping[str, str], cookies: Mapping[str, str]) -> Page:
    """The connection works with what its user granted; or the page that says what to do."""
    try:
        nonce = open_state(world, query.get("state", ""))
    except BadState:
        return Page(kind="state_expired")
    path, cookie = state_document(nonce), cookie_name(world, nonce)
    document = world.store.get_many([path])[path]
    state = read_as(OAuthState, document) if document is not None else None
    if document is None or state is None or state.expires_at <= world.clock.now():
        return Page(kind="state_expired", spent_cookie=cookie)
    if not hmac.compare_digest(browser_digest(cookies.get(cookie, "")), state.browser):
        return Page(kind="other_browser")
    try:
        world.store.commit([Delete(path=path, must=Revision(document.revision))])
    except LostRace:
        return Page(kind="state_expired", spent_cookie=cookie)
    return msgspec.structs.replace(_came_back(world, query, state, path), spent_cookie=cookie)


def _came_back(world: World, query: Mapping[str, str], state: OAuthState, path: Path) -> Page:
    """The state is spent: whatever follows happens once."""
    place = connection_path(state.tenant, state.connection)
    document = world.store.get_many([place])[place]
    connection = read_as(Connection, document) if document is not None else None
    if connection is None or connection.status in {"disconnecting", "disconnected"}:
        return Page(kind="removed")
    if "code" not in query:
        return _page(world, connection, "denied" if query.get("error") == "access_denied" else "code_refused")
    try:
        return _exchanged(world, connection, state, query["code"], world.cipher.open(path, state.verifier))
    except BadRequest:
        return _page(world, connection, "code_refused")
    except RetryLater as error:
        world.log.event("connect", "failed", tenant=state.tenant, connection=state.connection, reason=error.code)
        return _page(world, connection, "client_refused" if error.code == "client_refused" else "unavailable")
    except ScopeMissing:
        return _page(world, connection, "scope_missing", missing=(SCOPE_CALENDARS,))
    except CalendarGone:
        return _page(world, connection, "no_calendar")
    except (NeedsHuman, Refused) as error:
        world.log.event("connect", "refused", tenant=state.tenant, connection=state.connection, reason=error.code)
        return _page(world, connection, "code_refused")


def _exchanged(world: World, connection: Connection, state: OAuthState, code: str, verifier: str) -> Page:
    client = client_of(world, connection.tenant, connection.oauth_app)
    tokens = world.oauth.exchange(client, code=code, verifier=verifier, redirect_uri=state.redirect_uri)
    granted = tokens.scopes or state.scopes  # left out when they are what was asked for (RFC 6749, 5.1)
    missing = missing_scopes(state.scopes, granted)
    if set(missing) - {SCOPE_TASKS}:
        note_problem(world, connection, "scope_missing", f"Not granted: {', '.join(missing)}.")
        return _page(world, connection, "scope_missing", missing=missing)
    identity = world.oauth.identity(tokens.access_token)
    if connection.google is not None and connection.google.sub != identity.sub:
        note_problem(world, connection, "other_account", "Another Google account was chosen than the connected one.")
        return _page(world, connection, "other_account")
    grant = Grant(tokens=tokens, scopes=tuple(granted), identity=identity, without_tasks=SCOPE_TASKS in missing)
    kind = take_grant(world, connection, grant)
    return Page(kind=kind, return_url=connection.return_url, missing=missing)


def _page(world: World, connection: Connection, kind: PageKind, *, missing: tuple[str, ...] = ()) -> Page:
    return Page(kind=kind, again=authorize_url_of(world, connection), return_url=connection.return_url, missing=missing)
