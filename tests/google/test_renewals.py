"""Renewals: each channel in time, whatever becomes of the others, and nothing for whom nothing is due."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from msgspec import structs

from infra.simulator.model import Fault
from shared.model.connection import Watched
from shared.model.ids import CalendarId, calendar_path
from shared.model.stored import to_data
from shared.ports import Set
from shared.usecases.connecting.renew_channels import PAGE, RenewPayload, renew_channels
from tests.google.worlds import ANNA, Place, live


def test_nothing_due_costs_one_query(here: Place) -> None:
    with here.store.counted() as spent:
        renewed = renew_channels(here.world)

    assert dict(spent) == {"queries": 1}
    assert renewed.done == 0


def test_a_new_connection_is_watched_by_the_first_renewal(here: Place) -> None:
    connection = here.connected()

    renewed = renew_channels(here.world)

    assert (renewed.done, renewed.failed) == (1, 0)
    assert here.watched(connection).state == "push"


def test_a_channel_is_left_alone_before_its_time(here: Place) -> None:
    connection = here.connected()
    renew_channels(here.world)
    before = here.watched(connection)
    here.advance(days=5)

    assert renew_channels(here.world).done == 0
    assert here.watched(connection) == before


def test_a_channel_is_renewed_when_its_time_has_come(here: Place) -> None:
    connection = here.connected()
    renew_channels(here.world)
    first = here.watched(connection).channel
    here.advance(days=5.7)

    renew_channels(here.world)

    second = here.watched(connection).channel
    assert first is not None
    assert second is not None
    assert (second.id != first.id, set(live(here))) == (True, {second.id})


def test_a_channel_that_has_long_expired_is_made_anew(here: Place) -> None:
    connection = here.connected()
    renew_channels(here.world)
    here.advance(days=30)

    renew_channels(here.world)

    channel = here.watched(connection).channel
    assert channel is not None
    assert channel.expires_at > here.world.clock.now()


def test_a_failed_renewal_is_tried_again_and_the_others_go_on(here: Place) -> None:
    second = here.simulator.google.add_calendar(ANNA, "Second").id
    connection = here.connected()
    here.world.store.commit([beside(here.watched(connection), second)])
    here.simulator.google.add_fault(Fault(effect="backendError503", path=f"{second.partition('@')[0]}.*watch", count=1))

    first = renew_channels(here.world)
    here.advance(minutes=11)
    again = renew_channels(here.world)

    assert (first.done, first.failed, again.done, again.failed) == (2, 1, 1, 0)
    assert here.watched(connection, second).state == "push"


def beside(entry: Watched, calendar: str) -> Set:
    """Another calendar of the same connection, as due as this one."""
    path = calendar_path(entry.tenant, entry.connection, CalendarId(calendar))
    return Set(path=path, data=to_data(structs.replace(entry, calendar_id=CalendarId(calendar))))


@pytest.mark.parametrize("status", ["paused", "needs_reconnect", "disconnected"])
def test_nothing_is_due_for_a_connection_that_does_not_work(here: Place, status: str) -> None:
    connection = here.change(here.connected(), status=status)

    renew_channels(here.world)

    assert (here.watched(connection).renew_at, live(here)) == (None, {})


def test_a_lost_grant_stops_the_renewals(here: Place) -> None:
    connection = here.connected()
    here.simulator.google.revoke_grant(ANNA)

    for _ in range(3):
        renew_channels(here.world)
        here.advance(minutes=11)

    assert here.connection(connection.id).status == "needs_reconnect"
    assert here.told() == ["connection.connected", "connection.needs_reconnect"]
    assert here.watched(connection).renew_at is None


def test_more_than_a_page_goes_on_in_another_job(here: Place) -> None:
    connection = here.change(here.connected(), status="paused")
    entry = here.watched(connection)
    many = [beside(entry, f"c{number}@group.calendar.google.com") for number in range(PAGE)]
    for first in range(0, PAGE, 100):
        here.world.store.commit(many[first : first + 100])
    here.queue.jobs.clear()

    first_round = renew_channels(here.world)
    (job,) = here.queue.jobs
    second_round = renew_channels(here.world, msgspec.convert(dict(job.payload), RenewPayload))

    assert (first_round.done, first_round.continued) == (PAGE, True)
    assert (job.function, second_round.done, second_round.continued) == ("renew_channels", 1, False)


def test_a_round_ends_when_its_time_is_up(here: Place) -> None:
    here.with_world(options=replace(here.world.options, run_step_s=0.0))
    second = here.simulator.google.add_calendar(ANNA, "Second").id
    connection = here.connected()
    here.world.store.commit([beside(here.watched(connection), second)])

    rounds = [renew_channels(here.world), renew_channels(here.world)]

    assert [(each.done, each.continued) for each in rounds] == [(1, True), (1, False)]
