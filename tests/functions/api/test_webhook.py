"""The webhook over HTTP: set, shown, rotated, tested, removed, and the log of its deliveries."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.webhook_sender import signed_headers
from shared.model.ids import webhook_path
from shared.ports import WebhookMessage
from tests.webhooks.post import URL, Post
from tests.webhooks.post import post as a_post
from tests.webhooks.spec import signers


@pytest.fixture
def post(tmp_path: Path) -> Post:
    return a_post(tmp_path)


def signed_by(post: Post, message: WebhookMessage) -> set[str]:
    """Which of the secrets that were shown sign the message, by their places, newest first."""
    secrets = {str(number): secret for number, secret in enumerate(post.secrets)}
    return signers(signed_headers(message), message.body.encode(), secrets, message.at)


def test_without_a_webhook_there_is_nothing_to_read_test_or_rotate(post: Post) -> None:
    for method, path in (("GET", ""), ("POST", "/test"), ("POST", "/rotate")):
        problem = post.crm.json(method, f"/v1/webhook{path}", expect=404)
        assert "PUT /v1/webhook" in problem["detail"]
    assert post.crm.json("GET", "/v1/webhook/deliveries") == {"data": [], "next_cursor": None}


def test_a_webhook_that_is_set_shows_its_secret_once(post: Post) -> None:
    made = post.crm.json("PUT", "/v1/webhook", {"url": URL})

    assert made.keys() == {"url", "state", "failing_since", "secret"}
    assert made["secret"].startswith("whsec_")
    assert post.crm.json("GET", "/v1/webhook") == {"url": URL, "state": "active", "failing_since": None}


def test_a_secret_is_stored_only_sealed_for_its_document(post: Post) -> None:
    post.set()

    document = post.world.store.get_many([path := webhook_path(post.tenant)])[path]
    assert post.secrets[0] not in str(document)
    assert post.secrets[0].removeprefix("whsec_") not in str(document)
    sealed = post.webhook().secrets[0].sealed
    assert post.world.cipher.open(path, sealed) == post.secrets[0]


@pytest.mark.parametrize(
    "url",
    ["http://crm.example.com/", "https://10.0.0.1/", "https://localhost.localdomain/", "https://2130706433/",
     "https://169.254.169.254/latest/meta-data", "https://a@b.example.com/", "https://crm"],
)  # fmt: skip
def test_an_address_that_is_not_public_https_is_refused_with_the_reason(post: Post, url: str) -> None:
    problem = post.crm.json("PUT", "/v1/webhook", {"url": url}, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/url"]
    assert url not in str(problem)
    post.crm.json("GET", "/v1/webhook", expect=404)


@pytest.mark.parametrize("body", [{}, {"url": 1}, {"url": URL, "secret": "whsec_own"}, {"url": "x"}, {"url": None}])
def test_a_malformed_body_is_refused(post: Post, body: object) -> None:
    post.crm.json("PUT", "/v1/webhook", body, expect=422)


def test_a_removed_webhook_is_gone_and_removing_it_again_is_no_failure(post: Post) -> None:
    post.set()

    for _ in range(2):
        assert post.crm.call("DELETE", "/v1/webhook").status_code == 204

    post.crm.json("GET", "/v1/webhook", expect=404)
    assert post.crm.json("GET", "/v1/status")["webhook"] is None


def test_a_removed_webhook_is_sent_nothing_more_not_even_what_waited(post: Post) -> None:
    post.set()
    post.receiver.otherwise = 500
    post.tell("a")
    post.deliver()
    post.crm.call("DELETE", "/v1/webhook")
    post.tell("b")
    post.clock.turn(seconds=1)
    sent = len(post.receiver.messages)

    post.wait(days=1)
    post.set()
    post.wait(days=1)

    assert len(post.receiver.messages) == sent
    assert [delivery["state"] for delivery in post.deliveries()] == ["failed"]


def test_a_message_is_signed_by_the_secret_that_was_shown(post: Post) -> None:
    post.set()
    post.tell("a")
    post.deliver()

    assert signed_by(post, post.receiver.messages[-1]) == {"0"}


def test_after_a_rotation_both_secrets_sign_for_24_hours(post: Post) -> None:
    post.set()
    post.secrets.insert(0, post.crm.json("POST", "/v1/webhook/rotate")["secret"])

    post.tell("a")
    post.deliver()
    post.clock.turn(hours=23, minutes=59)
    post.crm.json("POST", "/v1/webhook/test")
    post.clock.turn(minutes=2)
    post.tell("b")
    post.deliver()

    assert [signed_by(post, message) for message in post.receiver.messages] == [{"0", "1"}, {"0", "1"}, {"0"}]


def test_a_retry_after_a_rotation_is_signed_by_the_new_secret_too(post: Post) -> None:
    post.set()
    post.receiver.answers = [500]
    post.tell("a")
    post.deliver()
    post.secrets.insert(0, post.crm.json("POST", "/v1/webhook/rotate")["secret"])

    post.wait(minutes=1)

    assert [signed_by(post, message) for message in post.receiver.messages] == [{"1"}, {"0", "1"}]


def test_setting_the_address_again_gives_a_new_secret_and_the_old_one_signs_along(post: Post) -> None:
    post.set()
    post.set()

    post.crm.json("POST", "/v1/webhook/test")

    assert post.secrets[0] != post.secrets[1]
    assert signed_by(post, post.receiver.messages[-1]) == {"0", "1"}


def test_many_rotations_leave_a_bounded_number_of_signatures(post: Post) -> None:
    post.set()
    for _ in range(20):
        post.secrets.insert(0, post.crm.json("POST", "/v1/webhook/rotate")["secret"])

    post.crm.json("POST", "/v1/webhook/test")

    assert signed_by(post, post.receiver.messages[-1]) == {"0", "1", "2", "3", "4"}


def test_a_test_sends_a_signed_batch_without_changes_and_tells_the_status(post: Post) -> None:
    post.set()
    post.receiver.answers = [204]

    answer = post.crm.json("POST", "/v1/webhook/test")

    (message,) = post.receiver.messages
    assert answer == {"status": 204, "duration_ms": 1.0}
    assert '"data":{"changes":[]}' in message.body
    assert '"type":"changes.batch"' in message.body
    assert signed_by(post, message) == {"0"}
    assert post.deliveries() == []


def test_a_test_that_fails_says_why(post: Post) -> None:
    post.set()
    post.receiver.answers = ["the host's name leads nowhere", 302, 410]

    answers = [post.crm.json("POST", "/v1/webhook/test") for _ in range(3)]

    assert [(answer["status"], bool(answer["error"])) for answer in answers] == [(None, True), (302, True), (410, True)]
    assert post.crm.json("GET", "/v1/webhook")["state"] == "active"


def test_the_log_tells_tries_and_when_the_next_one_is(post: Post) -> None:
    post.set()
    post.receiver.answers = [500, "no answer within 10 s"]
    post.tell("a")
    post.tell("b")
    post.deliver()
    post.wait(seconds=8)

    (delivery,) = post.deliveries()

    assert delivery.keys() == {"id", "at", "state", "changes", "tries", "next_try_at"}
    assert (delivery["id"], delivery["state"], delivery["changes"]) == (post.receiver.messages[0].id, "retrying", 2)
    assert [(each["status"], each["error"]) for each in delivery["tries"]] == [
        (500, "the receiver must answer with a status from 200 to 299"),
        (None, "no answer within 10 s"),
    ]
    waits = datetime.fromisoformat(delivery["next_try_at"]) - datetime.fromisoformat(delivery["tries"][1]["at"])
    assert timedelta(seconds=27) <= waits <= timedelta(seconds=33)


def test_the_log_is_read_page_by_page_newest_first(post: Post) -> None:
    post.set()
    for number in range(5):
        post.tell(f"t{number}")
        post.deliver()

    first = post.crm.json("GET", "/v1/webhook/deliveries?limit=2")
    second = post.crm.json("GET", f"/v1/webhook/deliveries?limit=3&cursor={first['next_cursor']}")

    sent = [message.id for message in post.receiver.messages]
    assert [each["id"] for each in (*first["data"], *second["data"])] == sent[::-1]
    assert second["next_cursor"] is None
    assert post.scanned == set()


def test_a_cursor_of_another_list_is_refused(post: Post) -> None:
    cursor = post.crm.json("GET", "/v1/changes")["next_cursor"]

    post.crm.json("GET", f"/v1/webhook/deliveries?cursor={cursor}", expect=422)
