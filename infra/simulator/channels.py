"""Push notifications: channels, and messages as values in an outbox. Start at `watch`, `announce` and `due`.

Nothing is sent here. Who drives the simulator takes what is due, delivers it, and says how it was answered.
Source: https://developers.google.com/workspace/calendar/api/guides/push
"""

import re
from urllib.parse import urlsplit

import msgspec

from infra.simulator.clock import SECOND_US, http_date
from infra.simulator.context import Context
from infra.simulator.model import Calendar, Channel, Fields, Notification
from infra.simulator.tokens import digest
from infra.simulator.wire import ApiError, JsonObject

_ID = re.compile(r"[A-Za-z0-9\-_+/=]+")
_RETRIED = frozenset({500, 502, 503, 504})
DONE = frozenset({200, 201, 202, 204, 102})
LONGEST_ID, LONGEST_TOKEN = 64, 256
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def watch(
    ctx: Context,
    body: Fields,
    *,
    account: str,
    client_id: str,
    resource: str,
    uri: str,
    calendar: Calendar | None = None,
) -> JsonObject:
    """Open a channel and put its sync message, number 1, into the outbox.

    Raises:
        ApiError: 400 for an id used before, an address that is not https, another type, or a calendar without push.
    """
    _check(ctx, body, client_id, calendar)
    now = ctx.now_us()
    channel = Channel(
        id=body["id"],
        client_id=client_id,
        account=account,
        resource=resource,
        resource_id=resource_id(resource),
        resource_uri=f"{uri}?alt=json",
        address=body["address"],
        token=body.get("token"),
        expires_us=_expiry(ctx, body, now),
    )
    ctx.world.used_channel_ids.add(f"{client_id} {channel.id}")
    ctx.world.channels[channel.id] = channel
    ctx.version += 1
    _enqueue(ctx, channel, "sync", now)
    answer: JsonObject = {
        "kind": "api#channel",
        "id": channel.id,
        "resourceId": channel.resource_id,
        "resourceUri": channel.resource_uri,
        "expiration": str(channel.expires_us // 1000),
    }
    if channel.token is not None:
        answer["token"] = channel.token
    return answer


def _check(ctx: Context, body: Fields, client_id: str, calendar: Calendar | None) -> None:
    channel_id, address = str(body.get("id") or ""), str(body.get("address") or "")
    if not channel_id or len(channel_id) > LONGEST_ID or not _ID.fullmatch(channel_id):
        raise ApiError(
            400, "invalid", "Invalid channel id: it must match [A-Za-z0-9\\-_\\+/=]+ and have at most 64 characters."
        )
    if len(str(body.get("token") or "")) > LONGEST_TOKEN:
        raise ApiError(400, "invalid", "Invalid channel token: at most 256 characters.")
    if body.get("type") not in {"web_hook", "webhook"}:
        raise ApiError(400, "channelTypeNotSupported", "Channel type not supported.", domain="push")
    parts = urlsplit(address)
    loopback = ctx.settings.loopback_webhooks and parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or loopback):
        raise ApiError(400, "webhookUrlNotHttps", f"WebHook callback must be HTTPS: {address}", domain="push")
    if calendar is not None and calendar.push_refused:
        raise ApiError(
            400,
            "pushNotSupportedForRequestedResource",
            "Push notifications are not supported by this resource.",
            domain="calendar",
        )
    if f"{client_id} {channel_id}" in ctx.world.used_channel_ids:
        raise ApiError(400, "channelIdNotUnique", f"Channel id {channel_id} not unique")


def _expiry(ctx: Context, body: Fields, now: int) -> int:
    """Take the more restrictive of what is asked; whole milliseconds."""
    asked = [
        now + int(ttl) * SECOND_US
        for ttl in [(body.get("params") or {}).get("ttl")]
        if ttl is not None and str(ttl).isdigit()
    ]
    if body.get("expiration") is not None:
        asked.append(int(body["expiration"]) * 1000)
    chosen = min(asked) if asked else now + ctx.settings.channel_s * SECOND_US
    if chosen <= now:
        raise ApiError(400, "invalid", "Invalid expiration: it lies in the past.")
    return min(chosen, now + ctx.settings.channel_cap_s * SECOND_US) // 1000 * 1000


def stop(ctx: Context, body: Fields, *, account: str, client_id: str) -> None:
    """Close a channel; both ids must be right, and the account and client those that opened it."""
    channel = ctx.world.channels.get(str(body.get("id")))
    same = channel is not None and (channel.resource_id, channel.account, channel.client_id) == (
        body.get("resourceId"),
        account,
        client_id,
    )
    if channel is None or not same or channel.expires_us <= ctx.now_us():
        raise ApiError(404, "notFound", f"Channel '{body.get('id')}' not found for project '{project(client_id)}'")
    del ctx.world.channels[channel.id]
    ctx.version += 1


def announce(ctx: Context) -> None:
    """Put one message for each channel on what the present action touched into the outbox."""
    if not ctx.touched:
        return
    now = ctx.now_us()
    for channel in list(ctx.world.channels.values()):
        if channel.expires_us <= now:
            del ctx.world.channels[channel.id]
        elif channel.resource in ctx.touched:
            _count(ctx, channel)
            _enqueue(ctx, channel, "exists", now)
    ctx.touched.clear()


def _count(ctx: Context, channel: Channel) -> None:
    knobs = ctx.settings.notifications
    channel.number += 1
    if knobs.gap and ctx.rng.random() < knobs.gap:
        channel.number += ctx.rng.randint(1, 40)


def _enqueue(ctx: Context, channel: Channel, state: str, now: int) -> None:
    knobs, rng = ctx.settings.notifications, ctx.rng
    if knobs.drop and rng.random() < knobs.drop:
        ctx.counters["notifications dropped"] += 1
        return
    copies = 2 if knobs.duplicate and rng.random() < knobs.duplicate else 1
    for _ in range(copies):
        delay_s = knobs.delay_s + (rng.random() * knobs.jitter_s if knobs.jitter_s else 0.0)
        if knobs.reorder and rng.random() < knobs.reorder:
            delay_s += knobs.reorder_s
        ctx.world.outbox.append(
            Notification(
                id=ctx.next_number(),
                due_us=now + int(delay_s * SECOND_US),
                channel_id=channel.id,
                address=channel.address,
                headers=_headers(channel, state),
            )
        )


def _headers(channel: Channel, state: str) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json; utf-8",
        "Content-Length": "0",
        "User-Agent": "APIs-Google (+https://developers.google.com/webmasters/APIs-Google.html)",
        "X-Goog-Channel-ID": channel.id,
        "X-Goog-Channel-Expiration": http_date(channel.expires_us),
        "X-Goog-Resource-State": state,
        "X-Goog-Message-Number": str(channel.number),
        "X-Goog-Resource-ID": channel.resource_id,
        "X-Goog-Resource-URI": channel.resource_uri,
    }
    if channel.token is not None:
        headers["X-Goog-Channel-Token"] = channel.token
    return headers


def due(ctx: Context, now_us: int) -> list[Notification]:
    """Take the messages that are due out of the outbox, oldest due first."""
    outbox = ctx.world.outbox
    ready = sorted((message for message in outbox if message.due_us <= now_us), key=lambda each: (each.due_us, each.id))
    if ready:
        ctx.world.outbox = [message for message in outbox if message.due_us > now_us]
    return ready


def answered(ctx: Context, message: Notification, status: int | None) -> None:
    """Hear how a message was answered, None for a time-out: 500, 502, 503, 504 and time-outs are tried again."""
    ctx.counters[f"notifications answered {status}"] += 1
    knobs = ctx.settings.notifications
    if (status is not None and status not in _RETRIED) or message.attempt >= knobs.retries:
        return
    wait_s = knobs.retry_first_s * 2**message.attempt
    due_us = ctx.now_us() + int(wait_s * SECOND_US)
    ctx.world.outbox.append(msgspec.structs.replace(message, due_us=due_us, attempt=message.attempt + 1))


def resource_id(resource: str) -> str:
    """Give the opaque id that all channels on one resource share."""
    return f"{digest(resource):08x}{digest(resource, 'resource'):08x}"


def project(client_id: str) -> str:
    """Name a client's project, as error texts do."""
    head = client_id.partition("-")[0]
    return head if head.isdigit() else str(digest(client_id))
