"""Which commits start a delivery, and what that costs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NoReturn

import pytest

from shared.errors import StoreUnavailable
from shared.model.ids import tenant_path
from shared.ports import Job, Patch, Write
from shared.usecases.changes import News, change_write
from tests.counting import CountingStore
from tests.functions.api.stage import KeptQueue
from tests.webhooks.post import Post


def enqueued(post: Post) -> list[str]:
    return [job.function for job in post.queue.jobs]


def test_a_commit_with_news_for_the_crm_starts_a_delivery(post: Post) -> None:
    post.tell("a")

    assert enqueued(post) == ["deliver_changes"]


def test_many_commits_of_one_moment_start_one_delivery(post: Post) -> None:
    for number in range(20):
        post.tell(f"t{number}")

    assert enqueued(post) == ["deliver_changes"]


def test_the_queue_is_called_once_for_many_commits_of_one_moment(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    enqueue, calls = type(post.queue).enqueue, []

    def counted(queue: KeptQueue, job: Job) -> bool:
        calls.append(job)
        return enqueue(queue, job)

    monkeypatch.setattr(type(post.queue), "enqueue", counted)
    for number in range(20):
        post.tell(f"t{number}")

    assert len(calls) == 1


def test_news_of_a_later_moment_starts_another_delivery(post: Post) -> None:
    post.tell("a")
    post.clock.turn(seconds=1)
    post.tell("b")

    assert enqueued(post) == ["deliver_changes", "deliver_changes"]


def test_a_delivery_begins_only_after_the_moment_that_it_is_for(post: Post) -> None:
    post.tell("a")

    (job,) = post.queue.jobs
    assert job.not_before is not None
    assert 0.5 <= (job.not_before - post.clock.now()).total_seconds() - post.world.options.guard_s + 0.5 <= 1.0


def test_the_crms_own_write_starts_none(post: Post) -> None:
    post.crm.json("PUT", "/v1/tasks/a", {"user_id": "anna"}, expect=201)

    assert enqueued(post) == []


def test_what_only_the_history_keeps_starts_none(post: Post) -> None:
    news = News(origin="google", audience="history", action="noticed")
    post.world.store.commit([change_write(post.world, post.tenant, news)])

    assert enqueued(post) == []


def test_a_tenant_without_a_webhook_starts_none_once_its_document_was_read(bare: Post) -> None:
    bare.world.store.get_many([tenant_path(bare.tenant)])

    bare.tell("a")

    assert enqueued(bare) == []


def test_a_tenant_of_which_nothing_is_known_may_have_a_webhook(bare: Post) -> None:
    bare.tell("a")

    assert enqueued(bare) == ["deliver_changes"]


def test_what_was_read_long_ago_is_not_believed(bare: Post) -> None:
    bare.world.store.get_many([tenant_path(bare.tenant)])
    bare.clock.turn(seconds=61)

    bare.tell("a")

    assert enqueued(bare) == ["deliver_changes"]


def test_a_webhook_that_was_set_just_now_is_told_at_once(bare: Post) -> None:
    bare.world.store.get_many([tenant_path(bare.tenant)])
    bare.set()
    bare.queue.jobs.clear()

    bare.tell("a")

    assert enqueued(bare) == ["deliver_changes"]


@contextmanager
def no_queue(post: Post) -> Iterator[None]:
    """Inside, the queue takes no job."""

    def refuse(queue: object, job: object) -> NoReturn:
        raise StoreUnavailable

    with pytest.MonkeyPatch.context() as away:
        away.setattr(type(post.queue), "enqueue", refuse)
        yield


def test_a_queue_that_takes_nothing_puts_a_delivery_off_by_two_minutes(post: Post) -> None:
    with no_queue(post):
        post.tell("a", title="told all the same")

    post.clock.turn(seconds=121)
    post.sweep()
    post.deliver()

    assert post.titles() == ["told all the same"]


def test_a_delivery_under_way_does_not_put_off_what_no_job_was_taken_for(post: Post) -> None:
    def told_meanwhile() -> None:
        post.receiver.during = lambda: None
        with no_queue(post):
            post.tell("b", title="meanwhile")

    post.clock.turn(minutes=6)
    post.receiver.during = told_meanwhile
    post.tell("a", title="first")
    post.deliver()
    post.clock.turn(seconds=121)
    post.sweep()
    post.deliver()

    assert post.titles() == ["first", "meanwhile"]


def test_a_webhook_that_is_off_is_not_looked_at_for_want_of_a_job(post: Post) -> None:
    post.receiver.otherwise = 410
    post.tell("a")
    post.deliver()

    with no_queue(post):
        post.clock.turn(minutes=2)
        post.tell("b")

    assert (post.webhook().state, post.webhook().due_at) == ("off", None)


def test_where_no_store_answers_either_the_webhook_is_looked_at_when_it_is_due(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = type(post.store).commit

    def once(store: CountingStore, writes: Sequence[Write]) -> datetime:
        if all(isinstance(write, Patch) for write in writes):
            raise StoreUnavailable
        return commit(store, writes)

    with no_queue(post), monkeypatch.context() as away:
        away.setattr(type(post.store), "commit", once)
        post.tell("a", title="told in the end")
    post.clock.turn(minutes=11)
    post.sweep()
    post.deliver()

    assert post.titles() == ["told in the end"]


def test_telling_reads_and_writes_nothing_of_its_own(post: Post) -> None:
    with post.store.counted() as spent:
        post.tell("a")

    assert spent == {"reads": 1, "commits": 1}
