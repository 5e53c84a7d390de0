"""Tenants, users, connections and calendars written straight as documents: what OAuth and a first sync leave behind."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from infra.simulator.clock import to_us
from infra.simulator.model import Grant, RefreshToken
from infra.simulator.state import DEMO_CLIENT_ID
from shared.model.connection import Connection, User, UserConnection, Watched
from shared.model.ids import CalendarId, ConnectionId, TenantId, UserId, calendar_path, connection_path, tenant_path
from shared.model.ids import user_path as path_of_user
from shared.model.oauth import SCOPE_CALENDARS, SCOPE_EVENTS, Identity
from shared.model.stored import read_as, to_data
from shared.model.tenant import Tenant
from shared.ports import Set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.simulator.state import Google
    from shared.ports import Cipher, Clock, Store

SCOPES = (SCOPE_EVENTS, SCOPE_CALENDARS)


def found_tenant(store: Store, clock: Clock, name: str, settings: dict[str, object]) -> TenantId:
    """The tenant is there."""
    tenant = Tenant(id=TenantId(name), name=name, created_at=clock.now(), settings=settings)
    store.commit([Set(path=tenant_path(tenant.id), data=to_data(tenant))])
    return tenant.id


def granted(google: Google, account: str) -> tuple[str, str]:
    """A refresh and an access token for the account, as after a consent."""
    ctx = google.ctx
    key = f"{account} {DEMO_CLIENT_ID}"
    ctx.world.grants[key] = Grant(account=account, client_id=DEMO_CLIENT_ID, scopes=list(SCOPES))
    refresh = ctx.secret("1//0", 40)
    ctx.world.refresh_tokens[refresh] = RefreshToken(
        account=account, client_id=DEMO_CLIENT_ID, scopes=list(SCOPES), created_us=to_us(ctx.now())
    )
    return refresh, google.access_token(account, *SCOPES)


def found_connection(
    store: Store,
    cipher: Cipher,
    clock: Clock,
    google: Google,
    *,
    tenant: TenantId,
    user: str,
    account: str,
    name: str,
    calendar: str,
    settings: dict[str, object],
) -> ConnectionId:
    """The user has an active connection to the account; its tasks go to the calendar."""
    key, now = ConnectionId(name), clock.now()
    refresh, access = granted(google, account)
    path = connection_path(tenant, key)
    known = google.ctx.world.accounts[account]
    connection = Connection(
        id=key,
        tenant=tenant,
        user=UserId(user),
        created_at=now,
        status="active",
        google=Identity(sub=known.sub, email=account),
        scopes=SCOPES,
        refresh_token=cipher.seal(path, refresh),
        access_token=cipher.seal(path, access),
        access_expires_at=now + timedelta(seconds=google.settings.access_token_s),
        settings=settings,
        calendar=CalendarId(calendar),
        primary=CalendarId(account),
        time_zone=known.time_zone,
    )
    entry = UserConnection(
        status="active",
        created_at=now,
        calendar=connection.calendar,
        primary=connection.primary,
        time_zone=known.time_zone,
    )
    place = path_of_user(tenant, UserId(user))
    document = store.get_many([place])[place]
    before = read_as(User, document) if document is not None else User(id=UserId(user))
    after = User(id=before.id, connections={**before.connections, key: entry}, language=before.language)
    store.commit([Set(path=path, data=to_data(connection)), Set(path=place, data=to_data(after))])
    return key


def found_calendars(
    store: Store,
    clock: Clock,
    google: Google,
    *,
    tenant: TenantId,
    connection: ConnectionId,
    account: str,
    calendars: Sequence[str],
) -> None:
    """The connection watches these calendars; they are due for a first full list and have no channel yet."""
    for calendar in calendars:
        real = google.ctx.world.calendars[calendar]
        watched = Watched(
            tenant=tenant,
            connection=connection,
            calendar_id=CalendarId(calendar),
            name=real.summary,
            access_role=real.roles[account],
            time_zone=real.time_zone,
            state="poll",
            due_at=clock.now(),
        )
        store.commit([Set(path=calendar_path(tenant, connection, watched.calendar_id), data=to_data(watched))])
