"""A 2xx says that the CRM knows: for the changes, and for what of a later write is an edit (rule 5)."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from shared.model.content import Content
from shared.model.ids import TaskId, change_path, task_path
from shared.model.stored import to_data
from shared.model.task import Task
from shared.ports import Delete, Set
from shared.sync.said import prints_of
from shared.usecases.tasks.put_task import TaskWrite, put_tasks
from shared.webhooks.manage import forget_person
from tests.webhooks.post import Post


def put(post: Post, task: str, **content: object) -> Task:
    """The CRM writes its whole record."""
    said = Content(**{"user_id": "anna", **content})  # type: ignore[arg-type]
    write = TaskWrite(id=TaskId(task), content=said)
    done = put_tasks(post.world, post.tenant, [write], now=post.clock.now())[0].task
    assert done is not None
    return done


def test_a_delivery_marks_its_changes_with_the_time_of_its_acknowledgement(post: Post) -> None:
    change = post.tell("a")
    assert post.change(change).delivered_at is None

    post.deliver()

    delivered_at = post.change(change).delivered_at
    assert delivered_at is not None
    assert abs(delivered_at - post.clock.now()) < timedelta(seconds=1)


def test_a_delivery_acknowledges_what_its_changes_told(post: Post) -> None:
    change = post.tell("a", title="Google's")
    assert list(post.task("a").sync.unacked) == [change]

    post.deliver()

    sync = post.task("a").sync
    assert sync.unacked == {}
    assert sync.sent["title"] == prints_of(Content(title="Google's"), ["title"])["title"]


def test_a_whole_record_sent_before_the_delivery_undoes_nothing(post: Post) -> None:
    put(post, "a", title="Old")
    post.tell("a", title="Google's")

    put(post, "a", title="Old", location="Rome")

    assert (post.task("a").content.title, post.task("a").content.location) == ("Google's", "Rome")


def test_putting_the_old_value_back_after_the_delivery_is_an_edit(post: Post) -> None:
    put(post, "a", title="Old")
    post.tell("a", title="Google's")
    post.deliver()

    put(post, "a", title="Old")

    assert post.task("a").content.title == "Old"


def test_a_refused_delivery_acknowledges_nothing(post: Post) -> None:
    post.receiver.otherwise = 500
    change = post.tell("a")

    post.deliver()

    assert post.change(change).delivered_at is None
    assert list(post.task("a").sync.unacked) == [change]


def test_what_was_told_while_a_delivery_was_under_way_is_not_acknowledged_by_it(post: Post) -> None:
    post.tell("a", title="1")
    later: list[str] = []

    def meanwhile() -> None:
        post.receiver.during = lambda: None
        post.clock.turn(seconds=1)
        later.append(post.tell("a", title="2"))

    post.receiver.during = meanwhile
    post.run()

    assert list(post.task("a").sync.unacked) == later
    assert post.undelivered() == later


def test_a_task_that_is_written_while_it_is_delivered_is_acknowledged_as_it_is_then(post: Post) -> None:
    post.tell("a", title="Google's")

    def meanwhile() -> None:
        post.receiver.during = lambda: None
        put(post, "a", title="Own")

    post.receiver.during = meanwhile
    post.run()

    sync = post.task("a").sync
    assert (post.task("a").content.title, sync.unacked) == ("Own", {})
    assert sync.sent["title"] == prints_of(Content(title="Own"), ["title"])["title"]
    assert post.undelivered() == []


def test_a_task_that_the_crm_writes_between_reading_and_commit_is_read_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        post.tell(name, title="Google's")
    read = type(post.store).get_many

    def overtaken(store: object, paths: list[str]) -> object:
        found = read(store, paths)  # type: ignore[arg-type]
        if task_path(post.tenant, TaskId("b")) in paths and post.receiver.messages:
            monkeypatch.setattr(type(post.store), "get_many", read)
            put(post, "b", title="Own")
        return found

    monkeypatch.setattr(type(post.store), "get_many", overtaken)
    post.run()

    assert post.undelivered() == []
    assert [post.task(name).sync.unacked for name in "abc"] == [{}, {}, {}]
    assert [post.task(name).content.title for name in "abc"] == ["Google's", "Own", "Google's"]
    assert post.task("b").sync.sent["title"] == prints_of(Content(title="Own"), ["title"])["title"]
    assert [each["state"] for each in post.deliveries()] == ["delivered"]


def test_a_claimed_task_is_acknowledged_under_its_new_id(post: Post) -> None:
    post.tell("g_1", title="Google's")

    def meanwhile() -> None:
        post.receiver.during = lambda: None
        old = post.task("g_1")
        stub = Task(id=old.id, moved_to=TaskId("42"))
        moved = replace(old, id=TaskId("42"))
        writes = [Set(path=task_path(post.tenant, each.id), data=to_data(each)) for each in (stub, moved)]
        post.world.store.commit(writes)

    post.receiver.during = meanwhile
    post.run()

    assert post.task("42").sync.unacked == {}


def test_a_change_that_is_gone_by_then_hinders_nothing(post: Post) -> None:
    gone = post.tell("a")
    post.tell("b")
    post.receiver.during = lambda: post.world.store.commit([Delete(path=change_path(post.tenant, gone))])

    post.run()

    assert [each["state"] for each in post.deliveries()] == ["delivered"]
    assert post.undelivered() == []
    assert post.task("b").sync.unacked == {}


def test_a_person_who_is_forgotten_leaves_nothing_in_what_waits(post: Post) -> None:
    post.receiver.otherwise = 500
    gone = post.tell("a", title="Forget me")
    post.tell("b", title="Other", user_id="ben")
    post.deliver()

    post.world.store.commit([Delete(path=change_path(post.tenant, gone))])
    forget_person(post.world, post.tenant, "anna")
    post.receiver.otherwise = 200
    post.wait(hours=1)
    post.clock.turn(minutes=11)
    post.sweep()
    post.deliver()

    assert "Forget me" in post.receiver.messages[0].body
    assert "Forget me" not in post.receiver.messages[-1].body
    assert '"Other"' in post.receiver.messages[-1].body
    assert post.undelivered() == []
