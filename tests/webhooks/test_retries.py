"""What fails is tried again, by whom and when: the schedule, 410, order per task, frozen bytes."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from shared.webhooks.schedule import GIVEN_UP_AFTER, next_try_at
from tests.functions.api.stage import TurnedClock
from tests.receivers import changes_of
from tests.webhooks.post import Post, versions

NOW = TurnedClock().at


@pytest.mark.parametrize(
    ("failures", "delay_s"), [(1, 5), (2, 30), (3, 120), (4, 600), (5, 3600), (6, 3600), (50, 3600)]
)
def test_the_delays_are_those_of_the_contract_give_or_take_a_tenth(failures: int, delay_s: float) -> None:
    delays = [
        (at - NOW).total_seconds()
        for jitter in (0.0, 0.5, 0.999)
        if (at := next_try_at(NOW, failures=failures, failing_since=NOW, jitter=jitter))
    ]

    assert delays[0] == pytest.approx(delay_s * 0.9)
    assert delays[1] == pytest.approx(delay_s)
    assert delay_s < delays[2] < delay_s * 1.1


def test_nothing_is_tried_later_than_three_days_after_the_first_failure() -> None:
    almost = NOW + GIVEN_UP_AFTER - timedelta(hours=1)

    assert next_try_at(almost, failures=70, failing_since=NOW, jitter=0.5) == NOW + GIVEN_UP_AFTER
    assert next_try_at(almost + timedelta(seconds=1), failures=70, failing_since=NOW, jitter=0.5) is None


def test_a_failed_batch_comes_again_with_the_same_id_and_the_same_bytes(post: Post) -> None:
    post.receiver.answers = [500, "no answer within 10 s", 302]
    post.tell("a", title="1")
    post.deliver()
    post.tell("a", title="2")

    post.wait(minutes=5)

    first = post.receiver.messages[:4]
    assert {(message.id, message.body) for message in first} == {(first[0].id, first[0].body)}
    assert len({message.at for message in first}) == 4


def test_an_endless_failure_is_tried_for_three_days_and_then_given_up(post: Post) -> None:
    post.receiver.otherwise = 503
    change = post.tell("a")

    post.wait(days=4)

    (delivery,) = post.deliveries()
    times = [datetime.fromisoformat(each["at"]) for each in delivery["tries"]]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert (delivery["state"], delivery["next_try_at"]) == ("failed", None)
    assert timedelta(days=2, hours=22) < times[-1] - times[0] <= timedelta(days=3)
    assert all(0.9 * wanted <= gap <= 1.1 * wanted for gap, wanted in zip(gaps, [5, 30, 120, 600], strict=False))
    assert all(3240 <= gap <= 3960 for gap in gaps[4:])
    assert post.change(change).delivered_at is None


def test_what_was_given_up_is_not_delivered_later_and_stays_in_the_feed(post: Post) -> None:
    post.receiver.otherwise = 503
    post.tell("a", title="lost")
    post.wait(days=4)

    post.receiver.otherwise = 200
    post.tell("a", title="next")
    post.deliver()

    assert [change["task"]["title"] for change in changes_of(post.receiver.messages[-1])] == ["next"]
    assert [each["task"]["title"] for each in post.crm.json("GET", "/v1/changes")["data"]] == ["lost", "next"]


def test_a_task_whose_batch_fails_waits_and_the_others_go_on(post: Post) -> None:
    post.receiver.judge = lambda message: 500 if '"poison"' in message.body else None
    post.tell("a", title="poison")
    post.deliver()
    post.tell("a", title="after")
    post.tell("b", title="other")

    post.deliver()

    assert [change["task"]["title"] for change in changes_of(post.receiver.messages[-1])] == ["other"]
    assert len(post.undelivered()) == 2


def test_a_task_comes_in_order_however_its_batches_fail(post: Post) -> None:
    answers = iter([500, 200, 500, 500, 200, 500, 200, 200, 500] + [200] * 50)
    taken: list[dict[str, list[int]]] = []

    def judge(message: object) -> int:
        answer = next(answers)
        if answer == 200:
            taken.append(versions(changes_of(message)))  # type: ignore[arg-type]
        return answer

    post.receiver.judge = judge
    for number in range(12):
        post.tell("ab"[number % 2], title=str(number))
        post.wait(seconds=4)
    post.wait(hours=1)

    for task in "ab":
        told = [version for batch in taken for version in batch.get(task, [])]
        assert told == list(range(1, 7))


def test_many_changes_of_a_waiting_task_do_not_hide_those_of_others(post: Post) -> None:
    post.receiver.judge = lambda message: 500 if '"task_id":"a"' in message.body else None
    post.tell("a")
    post.deliver()
    for number in range(250):
        post.tell("a", title=str(number))
    post.tell("b", title="other")

    post.deliver()

    assert [change["task"]["title"] for change in changes_of(post.receiver.messages[-1])] == ["other"]


def test_a_receiver_that_is_back_gets_what_waits_at_once(post: Post) -> None:
    post.receiver.otherwise = 500
    for name in "abc":
        post.tell(name, title=name)
        post.deliver()
    post.wait(hours=5)

    post.receiver.otherwise = 200
    waiting = min(job.not_before for job in post.queue.jobs if job.not_before)
    post.clock.at = waiting
    before = len(post.receiver.messages)
    post.run()

    assert sorted(change["task_id"] for sent in post.receiver.messages[before:] for change in changes_of(sent)) == [
        "a",
        "b",
        "c",
    ]


def test_a_dead_receiver_holds_a_bounded_number_of_batches(post: Post) -> None:
    post.receiver.otherwise = "no answer"
    for number in range(40):
        post.tell(f"t{number}")
        post.deliver()

    assert sum(delivery["state"] == "retrying" for delivery in post.deliveries()) == 10
    post.receiver.otherwise = 200
    post.wait(hours=2)
    assert post.undelivered() == []


def test_a_failing_webhook_says_since_when_and_recovers(post: Post) -> None:
    post.receiver.answers = [500]
    post.tell("a")
    post.deliver()
    failing = post.crm.json("GET", "/v1/webhook")
    began = post.deliveries()[0]["tries"][0]["at"]
    status = post.crm.json("GET", "/v1/status")

    post.wait(minutes=1)

    assert (failing["state"], failing["failing_since"]) == ("failing", began)
    assert (status["webhook"], [each["code"] for each in status["problems"]]) == ("failing", ["webhook_failing"])
    recovered = post.crm.json("GET", "/v1/webhook")
    assert (recovered["state"], recovered["failing_since"]) == ("active", None)
    assert post.crm.json("GET", "/v1/status")["webhook"] == "active"


def test_a_webhook_still_fails_when_what_failed_was_given_up(post: Post) -> None:
    post.receiver.otherwise = 500
    post.tell("a")
    post.wait(days=4)

    assert post.crm.json("GET", "/v1/webhook")["state"] == "failing"


def test_410_switches_the_webhook_off_and_shows_it(post: Post) -> None:
    post.receiver.answers = [410]
    post.tell("a")
    post.deliver()
    post.tell("b")

    post.wait(days=1)
    post.sweep()

    shown = post.crm.json("GET", "/v1/webhook")
    assert len(post.receiver.messages) == 1
    assert shown["state"] == "off"
    assert shown["failing_since"] is not None
    status = post.crm.json("GET", "/v1/status")
    assert (status["webhook"], [each["code"] for each in status["problems"]]) == ("off", ["webhook_off"])


def test_a_webhook_that_is_off_costs_nothing(post: Post) -> None:
    post.receiver.answers = [410]
    post.tell("a")
    post.deliver()
    post.queue.jobs.clear()
    post.crm.json("GET", "/v1/tenant")

    post.tell("b")

    assert post.queue.jobs == []


def test_setting_a_webhook_again_sends_what_waited_under_its_id(post: Post) -> None:
    post.receiver.answers = [410]
    post.tell("a", title="1")
    post.deliver()
    post.tell("a", title="2")

    post.set("https://other.example.com/hook")
    post.deliver()

    first, second, third = post.receiver.messages
    assert (first.id, first.body, second.url) == (second.id, second.body, "https://other.example.com/hook")
    assert [change["task"]["title"] for change in changes_of(third)] == ["2"]
    assert post.crm.json("GET", "/v1/webhook")["state"] == "active"


def test_a_retry_whose_job_was_lost_is_found_by_the_sweep(post: Post) -> None:
    post.receiver.answers = [500]
    post.tell("a")
    post.deliver()
    post.queue.jobs.clear()

    post.clock.turn(minutes=2)
    post.sweep()
    post.deliver()

    assert [delivery["state"] for delivery in post.deliveries()] == ["delivered"]


def test_a_quiet_webhook_is_looked_at_every_ten_minutes_at_most(post: Post) -> None:
    looks = 0
    for _ in range(60):
        post.clock.turn(minutes=1)
        post.sweep()
        looks += len(post.deliver())

    assert 5 <= looks <= 6


def test_a_try_of_a_job_that_was_overtaken_tells_nothing(post: Post) -> None:
    post.tell("a")

    def another() -> None:
        post.receiver.during = lambda: None
        post.clock.turn(seconds=31)
        assert post.run() == "delivered"

    post.receiver.during = another
    post.receiver.judge = lambda message: 500 if len(post.deliveries()[0]["tries"]) else None

    assert post.run() == "taken_over"
    (delivery,) = post.deliveries()
    assert (delivery["state"], len(delivery["tries"])) == ("delivered", 1)


def test_a_failed_try_that_was_overtaken_by_another_failed_one_is_not_told(post: Post) -> None:
    post.receiver.otherwise = 500
    post.tell("a")

    def another() -> None:
        post.receiver.during = lambda: None
        post.clock.turn(seconds=31)
        assert post.run() == "refused"

    post.receiver.during = another

    assert post.run() == "taken_over"
    (delivery,) = post.deliveries()
    assert len(delivery["tries"]) == 1
    assert [job.name for job in post.queue.jobs if job.name and job.name.endswith("-2")] == []


def test_logs_name_neither_address_nor_secret_nor_content(post: Post) -> None:
    post.receiver.answers = [500, 200]
    post.tell("a", title="Secret plan")
    post.deliver()
    post.wait(minutes=1)

    lines = str(post.log.lines)
    assert "refused" in lines
    assert not any(word in lines for word in ("Secret plan", "crm.example.com", post.secrets[0], "whsec_"))
