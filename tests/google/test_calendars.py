"""The calendars of a connection: listed from Google and from what is watched, watched and left alone again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.simulator.model import Fault
from shared.errors import Conflicting, GoogleUnavailable, NotFound
from shared.model.connection import Connection
from shared.model.ids import CalendarId, ConnectionId, calendar_path
from shared.ports import Patch
from shared.usecases.connecting.calendars import list_calendars, unwatch_calendar, watch_calendar
from shared.usecases.connecting.renew_channels import renew_channels
from tests.google.worlds import ANNA, BEN, START, Place


def listed(here: Place, connection: Connection) -> dict[str, tuple[bool, str]]:
    """Name to whether it is watched, and its role."""
    found = list_calendars(here.world, here.tenant, connection.id)
    return {each.name: (each.watched, each.access_role) for each in found}


def watch(here: Place, connection: Connection, calendar: str) -> None:
    watch_calendar(here.world, here.tenant, connection.id, CalendarId(calendar))


def unwatch(here: Place, connection: Connection, calendar: str) -> None:
    unwatch_calendar(here.world, here.tenant, connection.id, CalendarId(calendar))


def live(here: Place) -> int:
    return len(here.simulator.google.ctx.world.channels)


def test_every_calendar_is_listed_and_the_watched_one_marked(here: Place) -> None:
    shared = here.simulator.google.add_calendar(BEN, "Holidays").id
    here.simulator.google.share(shared, ANNA, "reader")

    connection = here.connected()

    assert listed(here, connection) == {
        ANNA: (True, "owner"),
        "Holidays": (False, "reader"),
        "Viewings": (False, "owner"),
    }


def test_the_primary_calendar_comes_first(here: Place) -> None:
    connection = here.connected()

    assert list_calendars(here.world, here.tenant, connection.id)[0].calendar_id == ANNA


def test_a_watched_calendar_that_the_account_has_lost_is_still_listed(here: Place) -> None:
    connection = here.connected()
    shared = here.simulator.google.add_calendar(BEN, "Shared").id
    here.simulator.google.share(shared, ANNA, "writer")
    watch(here, connection, shared)
    here.simulator.google.share(shared, ANNA, None)

    assert listed(here, connection)["Shared"] == (True, "writer")


def test_a_connection_that_needs_its_user_lists_what_it_watches(here: Place) -> None:
    connection = here.change(here.connected(), status="needs_reconnect")

    assert listed(here, connection) == {ANNA: (True, "owner")}


def test_a_grant_lost_just_now_lists_what_is_watched(here: Place) -> None:
    connection = here.connected()
    here.simulator.google.revoke_grant(ANNA)
    here.advance(hours=1)

    assert listed(here, connection) == {ANNA: (True, "owner")}


def test_google_being_down_is_said(here: Place) -> None:
    connection = here.connected()
    here.simulator.google.add_fault(Fault(effect="backendError503", path="calendarList"))

    with pytest.raises(GoogleUnavailable):
        list_calendars(here.world, here.tenant, connection.id)


def test_a_connection_that_nobody_opened_has_no_calendars_yet(here: Place) -> None:
    opened = here.open()

    with pytest.raises(Conflicting):
        list_calendars(here.world, here.tenant, opened.connection.id)


def test_a_connection_that_is_not_there_has_no_calendars(here: Place) -> None:
    with pytest.raises(NotFound):
        list_calendars(here.world, here.tenant, ConnectionId("none"))


def test_a_calendar_is_watched_by_push_at_once(here: Place) -> None:
    second = here.simulator.google.add_calendar(ANNA, "Second").id
    connection = here.connected()

    watched = watch_calendar(here.world, here.tenant, connection.id, CalendarId(second))

    assert (watched.watched, watched.state, watched.name) == (True, "push", "Second")
    assert (watched.due_at, live(here)) == (START, 1)


def test_primary_is_watched_under_googles_own_id(here: Place) -> None:
    connection = here.connected()

    watched = watch_calendar(here.world, here.tenant, connection.id, CalendarId("primary"))

    assert watched.calendar_id == ANNA


def test_a_calendar_that_google_does_not_push_for_is_polled(here: Place) -> None:
    silent = here.simulator.google.add_calendar(ANNA, "Silent", push_refused=True).id
    connection = here.connected()

    watched = watch_calendar(here.world, here.tenant, connection.id, CalendarId(silent))

    assert watched.state == "poll"
    assert watched.reason


def test_a_calendar_of_another_account_is_not_there(here: Place) -> None:
    connection = here.connected()

    with pytest.raises(NotFound):
        watch(here, connection, BEN)


def test_a_connection_that_needs_its_user_watches_nothing_new(here: Place) -> None:
    connection = here.change(here.connected(), status="needs_reconnect")

    with pytest.raises(Conflicting):
        watch(here, connection, ANNA)


def test_a_held_connection_notes_the_calendar_and_asks_google_for_nothing(here: Place) -> None:
    second = here.simulator.google.add_calendar(ANNA, "Second").id
    connection = here.connected(first_sync="hold")

    watch(here, connection, second)

    assert (here.watched(connection, second).watched, live(here)) == (True, 0)


def test_a_suspended_calendar_is_watched_again(here: Place) -> None:
    connection = here.connected()
    path = calendar_path(here.tenant, connection.id, CalendarId(ANNA))
    here.world.store.commit([Patch(path=path, fields={"state": "suspended", "reason": "gone"})])

    watch(here, connection, ANNA)

    watched = here.watched(connection)
    assert (watched.state, watched.reason) == ("push", None)


def test_a_calendar_left_alone_is_neither_pushed_nor_due(here: Place) -> None:
    connection = here.connected()
    renew_channels(here.world)

    unwatch(here, connection, ANNA)

    watched = here.watched(connection)
    assert (watched.watched, watched.channel, watched.due_at, watched.renew_at) == (False, None, None, None)
    assert live(here) == 0


def test_a_calendar_left_alone_keeps_its_cursor(here: Place) -> None:
    connection = here.connected()
    path = calendar_path(here.tenant, connection.id, CalendarId(ANNA))
    here.world.store.commit([Patch(path=path, fields={"sync_token": "t", "token_parameters": "p"})])

    unwatch(here, connection, "primary")

    watched = here.watched(connection)
    assert (watched.sync_token, watched.token_parameters) == ("t", "p")


def test_leaving_a_calendar_alone_twice_is_no_failure(here: Place) -> None:
    connection = here.connected()
    unwatch(here, connection, ANNA)
    before = here.watched(connection)

    unwatch(here, connection, ANNA)

    assert here.watched(connection) == before


def test_a_calendar_that_was_never_watched_cannot_be_left(here: Place) -> None:
    connection = here.connected()

    with pytest.raises(NotFound):
        unwatch(here, connection, BEN)


def test_a_channel_that_cannot_be_stopped_does_not_keep_a_calendar_watched(here: Place) -> None:
    connection = here.connected()
    renew_channels(here.world)
    here.simulator.google.add_fault(Fault(effect="backendError503", path="channels/stop"))

    unwatch(here, connection, ANNA)

    assert not here.watched(connection).watched
    assert ("channel", "not_stopped") in [(line["flow"], line["outcome"]) for line in here.log.lines]


def test_without_a_public_address_a_watched_calendar_is_polled(here: Place) -> None:
    here.with_world(addresses=replace(here.world.addresses, push_possible=False))
    connection = here.connected()

    watch(here, connection, ANNA)

    assert here.watched(connection).state == "poll"
