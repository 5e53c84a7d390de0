"""Channels: stored before Google knows them, switched, renewed in time, and polled where Google refuses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from infra.google.account_client import AccountClient
from infra.simulator.model import Fault
from infra.simulator.settings import SimSettings
from shared.errors import GoogleUnavailable
from shared.google.channel_token import PURPOSE, prove
from shared.google.requests import ChannelRequest
from shared.google.responses import Channel
from shared.model.connection import Connection, PushChannel, Watched
from shared.model.ids import CalendarId, Path, calendar_path, key_of
from shared.ports import Calendar, Patch
from shared.usecases.connecting.access import access_token
from shared.usecases.connecting.channels import TTL_S, open_channel
from tests.google.worlds import ANNA, KEYS, START, Place, live


@dataclass(slots=True)
class Looking:
    """Opens Google's calendar and looks at our own document while Google is asked for a channel."""

    here: Place
    path: Path
    seen: list[Watched] = field(default_factory=list)

    def calendar(self, token: str) -> Calendar:
        inner = self.here.world.google.calendar(token)
        assert isinstance(inner, AccountClient)
        return _LookingCalendar(inner, self)


class _LookingCalendar(AccountClient):
    def __init__(self, inner: AccountClient, looking: Looking) -> None:
        super().__init__(inner._google, inner._token)
        self._looking = looking

    def watch(self, request: ChannelRequest) -> Channel:
        self._looking.seen.append(self._looking.here.read(Watched, self._looking.path))
        return super().watch(request)


def path_of(here: Place, connection: Connection, calendar: str = ANNA) -> Path:
    return calendar_path(here.tenant, connection.id, CalendarId(calendar))


def google(here: Place, connection: Connection) -> Calendar:
    return here.world.google.calendar(access_token(here.world, here.connection(connection.id)))


def opened(here: Place, connection: Connection, calendar: str = ANNA) -> str:
    return open_channel(here.world, google(here, connection), path_of(here, connection, calendar))


def test_an_opened_channel_is_the_calendars_and_google_knows_it(here: Place) -> None:
    connection = here.connected()

    assert opened(here, connection) == "opened"

    watched = here.watched(connection)
    assert watched.channel is not None
    assert (watched.state, watched.reason, watched.previous_channel) == ("push", None, None)
    assert set(live(here)) == {watched.channel.id}


def test_the_row_of_a_channel_is_stored_before_google_is_asked(here: Place) -> None:
    connection = here.connected()
    path = path_of(here, connection)
    looking = Looking(here, path)

    open_channel(here.world, looking.calendar(access_token(here.world, connection)), path)

    (before,) = looking.seen
    assert before.channel is not None
    assert before.channel.resource_id is None
    assert before.channel.id in live(here)


def test_a_channels_token_proves_its_calendar_until_after_its_end(here: Place) -> None:
    connection = here.connected()
    opened(here, connection)
    (channel,) = live(here).values()
    headers = {"x-goog-channel-id": channel.id, "x-goog-channel-token": channel.token or ""}

    proved = prove(headers, keys=here.world.keys.for_purpose(PURPOSE), now=START + timedelta(seconds=TTL_S, minutes=59))

    assert (proved.tenant, proved.connection, proved.calendar_key) == (here.tenant, connection.id, key_of(ANNA))


def test_a_channel_is_renewed_at_four_fifths_of_what_google_granted(here: Place) -> None:
    here.simulator.google.settings = SimSettings(channel_cap_s=86_400)
    connection = here.connected()

    opened(here, connection)

    watched = here.watched(connection)
    assert watched.channel is not None
    assert watched.channel.expires_at == START + timedelta(days=1)
    assert watched.renew_at == START + timedelta(days=1) * 4 / 5


def test_a_pull_follows_the_granted_channel(here: Place) -> None:
    connection = here.connected()
    here.queue.jobs.clear()

    opened(here, connection)

    assert [(job.function, job.payload["calendar"]) for job in here.queue.jobs] == [("pull_calendar", key_of(ANNA))]


def test_a_new_channel_replaces_the_old_one(here: Place) -> None:
    connection = here.connected()
    opened(here, connection)
    first = here.watched(connection).channel

    opened(here, connection)

    watched = here.watched(connection)
    assert watched.channel is not None
    assert watched.channel != first
    assert (watched.previous_channel, set(live(here))) == (None, {watched.channel.id})


def test_a_calendar_that_google_never_pushes_for_is_polled(here: Place) -> None:
    silent = here.simulator.google.add_calendar(ANNA, "Holidays", push_refused=True).id
    connection = here.connected(settings={"calendar_id": silent})

    assert opened(here, connection, silent) == "polled"

    watched = here.watched(connection, silent)
    assert (watched.state, watched.channel, watched.renew_at) == ("poll", None, None)
    assert watched.reason is not None
    assert "not supported" in watched.reason
    assert watched.due_at == START


def test_without_a_public_address_google_is_not_asked(here: Place) -> None:
    here.with_world(addresses=replace(here.world.addresses, push_possible=False))
    connection = here.connected()

    assert opened(here, connection) == "polled"

    watched = here.watched(connection)
    assert (watched.state, live(here)) == ("poll", {})
    assert "public https address" in (watched.reason or "")


def test_a_failed_watch_keeps_the_old_channel_and_is_due_again(here: Place) -> None:
    connection = here.connected()
    opened(here, connection)
    first = here.watched(connection).channel
    assert first is not None
    here.simulator.google.add_fault(Fault(effect="backendError503", path="watch"))

    with pytest.raises(GoogleUnavailable):
        opened(here, connection)

    watched = here.watched(connection)
    assert set(live(here)) == {first.id}
    assert (watched.previous_channel, watched.renew_at) == (first, START + timedelta(minutes=10))


def test_what_a_lost_watch_answer_left_is_tidied_up_by_the_next_renewal(here: Place) -> None:
    connection = here.connected()
    opened(here, connection)
    here.simulator.google.add_fault(Fault(effect="cut_after", path="watch", count=1))
    with pytest.raises(GoogleUnavailable):
        opened(here, connection)
    assert len(live(here)) == 2

    opened(here, connection)

    channel = here.watched(connection).channel
    assert channel is not None
    assert set(live(here)) == {channel.id}


def test_a_channel_for_a_calendar_that_nobody_watches_any_more_is_not_opened(here: Place) -> None:
    connection = here.connected()
    here.world.store.commit([Patch(path=path_of(here, connection), fields={"watched": False})])

    assert opened(here, connection) == "nothing_to_do"
    assert live(here) == {}


def test_a_channel_that_another_renewal_replaced_is_stopped_again(here: Place) -> None:
    connection = here.connected()
    path = path_of(here, connection)
    other = PushChannel(id="other", expires_at=START + timedelta(days=7))

    class Overtaken(AccountClient):
        def watch(self, request: ChannelRequest) -> Channel:
            granted = super().watch(request)
            newer = {"id": other.id, "resource_id": None, "expires_at": other.expires_at}
            here.world.store.commit([Patch(path=path, fields={"channel": newer})])
            return granted

    inner = google(here, connection)
    assert isinstance(inner, AccountClient)

    assert open_channel(here.world, Overtaken(inner._google, inner._token), path) == "overtaken"
    assert (live(here), here.watched(connection).channel) == ({}, other)


def test_tokens_of_channels_are_made_with_this_deployments_keys(here: Place) -> None:
    connection = here.connected()
    opened(here, connection)
    (channel,) = live(here).values()

    assert channel.token is not None
    assert KEYS[0].decode() not in channel.token
