"""What is delivered, in which batches, in which order, and how often when jobs run twice."""

import json

import pytest

from shared.model.ids import delivery_path
from shared.model.stored import read_as
from shared.model.webhook import Delivery
from shared.ports import Set
from shared.usecases.changes import News, change_write
from shared.webhooks import batch, deliver
from shared.webhooks.batch import MOST_BYTES
from tests.webhooks.post import Post, versions


def test_a_change_from_google_reaches_the_webhook_as_the_feed_tells_it(post: Post) -> None:
    post.tell("a", title="Visit")

    assert post.deliver() == ["delivered"]

    (message,) = post.receiver.messages
    body = json.loads(message.body)
    assert body.keys() == {"type", "timestamp", "data"}
    assert body["type"] == "changes.batch"
    assert body["data"] == {"changes": post.crm.json("GET", "/v1/changes")["data"]}


def test_changes_of_a_moment_go_out_in_one_message(post: Post) -> None:
    for number in range(5):
        post.tell(f"t{number}")

    post.deliver()

    assert [len(json.loads(message.body)["data"]["changes"]) for message in post.receiver.messages] == [5]


def test_the_crms_own_writes_are_not_delivered(post: Post) -> None:
    post.crm.json("PUT", "/v1/tasks/a", {"user_id": "anna", "title": "Own"}, expect=201)
    post.tell("b", title="Theirs")

    post.deliver()

    assert post.titles() == ["Theirs"]


def test_what_was_told_before_the_webhook_was_set_is_not_delivered(bare: Post) -> None:
    bare.tell("a", title="Before")
    bare.clock.turn(seconds=1)
    bare.set()

    bare.tell("a", title="After")
    bare.deliver()

    assert bare.titles() == ["After"]


def test_a_batch_has_at_most_a_hundred_changes_and_they_come_in_order(post: Post) -> None:
    for number in range(230):
        post.tell("abc"[number % 3], title=str(number))

    post.deliver()

    assert [len(json.loads(message.body)["data"]["changes"]) for message in post.receiver.messages] == [100, 100, 30]
    assert post.titles() == [str(number) for number in range(230)]
    assert post.undelivered() == []


def test_a_batch_stays_below_256_kib(post: Post) -> None:
    for number in range(40):
        post.tell(f"t{number}", description="ü" * 4000)

    post.deliver()

    sizes = [len(message.body.encode()) for message in post.receiver.messages]
    assert max(sizes) <= MOST_BYTES
    assert len(sizes) > 1
    assert len(post.receiver.changes()) == 40


def test_a_change_larger_than_a_batch_goes_alone(post: Post) -> None:
    huge = News(origin="google", kind="task.updated", version=1, task={"title": "x" * MOST_BYTES})
    post.world.store.commit([change_write(post.world, post.tenant, huge)])
    post.clock.turn(milliseconds=1)
    post.tell("a", title="small")

    post.deliver()

    assert [len(json.loads(message.body)["data"]["changes"]) for message in post.receiver.messages] == [1, 1]


def test_a_job_that_runs_twice_delivers_once(post: Post) -> None:
    post.tell("a")

    outcomes = [post.run(), post.run()]

    assert outcomes == ["delivered", "nothing"]
    assert len(post.receiver.messages) == 1


def test_a_job_that_comes_while_another_sends_leaves_its_batch_alone(post: Post) -> None:
    post.tell("a")
    seen: list[str] = []

    def another() -> None:
        post.receiver.during = lambda: None
        seen.append(post.run())

    post.receiver.during = another
    post.run()

    assert seen == ["nothing"]
    assert len(post.receiver.messages) == 1


def test_a_later_change_of_a_task_waits_while_another_job_sends_the_earlier_one(post: Post) -> None:
    post.tell("a", title="1")

    def another() -> None:
        post.receiver.during = lambda: None
        post.tell("a", title="2")
        post.tell("b", title="other")
        post.run()

    post.receiver.during = another
    post.deliver()
    post.deliver()

    assert versions(post.receiver.changes()) == {"a": [1, 2], "b": [1]}
    assert post.titles() == ["1", "other", "2"]


def test_two_jobs_that_freeze_at_once_never_put_a_change_into_two_batches(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.tell("a")
    frozen = batch.next_batch

    def overtaken(*args: object, **named: object) -> object:
        made = frozen(*args, **named)  # type: ignore[arg-type]
        monkeypatch.setattr(deliver, "next_batch", frozen)
        post.run()
        return made

    monkeypatch.setattr(deliver, "next_batch", overtaken)
    post.run()

    assert len(post.receiver.messages) == 1
    assert len(post.deliveries()) == 1


def test_a_job_that_died_while_sending_is_followed_by_the_same_message(post: Post) -> None:
    post.tell("a")

    def dies() -> None:
        raise KeyboardInterrupt

    post.receiver.during = dies
    with pytest.raises(KeyboardInterrupt):
        post.run()
    post.receiver.during = lambda: None
    early = post.run()
    post.clock.turn(seconds=31)
    late = post.run()

    first, second = post.receiver.messages
    assert (early, late) == ("nothing", "delivered")
    assert (first.id, first.body) == (second.id, second.body)


def test_a_tenant_without_a_webhook_gets_nothing(bare: Post) -> None:
    bare.tell("a")

    assert bare.run() == "no_webhook"
    assert bare.receiver.messages == []


def test_a_change_that_becomes_visible_late_is_delivered(post: Post) -> None:
    late = change_write(post.world, post.tenant, News(origin="google", kind="task.updated", version=1))
    stamped = dict(late.data) | {"at": post.clock.now()}
    post.clock.turn(seconds=5)
    post.tell("a", title="early")
    post.deliver()

    post.world.store.commit([Set(path=late.path, data=stamped)])
    post.deliver()

    assert [change["id"] for change in post.receiver.changes()][-1] == late.data["id"]


def test_a_delivered_batch_keeps_nothing_of_its_content(post: Post) -> None:
    post.tell("a", title="Secret plan")
    post.deliver()

    (delivery,) = post.deliveries()
    document = post.world.store.get_many([path := delivery_path(post.tenant, delivery["id"])])[path]
    assert document is not None
    kept = read_as(Delivery, document)
    assert (kept.body, kept.entries, kept.count) == ("", (), 1)
    assert "Secret plan" not in str(document)


def test_a_delivery_costs_what_it_must(post: Post) -> None:
    for number in range(3):
        post.tell(f"t{number}", title="Visit")

    with post.store.counted() as spent:
        post.run()

    assert spent == {"reads": 2, "queries": 2, "commits": 2}


def test_a_job_that_finds_nothing_costs_a_read_and_two_queries(post: Post) -> None:
    with post.store.counted() as spent:
        assert post.run() == "nothing"

    assert spent == {"reads": 1, "queries": 2}


def test_deliveries_are_found_by_indexes(post: Post) -> None:
    post.receiver.answers = [500]
    post.tell("a")
    post.deliver()
    post.wait(minutes=1)
    post.deliveries()
    post.sweep()

    assert post.scanned == set()
