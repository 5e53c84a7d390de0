"""Notification channels of a calendar: opened, replaced, stopped (rule 26). Where Google refuses to push, it is polled.

The order is fixed: store the new channel, watch, switch, pull, stop the old one. Messages prove themselves, so whatever
dies in between loses none; the calendar stays due for renewal and the next one tidies up. Start at `open_channel`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import LostRace, NotFound, PushRefused, TandemError
from shared.google import channel_token
from shared.google.requests import ChannelRequest
from shared.model.connection import PushChannel, Watched
from shared.model.ids import Path
from shared.model.stored import read_as, to_data
from shared.ports import Revision, Set
from shared.usecases.jobs import enqueue_due, pull_now_job

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.google.responses import Channel
    from shared.ports import Calendar
    from shared.usecases.world import World

TTL_S = 604_800
"""Asked for explicitly; the returned expiration counts, whatever it is."""
LATE = timedelta(hours=1)
"""How long after its channel a token is still believed: messages may arrive late."""
TRY_AGAIN = timedelta(minutes=10)
"""When a renewal that did not come to its end is due again."""
ASK_AGAIN = timedelta(days=1)
"""When a deployment without a public address asks itself again."""
ROUNDS = 5

NO_ADDRESS = "Google can only push to a public https address; this deployment has none, so the calendar is polled."


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar's document before and after one commit."""

    before: Watched
    after: Watched


def open_channel(world: World, google: Calendar, path: Path, *, due_only: bool = False) -> str:
    """The calendar has a new channel and is pulled once, its old one is stopped; or it is polled. Returns the outcome.

    Args:
        world: What may be touched.
        google: The calendar API as the connection's account sees it.
        path: The calendar's document.
        due_only: Do nothing if another renewal was faster.

    Raises:
        RetryLater: Google does not answer; the calendar is due again in some minutes.
        NeedsHuman: The calendar is gone or the grant was revoked.
    """
    if not world.addresses.push_possible:
        return _polled(world, path, NO_ADDRESS, again=world.clock.now() + ASK_AGAIN, due_only=due_only)
    new = PushChannel(id=world.ids.new(), expires_at=world.clock.now() + timedelta(seconds=TTL_S))
    stored = _stored(world, path, new, due_only=due_only)
    if stored is None:
        return "nothing_to_do"
    watched, old = stored.after, _live(stored.before)
    try:
        granted = google.watch(_request(world, watched, new, path))
    except PushRefused as refusal:
        for channel in old:
            _stop(world, google, channel)
        return _polled(world, path, refusal.detail, again=None, due_only=False)
    if not _switched(world, path, granted):
        _stop(world, google, PushChannel(id=granted.id, resource_id=granted.resource_id, expires_at=granted.expires_at))
        return "overtaken"
    enqueue_due(world, pull_now_job(watched.tenant, watched.connection, watched.calendar_id, attempt=f"c{new.id}"))
    for channel in old:
        _stop(world, google, channel)
    _changed(world, path, _without_previous)
    return "opened"


def stop_channels(world: World, google: Calendar, watched: Watched) -> None:
    """Google pushes no more for this calendar; what cannot be stopped ends by itself, its messages lead nowhere."""
    for channel in _live(watched):
        _stop(world, google, channel)


def _stored(world: World, path: Path, new: PushChannel, *, due_only: bool) -> Step | None:
    """The row of the new channel, before Google hears of it; the calendar is due again should we die now."""

    def stored(watched: Watched) -> Watched | None:
        if not _wanted(world, watched, due_only=due_only):
            return None
        confirmed = watched.channel if watched.channel and watched.channel.resource_id else watched.previous_channel
        renew_at = world.clock.now() + TRY_AGAIN
        return replace(watched, channel=new, previous_channel=confirmed, renew_at=renew_at)

    return _changed(world, path, stored)


def _live(watched: Watched) -> list[PushChannel]:
    """The channels that Google may know; one whose watch was never answered has the resource id of the others."""
    channels = [channel for channel in (watched.channel, watched.previous_channel) if channel is not None]
    resource = next((channel.resource_id for channel in channels if channel.resource_id), None)
    return [replace(channel, resource_id=resource) for channel in channels if resource]


def _request(world: World, watched: Watched, channel: PushChannel, path: Path) -> ChannelRequest:
    token = channel_token.make(
        world.keys.for_purpose(channel_token.PURPOSE),
        tenant=watched.tenant,
        connection=watched.connection,
        calendar_key=path.rpartition("/")[2],
        channel_id=channel.id,
        expires_at=channel.expires_at + LATE,
    )
    return ChannelRequest(
        calendar_id=watched.calendar_id,
        channel_id=channel.id,
        address=world.addresses.webhook,
        token=token,
        ttl_s=TTL_S,
    )


def _wanted(world: World, watched: Watched, *, due_only: bool) -> bool:
    latest = world.clock.now() + timedelta(seconds=world.options.guard_s)
    due = watched.renew_at is not None and watched.renew_at <= latest
    return watched.watched and (due or not due_only)


def _switched(world: World, path: Path, granted: Channel) -> bool:
    """The granted channel is the calendar's; False when another has replaced it, or nobody watches any more."""
    now = world.clock.now()
    renew_at = now + (granted.expires_at - now) * 4 / 5
    pulled_by = now + timedelta(seconds=world.options.pending_after_s)
    channel = PushChannel(id=granted.id, resource_id=granted.resource_id, expires_at=granted.expires_at)

    def switched(watched: Watched) -> Watched | None:
        if not watched.watched or watched.channel is None or watched.channel.id != granted.id:
            return None
        due_at = min(watched.due_at or pulled_by, pulled_by)
        return replace(watched, channel=channel, state="push", reason=None, renew_at=renew_at, due_at=due_at)

    return _changed(world, path, switched) is not None


def _polled(world: World, path: Path, reason: str, *, again: datetime | None, due_only: bool) -> str:
    """The calendar is polled from now on, the first time at once."""
    now = world.clock.now()

    def polled(watched: Watched) -> Watched | None:
        if not _wanted(world, watched, due_only=due_only):
            return None
        poll = now + timedelta(seconds=world.options.poll_s)
        return replace(
            watched,
            channel=None,
            previous_channel=None,
            state="poll",
            reason=reason,
            renew_at=again,
            due_at=min(watched.due_at or poll, poll),
        )

    step = _changed(world, path, polled)
    if step is None:
        return "nothing_to_do"
    watched = step.after
    job = pull_now_job(watched.tenant, watched.connection, watched.calendar_id, attempt=f"p{world.ids.new()}")
    enqueue_due(world, job)
    return "polled"


def _without_previous(watched: Watched) -> Watched | None:
    return replace(watched, previous_channel=None) if watched.previous_channel else None


def _changed(world: World, path: Path, change: Callable[[Watched], Watched | None]) -> Step | None:
    """The calendar's document changed under its revision, read again after a lost race; None: no change was wanted."""
    for _ in range(ROUNDS):
        document = world.store.get_many([path])[path]
        if document is None:
            raise NotFound("This calendar is not watched.")
        before = read_as(Watched, document)
        after = change(before)
        if after is None:
            return None
        try:
            world.store.commit([Set(path=path, data=to_data(after), must=Revision(document.revision))])
        except LostRace:
            continue
        return Step(before=before, after=after)
    raise LostRace("many writers met at this calendar")


def _stop(world: World, google: Calendar, channel: PushChannel) -> None:
    if channel.resource_id is None or channel.expires_at <= world.clock.now():
        return
    try:
        google.stop(channel.id, channel.resource_id)
    except TandemError as error:
        world.log.event("channel", "not_stopped", reason=error.code)
