"""Every parser that reads bytes of strangers, by name: it takes them, or refuses them as it says, whatever they are.

`make fuzz` runs them under atheris; `test_parsers.py` runs them on seeds, on what was found, and on random bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from functions.api.task_bodies import TaskBody, TasksQuery
from functions.decoding import decode, parse_query
from infra.keys import PurposeKeys
from shared.errors import BadChannelToken, BadRequest, BadState, GoogleUnavailable, Invalid
from shared.google import channel_token
from shared.google.errors import classify
from shared.google.oauth_errors import classify_oauth
from shared.google.responses import Tombstone, calendar_entries_of, page_of
from shared.model.content import Content
from shared.model.ids import ConnectionId, TenantId
from shared.sync.checks import check_content
from shared.sync.crm_fields import Rendering
from shared.sync.description import canonical, generated, render, strip
from shared.sync.expansion import instant_of_key, is_original_start, slot_at, slots
from shared.sync.rule_faults import rule_faults
from shared.sync.to_content import imported
from shared.usecases.connecting.oauth_links import open_state, read_link, seal_state
from shared.usecases.cursors import open_cursor, seal_cursor
from shared.webhooks.address import UnusableAddress, read_address

if TYPE_CHECKING:
    from shared.usecases.world import World

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
KEYS = PurposeKeys((b"k" * 32,))
WORLD = cast("World", SimpleNamespace(keys=KEYS, clock=SimpleNamespace(now=lambda: NOW)))
TENANT = TenantId("acme")


def text_of(data: bytes) -> str:
    """As WSGI gives headers and queries: a character a byte."""
    return data.decode("latin-1")


def notification(data: bytes) -> None:
    """Headers of a message of Google's, a line each; nothing forged is proved."""
    lines = (line.partition(":") for line in text_of(data).splitlines())
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    try:
        proved = channel_token.prove(headers, keys=KEYS.for_purpose(channel_token.PURPOSE), now=NOW)
    except BadChannelToken:
        return
    assert (proved.tenant, proved.connection, proved.calendar_key, proved.channel_id) == (TENANT, "c1", "k1", "ch1")


def state(data: bytes) -> None:
    """The state that comes back from Google, and the link that a CRM gave its user."""
    with suppress(BadState):
        assert open_state(WORLD, text_of(data)) == NONCE
    named, _, proof = text_of(data).partition(" ")
    with suppress(BadState):
        raise AssertionError(read_link(WORLD, named, proof))


def cursor(data: bytes) -> None:
    """What a CRM gives as the place to go on from."""
    with suppress(Invalid):
        assert open_cursor(WORLD, TENANT, "tasks", text_of(data)) == (NOW, "t1")


def events(data: bytes) -> None:
    """A page of events, and what becomes a task of each."""
    try:
        page = page_of(json.loads(data))
    except (GoogleUnavailable, ValueError, RecursionError):
        return
    for event in page.items:
        if not isinstance(event, Tombstone):
            content = imported(event, Rendering(time_zone="Europe/Rome"))
            assert content.title is None or len(str(content.title)) <= 1024


def calendars(data: bytes) -> None:
    """A page of a person's list of calendars."""
    try:
        calendar_entries_of(json.loads(data))
    except (GoogleUnavailable, ValueError, RecursionError):
        return


def refusal(data: bytes) -> None:
    """What Google says when it refuses: always one of the errors that say who must act."""
    status, wait, body = 400 + data[0] % 200 if data else 403, text_of(data[1:20]), data[20:]
    classify(status, body, {"retry-after": wait})
    classify_oauth(status, body, {"retry-after": wait})


def description(data: bytes) -> None:
    """HTML or text of either side: what is written is read again as the same."""
    text = data.decode("utf-8", "replace")
    for markup in ("html", "text"):
        clean = canonical(text, markup)
        shown = render(clean, None, markup)
        assert strip(shown, markup) == clean
        assert "<script" not in (shown or "").lower()
    generated(text, "{title}\n{description}\n{notes}")


def webhook_address(data: bytes) -> None:
    """Where a CRM wants to be told: refused, or an address of a host and nothing else."""
    try:
        found = read_address(data.decode("utf-8", "replace"), loopback_allowed=False)
    except UnusableAddress:
        return
    assert not found.plain
    assert not set(found.host) & set(" @\\/#?\r\n")


def task(data: bytes) -> None:
    """A task as a CRM sends it, with all that is checked beyond its shape."""
    try:
        check_content(decode(data, TaskBody).content())
    except (BadRequest, Invalid):
        return


def recurrence(data: bytes) -> None:
    """Lines of a series."""
    lines = data.decode("utf-8", "replace").split("\n")
    for all_day in (True, False, None):
        for index, _ in rule_faults(lines, all_day=all_day):
            assert 0 <= index < len(lines)


def original_start(data: bytes) -> None:
    """What names an occurrence in a path: refused, or read as the one instant that it writes."""
    text = text_of(data)
    if is_original_start(text):
        shape = "%Y%m%dT%H%M%SZ" if "T" in text else "%Y-%m-%d"
        assert datetime.strptime(text, shape).replace(tzinfo=UTC) == instant_of_key(text)


def occurrences(data: bytes) -> None:
    """Lines of a series that Google or a CRM sent: its first occurrences, each by a name that is its own."""
    lines = data.decode("utf-8", "replace").split("\n")
    for start, end in (("2026-11-23", "2026-11-24"), ("2026-11-23T10:00:00", "2026-11-23T11:00:00")):
        content = Content(title="x", start=start, end=end, time_zone="Europe/Rome", recurrence=tuple(lines))
        for slot in islice(slots(content, Rendering(time_zone="Europe/Rome")), 20):
            assert is_original_start(slot.original_start), slot.original_start
            assert slot_at(slot.original_start, slot.when) == slot.when


def query(data: bytes) -> None:
    """Parameters of a list."""
    pairs = (pair.partition("=") for pair in text_of(data).split("&"))
    try:
        parse_query({name: [value] for name, _, value in pairs}, TasksQuery)
    except Invalid:
        return


PARSERS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (
        notification, state, cursor, events, calendars, refusal, description, webhook_address, task, recurrence,
        original_start, occurrences, query,
    )
}  # fmt: skip

NONCE = "n" * 43
TOKEN = channel_token.make(
    KEYS.for_purpose(channel_token.PURPOSE), tenant=TENANT, connection=ConnectionId("c1"), calendar_key="k1",
    channel_id="ch1", expires_at=NOW + timedelta(days=7),
)  # fmt: skip
_EVENT = {
    "id": "e1", "etag": '"1"', "status": "confirmed", "summary": "Call", "description": "<b>x</b>",
    "updated": "2026-11-21T09:00:00.000Z",
    "start": {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Rome"}, "end": {"date": "2026-11-24"},
    "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"], "attendees": [{"email": "a@example.com", "responseStatus": "accepted"}],
    "originalStartTime": {"date": "9999-12-31"},
    "reminders": {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]},
    "extendedProperties": {"private": {"tandem": "x"}}, "colorId": "3", "visibility": "private",
}  # fmt: skip
SEEDS: dict[str, list[bytes]] = {
    "notification": [f"X-Goog-Channel-ID: ch1\nX-Goog-Channel-Token: {TOKEN}\nX-Goog-Resource-State: exists".encode()],
    "state": [seal_state(WORLD, NONCE).encode(), b"acme.c1 nonce.1795000000.proof", b"acme.c1 nonce.x.proof"],
    "cursor": [seal_cursor(WORLD, TENANT, "tasks", (NOW, "t1")).encode()],
    "events": [json.dumps({"items": [_EVENT, {"id": "e2", "status": "cancelled"}], "nextSyncToken": "s"}).encode()],
    "calendars": [b'{"items":[{"id":"c","accessRole":"owner","summary":"x","timeZone":"Europe/Rome","primary":true}]}'],
    "refusal": [b"\x0312                 " + b'{"error":{"errors":[{"reason":"rateLimitExceeded"}],"code":403}}'],
    "description": ["<p>a <a href='https://x.example'>b</a><br>\u258fc</p>".encode(), b"<script>x</script>"],
    "webhook_address": [b"https://crm.example.com:8443/hook?a=1", b"https://[::1]/", b"https://0x7f.1/"],
    "task": [
        b'{"user_id":"anna","title":"x","start":"2026-11-23","end":"9999-12-31","recurrence":["RRULE:FREQ=DAILY"]}',
        b'{"user_id":"anna","start":"0001-01-01T00:00:00+14:00","end":"9999-12-31T23:59:59-12:00","time_zone":"Asia/Tokyo"}',
    ],
    "recurrence": [
        b"RRULE:FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20261231T000000Z\nEXDATE:20261124T090000Z\nRDATE;VALUE=DATE:20261201"
    ],
    "original_start": [b"2026-12-01", b"20261201T090000Z", b"0001-01-01", b"99991231T235959Z"],
    "occurrences": [
        b"RRULE:FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20261231T000000Z\nEXDATE:20261124T090000Z\nRDATE;VALUE=DATE:20261201",
        b"RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3\nRDATE;TZID=Asia/Tokyo:99991231T235959",
    ],
    "query": [b"limit=5&state=synced&changed_since=2026-11-21T09:00:00Z&cursor=x"],
}
"""Where the search begins: what is right, and what lies at an edge."""
