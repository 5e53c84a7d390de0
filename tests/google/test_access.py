"""Access tokens: refreshed early, by one job at a time; a lost grant told once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from infra.simulator.model import Fault
from shared.errors import AccessTokenRefused, ClientRefused, GoogleUnavailable, GrantRevoked, RetryLater
from shared.model.connection import Connection
from shared.model.ids import connection_path
from shared.model.oauth import Client, Consent, Identity, Tokens
from shared.ports import Calendar, Delete, OAuth
from shared.usecases.connecting.access import access_token, renewed_access_token, with_calendar
from shared.usecases.connecting.calendars import entries_of
from tests.google.worlds import ANNA, START, OneClient, Place


@dataclass(slots=True)
class Interrupted:
    """Google's OAuth endpoints; while a refresh is under way, something else happens first."""

    inner: OAuth
    meanwhile: Callable[[], object]
    refreshes: int = 0
    happened: list[object] = field(default_factory=list)

    def refresh(self, client: Client, refresh_token: str) -> Tokens:
        self.refreshes += 1
        if self.refreshes == 1:
            self.happened.append(self._try())
        return self.inner.refresh(client, refresh_token)

    def _try(self) -> object:
        try:
            return self.meanwhile()
        except RetryLater as error:
            return error

    def authorize_url(self, client: Client, consent: Consent) -> str:
        raise AssertionError

    def exchange(self, client: Client, **wanted: object) -> Tokens:
        raise AssertionError

    def identity(self, access_token: str) -> Identity:
        raise AssertionError

    def revoke(self, token: str) -> None:
        raise AssertionError


def refreshes(here: Place) -> int:
    return here.simulator.google.ctx.counters["oauth.token"]


def tokens_of(here: Place) -> set[str]:
    return set(here.simulator.google.ctx.world.access_tokens)


def test_a_token_that_lasts_costs_nothing(here: Place) -> None:
    connection = here.connected()
    asked = refreshes(here)

    with here.store.counted() as spent:
        token = access_token(here.world, connection)

    assert token in tokens_of(here)
    assert (dict(spent), refreshes(here)) == ({}, asked)


def test_a_token_is_refreshed_five_minutes_early(here: Place) -> None:
    connection = here.connected()
    old = access_token(here.world, connection)
    assert connection.access_expires_at is not None
    here.advance(seconds=(connection.access_expires_at - START).total_seconds() - 299)

    new = access_token(here.world, connection)

    assert new != old
    assert access_token(here.world, here.connection(connection.id)) == new


def test_one_refresh_serves_an_hour(here: Place) -> None:
    connection = here.connected()
    here.advance(hours=1)
    asked = refreshes(here)

    with here.store.counted() as spent:
        for _ in range(5):
            access_token(here.world, connection)
            connection = here.connection(connection.id)

    assert refreshes(here) == asked + 1
    assert spent["commits"] == 2  # the lease, and what Google answered


def test_a_second_job_goes_on_with_the_old_token_while_the_first_refreshes(here: Place) -> None:
    connection = here.connected()
    old = access_token(here.world, connection)
    here.advance(minutes=56)
    between = Interrupted(here.world.oauth, lambda: access_token(here.world, connection))
    here.with_world(oauth=between)

    new = access_token(here.world, connection)

    assert between.happened == [old]
    assert (between.refreshes, new != old) == (1, True)


def test_a_second_job_waits_when_the_old_token_is_worth_nothing(here: Place) -> None:
    connection = here.connected()
    here.advance(hours=2)
    between = Interrupted(here.world.oauth, lambda: access_token(here.world, connection))
    here.with_world(oauth=between)

    access_token(here.world, connection)

    (waited,) = between.happened
    assert isinstance(waited, RetryLater)
    assert (between.refreshes, waited.after_s) == (1, 2.0)


def test_a_job_that_died_while_refreshing_blocks_the_others_for_half_a_minute(here: Place) -> None:
    connection = here.connected()
    here.advance(hours=2)
    here.change(connection, lease_until=here.world.clock.now() + timedelta(seconds=30))

    with pytest.raises(RetryLater):
        access_token(here.world, connection)
    here.advance(seconds=31)

    assert access_token(here.world, connection) in tokens_of(here)


def test_the_old_token_is_used_when_google_does_not_refresh_yet(here: Place) -> None:
    connection = here.connected()
    old = access_token(here.world, connection)
    here.advance(minutes=56)
    here.simulator.google.add_fault(Fault(effect="backendError503", path="^/token"))

    assert access_token(here.world, connection) == old


def test_google_being_down_is_no_lost_grant(here: Place) -> None:
    connection = here.connected()
    here.advance(hours=2)
    here.simulator.google.add_fault(Fault(effect="backendError503", path="^/token"))

    with pytest.raises(GoogleUnavailable):
        access_token(here.world, connection)

    assert here.connection(connection.id).status == "active"


def test_a_wrong_client_is_no_lost_grant(here: Place) -> None:
    connection = here.connected()
    here.advance(hours=2)
    here.with_world(clients=OneClient(Client(client_id="other", client_secret="wrong")))

    with pytest.raises(ClientRefused):
        access_token(here.world, connection)

    assert here.connection(connection.id).status == "active"


def lost(here: Place) -> Connection:
    """A connection whose grant its user has taken away, an hour ago."""
    connection = here.connected()
    here.simulator.google.revoke_grant(ANNA)
    here.advance(hours=1)
    here.queue.jobs.clear()
    return connection


def test_a_lost_grant_stops_the_connection(here: Place) -> None:
    connection = lost(here)

    with pytest.raises(GrantRevoked):
        access_token(here.world, connection)

    after = here.connection(connection.id)
    assert (after.status, after.access_token) == ("needs_reconnect", None)
    assert after.problem is not None
    assert after.problem.code == "needs_reconnect"
    assert here.user().connections[connection.id].status == "needs_reconnect"


def test_a_lost_grant_is_told_once_however_many_jobs_meet_it(here: Place) -> None:
    connection = lost(here)

    for _ in range(3):
        with pytest.raises(GrantRevoked):
            access_token(here.world, connection)
        here.advance(minutes=1)

    assert here.told() == ["connection.connected", "connection.needs_reconnect"]


def test_a_reconnect_during_a_refresh_is_not_undone_by_its_failure(here: Place) -> None:
    connection = lost(here)
    reconnected = here.world.cipher.seal(connection_path(here.tenant, connection.id), "1//0new")
    between = Interrupted(here.world.oauth, lambda: here.change(connection, refresh_token=reconnected))
    here.with_world(oauth=between)

    with pytest.raises(GrantRevoked):
        access_token(here.world, connection)

    assert here.connection(connection.id).status == "active"
    assert here.told() == ["connection.connected"]


def test_a_reconnect_during_a_refresh_keeps_its_own_tokens(here: Place) -> None:
    connection = here.connected()
    here.advance(hours=1)
    path = connection_path(here.tenant, connection.id)
    sealed = here.world.cipher.seal(path, "ya29.reconnected")
    between = Interrupted(
        here.world.oauth, lambda: here.change(connection, access_token=sealed, lease_until=None, refresh_token=sealed)
    )
    here.with_world(oauth=between)

    access_token(here.world, connection)

    assert here.connection(connection.id).access_token == sealed


def test_another_write_during_a_refresh_loses_nothing(here: Place) -> None:
    connection = here.connected()
    here.advance(hours=1)
    between = Interrupted(here.world.oauth, lambda: here.change(connection, slow_step=3))
    here.with_world(oauth=between)

    token = access_token(here.world, connection)

    after = here.connection(connection.id)
    assert after.slow_step == 3
    assert access_token(here.world, after) == token


def test_a_connection_that_was_removed_has_no_access(here: Place) -> None:
    connection = here.connected()
    here.advance(hours=1)
    here.world.store.commit([Delete(path=connection_path(here.tenant, connection.id))])

    with pytest.raises(GrantRevoked):
        access_token(here.world, connection)


def test_a_refused_token_is_replaced_once_and_the_work_is_done(here: Place) -> None:
    connection = here.connected()
    here.simulator.google.expire_access_tokens()

    entries = with_calendar(here.world, connection, lambda google: list(entries_of(google)))

    assert entries[0].id == ANNA


def test_a_fresh_token_that_is_refused_too_is_left_to_the_queue(here: Place) -> None:
    connection = here.connected()
    tries: list[Calendar] = []
    here.simulator.google.add_fault(Fault(effect="authError", path="calendarList"))

    def use(google: Calendar) -> object:
        tries.append(google)
        return google.calendars()

    with pytest.raises(AccessTokenRefused):
        with_calendar(here.world, connection, use)

    assert len(tries) == 2
    assert here.connection(connection.id).status == "active"


def test_a_token_that_another_job_has_replaced_already_is_not_replaced_again(here: Place) -> None:
    stale = here.connected()
    new = renewed_access_token(here.world, stale)
    asked = refreshes(here)

    assert renewed_access_token(here.world, stale) == new
    assert refreshes(here) == asked
