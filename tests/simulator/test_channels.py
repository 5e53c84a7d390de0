"""Watches and their messages, without sockets: what is put into the outbox, when, and with which headers."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from infra.simulator.model import Notification
from infra.simulator.settings import Notifications
from infra.simulator.state import Google
from tests.simulator.client import ANNA, START, Answer, Client, Clock, timed

HOOK = "https://hooks.example.com/google"


def watch(client: Client, channel_id: str = "channel-1", calendar: str = "primary", **more: Any) -> Answer:  # noqa: ANN401 - JSON
    """Ask for a channel."""
    body = {"id": channel_id, "type": "web_hook", "address": HOOK, "token": "secret"} | more
    return client.call("POST", f"calendars/{calendar}/events/watch", body)


def due(google: Google) -> list[Notification]:
    """Take what is due now."""
    return google.due_notifications(google.ctx.now())


def tune(google: Google, **knobs: Any) -> None:  # noqa: ANN401 - settings
    """Change how messages travel."""
    google.settings = msgspec.structs.replace(google.settings, notifications=Notifications(**knobs))


def expiration_s(answer: Answer) -> float:
    """Give how long a channel lives."""
    return int(answer.body["expiration"]) / 1000 - START.timestamp()


def test_answer_to_watch_names_channel_resource_and_expiration_in_text(anna: Client) -> None:
    body = watch(anna).body

    assert (body["kind"], body["id"], body["token"]) == ("api#channel", "channel-1", "secret")
    assert body["resourceUri"].endswith("/events?alt=json")
    assert isinstance(body["expiration"], str)


def test_channel_lives_seven_days_by_default_and_thirty_at_most(anna: Client) -> None:
    month = str(int((START + timedelta(days=90)).timestamp() * 1000))

    assert expiration_s(watch(anna)) == 604_800
    assert expiration_s(watch(anna, "two", params={"ttl": "3600"})) == 3600
    assert expiration_s(watch(anna, "three", expiration=month)) == 2_592_000
    assert expiration_s(watch(anna, "four", expiration=month, params={"ttl": "60"})) == 60


def test_sync_message_is_number_one_with_all_headers(google: Google, anna: Client) -> None:
    answer = watch(anna)

    (message,) = due(google)

    assert message.address == HOOK
    assert message.headers == {
        "Content-Type": "application/json; utf-8",
        "Content-Length": "0",
        "User-Agent": "APIs-Google (+https://developers.google.com/webmasters/APIs-Google.html)",
        "X-Goog-Channel-ID": "channel-1",
        "X-Goog-Channel-Expiration": "Mon, 30 Nov 2026 08:00:00 GMT",
        "X-Goog-Channel-Token": "secret",
        "X-Goog-Message-Number": "1",
        "X-Goog-Resource-ID": answer.body["resourceId"],
        "X-Goog-Resource-State": "sync",
        "X-Goog-Resource-URI": answer.body["resourceUri"],
    }


def test_each_action_of_client_or_person_is_one_message(google: Google, anna: Client) -> None:
    watch(anna)
    due(google)

    event = anna.insert()
    google.person(ANNA).edit(event["id"], summary="x")
    anna.delete(event["id"])

    assert [message.headers["X-Goog-Resource-State"] for message in due(google)] == ["exists"] * 3


def test_reading_causes_no_message(google: Google, anna: Client) -> None:
    watch(anna)
    due(google)

    anna.list()

    assert due(google) == []


def test_refused_write_causes_no_message(google: Google, anna: Client) -> None:
    event = anna.insert()
    watch(anna)
    due(google)

    anna.patch(event["id"], {"summary": "x"}, {"If-Match": '"1"'})

    assert due(google) == []


def test_message_numbers_rise_with_gaps(google: Google, anna: Client) -> None:
    tune(google, gap=0.5)
    watch(anna)
    for _ in range(20):
        anna.insert()

    numbers = [int(message.headers["X-Goog-Message-Number"]) for message in due(google)]

    assert numbers[0] == 1
    assert numbers == sorted(set(numbers))
    assert numbers[-1] > 21


def test_channels_on_one_calendar_share_the_resource_id_and_all_fire(google: Google, anna: Client) -> None:
    one, two = watch(anna, "one"), watch(anna, "two")
    due(google)

    anna.insert()

    assert one.body["resourceId"] == two.body["resourceId"]
    assert {message.channel_id for message in due(google)} == {"one", "two"}


def test_used_channel_id_is_refused_for_ever(google: Google, anna: Client) -> None:
    first = watch(anna).body
    anna.call("POST", "channels/stop", {"id": first["id"], "resourceId": first["resourceId"]})

    again = watch(anna)

    assert (again.status, again.reason) == (400, "channelIdNotUnique")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"address": "http://hooks.example.com/google"}, "webhookUrlNotHttps"),
        ({"address": "hooks"}, "webhookUrlNotHttps"),
        ({"type": "pigeon"}, "channelTypeNotSupported"),
        ({"id": "a.b"}, "invalid"),
        ({"id": "x" * 65}, "invalid"),
        ({"token": "x" * 257}, "invalid"),
        ({"expiration": "1000"}, "invalid"),
    ],
)
def test_bad_channel_is_refused(anna: Client, more: dict[str, str], reason: str) -> None:
    answer = watch(anna, **more)

    assert (answer.status, answer.reason) == (400, reason)


def test_loopback_http_is_allowed_only_by_setting(google: Google, anna: Client) -> None:
    assert watch(anna, address="http://127.0.0.1:8080/hook").status == 200

    google.settings = msgspec.structs.replace(google.settings, loopback_webhooks=False)

    assert watch(anna, "two", address="http://127.0.0.1:8080/hook").reason == "webhookUrlNotHttps"


def test_calendar_without_push_says_so(google: Google, anna: Client) -> None:
    holidays = google.add_calendar(ANNA, "Holidays", push_refused=True)

    answer = watch(anna, calendar=holidays.id)

    assert (answer.status, answer.error["domain"], answer.reason) == (
        400,
        "calendar",
        "pushNotSupportedForRequestedResource",
    )


def test_stop_needs_both_ids_and_the_same_account(google: Google, anna: Client, ben: Client) -> None:
    body = watch(anna).body
    both = {"id": body["id"], "resourceId": body["resourceId"]}

    assert anna.call("POST", "channels/stop", both | {"resourceId": "other"}).status == 404
    assert ben.call("POST", "channels/stop", both).status == 404
    assert anna.call("POST", "channels/stop", both).status == 204
    assert anna.call("POST", "channels/stop", both).error["message"].startswith("Channel 'channel-1' not found")
    due(google)
    anna.insert()
    assert due(google) == []


def test_expired_channel_is_silent(google: Google, anna: Client, clock: Clock) -> None:
    watch(anna, params={"ttl": "600"})
    due(google)

    clock.advance(minutes=11)
    anna.insert()

    assert due(google) == []


def test_revoked_grant_leaves_the_channel_alive_until_it_expires(google: Google, anna: Client) -> None:
    watch(anna)
    due(google)
    google.revoke_grant(ANNA)

    google.person(ANNA).create("x")

    assert len(due(google)) == 1


def test_dropped_messages_never_come(google: Google, anna: Client) -> None:
    tune(google, drop=1.0)
    watch(anna)

    assert due(google) == []
    assert google.ctx.counters["notifications dropped"] == 1


def test_doubled_messages_come_twice_with_one_number(google: Google, anna: Client) -> None:
    tune(google, duplicate=1.0)
    watch(anna)

    assert [message.headers["X-Goog-Message-Number"] for message in due(google)] == ["1", "1"]


def test_delayed_messages_wait_for_their_moment(google: Google, anna: Client, clock: Clock) -> None:
    tune(google, delay_s=30)
    watch(anna)

    before = due(google)
    clock.advance(seconds=30)

    assert (before, len(due(google))) == ([], 1)


def test_reordered_messages_come_after_later_ones(google: Google, anna: Client, clock: Clock) -> None:
    tune(google, reorder=1.0, reorder_s=60, gap=0)
    watch(anna)
    tune(google, gap=0)
    anna.insert()
    early = due(google)

    clock.advance(seconds=60)

    assert [message.headers["X-Goog-Message-Number"] for message in early + due(google)] == ["2", "1"]


@pytest.mark.parametrize(
    ("status", "comes_again"), [(503, True), (None, True), (200, False), (404, False), (429, False)]
)
def test_only_server_errors_and_silence_bring_a_message_back(
    google: Google,
    anna: Client,
    clock: Clock,
    status: int | None,
    comes_again: bool,  # noqa: FBT001 - a parameter
) -> None:
    watch(anna)
    (message,) = due(google)

    google.notification_answered(message, status)

    assert due(google) == []
    clock.advance(seconds=5)
    assert bool(due(google)) is comes_again


def test_retries_wait_twice_as_long_each_time(google: Google, anna: Client, clock: Clock) -> None:
    watch(anna)
    (message,) = due(google)
    google.notification_answered(message, 503)
    clock.advance(seconds=5)
    (message,) = due(google)

    google.notification_answered(message, 503)

    clock.advance(seconds=9)
    assert due(google) == []
    clock.advance(seconds=1)
    assert len(due(google)) == 1


def test_guests_copy_notifies_the_guests_watch(google: Google, anna: Client, ben: Client) -> None:
    watch(ben)
    due(google)

    anna.insert(attendees=[{"email": "ben@example.com"}], **timed())

    assert len(due(google)) == 1


def test_watch_on_the_calendar_list_tells_of_a_new_calendar(google: Google, anna: Client) -> None:
    body = {"id": "list-1", "type": "web_hook", "address": HOOK}
    anna.call("POST", "users/me/calendarList/watch", body)
    due(google)

    google.add_calendar(ANNA, "Second")

    assert [message.channel_id for message in due(google)] == ["list-1"]
