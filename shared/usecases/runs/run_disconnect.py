"""A connection ends: channels stop, its tasks let go of their events or delete them, and the grant is given back last.

A task whose event another connected user sees too goes on with that copy (rule 41); the others go to another connection
of their user, or are `off` until that user connects again. Events that people made in Google are never deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import GrantRevoked, LostRace, NeedsHuman, Refused, RetryLater, TandemError
from shared.model.connection import WORKING, Connection, Watched
from shared.model.ids import ConnectionId, connection_path, tenant_path
from shared.model.stored import read_as, to_data
from shared.ports import Filter, Query, Revision, Set
from shared.usecases.connecting.access import with_calendar
from shared.usecases.connecting.channels import stop_channels
from shared.usecases.inbound.missing import mappings_of
from shared.usecases.outbound.release import Releasing, release, view_dropped
from shared.usecases.runs.run_arriving import arriving
from shared.usecases.runs.run_work import Ends, in_phases
from shared.usecases.runs.runs import start_run
from shared.usecases.standing import standing_writes

if TYPE_CHECKING:
    from shared.ports import Document, Write
    from shared.usecases.runs.run_work import Account, Phase, Stopped, Work

PAGE = 100
MOST = 500


def disconnect(work: Work) -> Stopped:
    """The connection is disconnected and told; nothing of it acts any more."""
    if work.run.connection is None:
        return Ends(state="failed", detail="this run names no connection")
    return in_phases(work, disconnecting(work.run.connection))


def disconnecting(connection: ConnectionId, prefix: str = "") -> list[tuple[str, Phase]]:
    """What ending one connection takes, in order."""
    return [
        (f"{prefix}begin", lambda work: _begun(work, connection)),
        (f"{prefix}arriving", lambda work: arriving(work, connection)),
        (f"{prefix}channels", lambda work: _silenced(work, connection)),
        (f"{prefix}tasks", lambda work: _tasks_released(work, connection)),
        (f"{prefix}views", lambda work: _views_dropped(work, connection)),
        (f"{prefix}grant", lambda work: _grant_given_back(work, connection)),
        (f"{prefix}others", lambda work: _others_go_on(work, connection)),
    ]


def _begun(work: Work, connection: ConnectionId) -> None:
    """No job of the connection does anything from now on."""
    account = work.account(connection)
    if account.connection.status in {"disconnecting", "disconnected"}:
        return
    after = replace(account.connection, status="disconnecting", start_nonce=None, start_expires_at=None)
    work.world.store.commit(standing_writes(work.world, after, must=account.revision, user=account.user_document))


def _silenced(work: Work, connection: ConnectionId) -> None:
    """Google pushes no more, nothing is pulled or renewed."""
    account = work.account(connection)
    shelves = work.world.store.query(
        Query(collection=f"{connection_path(work.tenant, connection)}/calendars", limit=MOST)
    )
    for document in shelves:
        watched = read_as(Watched, document)
        _stop(work, account.connection, watched)
        after = replace(
            watched, watched=False, channel=None, previous_channel=None, due_at=None, renew_at=None,
            sync_token=None, token_parameters=None,
        )  # fmt: skip
        if after != watched:
            work.world.store.commit([Set(path=document.path, data=to_data(after), must=Revision(document.revision))])


def _stop(work: Work, connection: Connection, watched: Watched) -> None:
    if watched.channel is None and watched.previous_channel is None:
        return
    try:
        with_calendar(work.world, connection, lambda google: stop_channels(work.world, google, watched))
    except GrantRevoked:
        return  # with the grant its channels ended
    except TandemError as error:  # its channels end by themselves within days; their messages lead nowhere
        work.world.log.event("run_step", "channel_not_stopped", connection=connection.id, reason=error.code)


def _tasks_released(work: Work, connection: ConnectionId) -> Stopped | None:
    """No mapping names the connection any more. Released tasks leave the query, so it always begins at its start."""
    account = work.account(connection)
    query = mappings_of(work.tenant, connection)
    if work.total is None:
        work.total = work.world.store.count(query)
    releasing = Releasing(
        world=work.world,
        account=account,
        delete=work.option("events") == "delete",
        living=_living(work, account),
    )
    while True:
        page = work.world.store.query(replace(query, limit=PAGE))
        if not page:
            return None
        released = 0
        for document in page:
            if (stopped := work.stop()) is not None:
                return stopped
            try:
                item = release(releasing, document)
            except LostRace:
                continue  # its new content is seen in the next page
            released += 1
            work.done += 1
            # A list names titles, and of an erased person nothing is kept.
            telling = item.action != "skip" or item.reason is not None
            work.note(item, listed=telling and work.run.kind != "erase")
        if not released:
            raise RetryLater("the tasks of this connection keep changing", after_s=1.0)


def _living(work: Work, account: Account) -> frozenset[str]:
    """The tenant's other connections that can take a task over."""
    found: set[str] = set()
    for status in ("active", "paused", "needs_review", "needs_reconnect"):
        query = Query(collection=f"{tenant_path(work.tenant)}/connections", filters=(Filter("status", "==", status),))
        while page := work.world.store.query(query):
            found |= {document.path.rpartition("/")[2] for document in page}
            query = replace(query, after=(page[-1].path,))
    return frozenset(found - {account.connection.id})


def _views_dropped(work: Work, connection: ConnectionId) -> Stopped | None:
    """Other users' tasks no longer name a copy that nobody follows."""
    filters = (Filter("listed.views", "array_contains_any", [connection]),)
    query = Query(collection=f"{tenant_path(work.tenant)}/tasks", filters=filters, limit=PAGE)
    while page := work.world.store.query(query):
        if (stopped := work.stop()) is not None:
            return stopped
        lost = 0
        for document in page:
            try:
                work.world.store.commit([view_dropped(document, connection)])
            except LostRace:
                lost += 1
        if lost == len(page):
            raise RetryLater("these tasks keep changing", after_s=1.0)
    return None


def _grant_given_back(work: Work, connection: ConnectionId) -> None:
    """Google's grant is revoked, unless another connection lives on it; then the end is stored and told.

    A grant that is not taken back is forgotten all the same: a person may still take it back in the Google account.
    """
    account = work.account(connection)
    before = account.connection
    if before.status == "disconnected":
        return
    if before.refresh_token is not None and not _shared(work, before):
        path = connection_path(work.tenant, connection)
        try:
            work.world.oauth.revoke(work.world.cipher.open(path, before.refresh_token))
        except (NeedsHuman, Refused) as error:
            work.world.log.event("run_step", "grant_not_revoked", connection=connection, reason=error.code)
    after = replace(
        before, status="disconnected", scopes=(), refresh_token=None, access_token=None, access_expires_at=None,
        lease_until=None, slow_until=None, problem=None, review=None,
    )  # fmt: skip
    writes: list[Write] = standing_writes(
        work.world, after, must=account.revision, user=account.user_document, told="connection.disconnected"
    )
    work.world.store.commit(writes)


def _others_go_on(work: Work, connection: ConnectionId) -> None:
    """What was let go goes to the user's oldest connection that works, if there is one: nothing else would send it.

    It may have been made while this one was on its way out. Nobody asked for these events by name, so that the brake
    counts them as it does after changed settings.
    """
    account = work.account(connection)
    if work.run.kind == "erase" or account.user is None:
        return
    known = account.user.connections.items()
    working = [(each.status != "active", each.created_at, id_) for id_, each in known if each.status in WORKING]
    if not working:
        return
    heir = ConnectionId(min(working)[2])
    own = work.account(heir).connection.settings
    options = {"reason": "settings", "before": dict(own)}
    start_run(work.world, work.tenant, kind="backlog", connection=heir, options=options)


def _shared(work: Work, connection: Connection) -> bool:
    """Another connection lives on the same grant: Google revokes an account's whole grant to a client, not one token.

    Source: https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke
    """
    if connection.google is None:
        return False
    filters = (Filter("google.sub", "==", connection.google.sub),)
    found: list[Document] = work.world.store.query(Query(collection="connections", group=True, filters=filters))
    others = [read_as(Connection, document) for document in found]
    return any(
        other.id != connection.id
        and other.refresh_token is not None
        and other.oauth_app == connection.oauth_app
        and (other.oauth_app is None or other.tenant == connection.tenant)
        for other in others
    )
