"""A user connects again: the same account goes on with the same connection, another one is refused."""

from __future__ import annotations

from datetime import timedelta

from shared.model.connection import Connection
from shared.usecases.connecting.connect import authorize
from tests.google.worlds import ANNA, BEN, START, Place, local


def revoked(here: Place) -> Connection:
    """A connection that has learnt that its grant is gone."""
    connection = here.connected()
    here.simulator.google.revoke_grant(ANNA)
    return here.change(connection, status="needs_reconnect")


def test_the_same_account_reconnects_the_same_connection(here: Place) -> None:
    connection = revoked(here)
    here.queue.jobs.clear()

    link = authorize(here.world, here.tenant, connection.id).authorize_url
    here.consented(here.browser(), link)

    after = here.connection(connection.id)
    assert (after.status, after.problem) == ("active", None)
    assert here.told() == ["connection.connected", "connection.connected"]
    assert [run.kind for run in here.runs()].count("backlog") == 1
    assert here.queue.functions() == ["renew_channels", "run_step"]


def test_reconnecting_makes_every_watched_calendar_due(here: Place) -> None:
    connection = revoked(here)
    here.advance(days=3)

    link = authorize(here.world, here.tenant, connection.id).authorize_url
    here.consented(here.browser(), link)

    watched = here.watched(connection)
    assert (watched.due_at, watched.renew_at) == (START + timedelta(days=3), START + timedelta(days=3))


def test_another_account_is_refused_on_reconnecting(here: Place) -> None:
    connection = revoked(here)

    link = authorize(here.world, here.tenant, connection.id).authorize_url
    shown = here.consented(here.browser(), link, BEN)

    after = here.connection(connection.id)
    assert (after.status, after.google, shown.status_code) == ("needs_reconnect", connection.google, 409)
    assert after.problem is not None
    assert after.problem.code == "other_account"


def test_a_refresh_token_that_google_does_not_send_again_is_kept(here: Place) -> None:
    connection = here.connected()
    link = authorize(here.world, here.tenant, connection.id).authorize_url
    browser = here.browser()
    back = here.allowed(browser, link)
    for code in here.simulator.google.ctx.world.codes.values():
        code.give_refresh = False

    browser.get(local(back))

    assert here.connection(connection.id).refresh_token == connection.refresh_token


def test_a_paused_connection_stays_paused_when_its_user_connects_again(here: Place) -> None:
    connection = here.change(here.connected(), status="paused")

    here.consented(here.browser(), authorize(here.world, here.tenant, connection.id).authorize_url)

    assert here.connection(connection.id).status == "paused"
