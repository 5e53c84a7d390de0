"""Lists of Google Tasks: an insert whose answer is lost is found again, and none costs more than it must."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from infra.simulator.model import Fault, GoogleTask
from shared.errors import StoreUnavailable
from shared.model.connection import Connection
from shared.model.content import Content
from shared.model.ids import TaskId, calendar_path, key_of, task_path
from shared.model.task import Task
from shared.model.task_lists import list_place
from shared.ports import Patch, Store, Write
from shared.usecases.inbound.pull import Pulled, PullPayload, pull_calendar
from shared.usecases.outbound.sync_task import SyncTaskPayload, sync_task
from shared.usecases.tasks.put_task import TaskWrite, put_tasks
from tests.google.worlds import ANNA, USER, Place, place

T1 = TaskId("t1")
LIST = list_place("@default")
DAY = "2026-12-01"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as made:
        yield made


@pytest.fixture
def anna(here: Place) -> Connection:
    return here.connected(settings={"google_tasks": "@default", "import_external": "all"})


def put(here: Place, **content: object) -> None:
    whole = Content(**({"user_id": USER, "title": "Call", "start": DAY} | content))  # type: ignore[arg-type]
    (result,) = put_tasks(
        here.world, here.tenant, [TaskWrite(id=T1, content=whole)], now=here.world.clock.now(), enqueue=False
    )
    assert result.error is None


def sync(here: Place, anna: Connection) -> str:
    return sync_task(here.world, SyncTaskPayload(tenant=here.tenant, connection=anna.id, calendar=LIST, task=T1))


def pull(here: Place, anna: Connection) -> Pulled:
    return pull_calendar(here.world, PullPayload(tenant=here.tenant, connection=anna.id, calendar=key_of(LIST)))


def task(here: Place) -> Task:
    return here.read(Task, task_path(here.tenant, T1))


def in_google(here: Place) -> list[GoogleTask]:
    return here.simulator.google.person(ANNA).tasks()


def cut(here: Place, method: str) -> None:
    """Google carries the next such request out, and its answer is lost."""
    here.simulator.google.add_fault(Fault(effect="cut_after", method=method, path="/tasks/v1/lists", count=1))


class DyingStore:
    """Dies at the commit after so many."""

    def __init__(self, store: Store, commits: int) -> None:
        self._store, self._left = store, commits

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def commit(self, writes: Sequence[Write]) -> datetime:
        self._left -= 1
        if self._left < 0:
            raise StoreUnavailable
        return self._store.commit(writes)


def test_a_lost_answer_makes_no_second_task(here: Place, anna: Connection) -> None:
    put(here)
    cut(here, "POST")
    sync(here, anna)
    here.advance(seconds=121)

    sync(here, anna)

    (google,) = in_google(here)
    assert (task(here).sync.event_id, task(here).sync.state) == (google.id, "synced")


def test_nobody_inserts_while_another_try_may_be_at_it(here: Place, anna: Connection) -> None:
    put(here)
    cut(here, "POST")
    sync(here, anna)

    here.advance(seconds=110)
    sync(here, anna)

    assert len(in_google(here)) == 1
    assert task(here).sync.etag is None


def test_a_process_that_dies_after_the_insert_loses_nothing(here: Place, anna: Connection) -> None:
    put(here)
    before = here.world
    here.with_world(store=DyingStore(here.store, commits=1))
    with pytest.raises(StoreUnavailable):
        sync(here, anna)
    here.with_world(store=before.store)
    here.advance(seconds=121)

    sync(here, anna)

    assert [google.id for google in in_google(here)] == [task(here).sync.event_id]


def test_an_edit_after_the_lost_answer_reaches_the_task_that_was_made(here: Place, anna: Connection) -> None:
    put(here)
    cut(here, "POST")
    sync(here, anna)
    put(here, title="Call back")
    here.advance(seconds=121)

    sync(here, anna)

    assert [google.title for google in in_google(here)] == ["Call back"]


def test_an_insert_that_came_to_nothing_is_made_again(here: Place, anna: Connection) -> None:
    put(here)
    fault = Fault(effect="cut_before", method="POST", path="/tasks/v1/lists", count=1)
    here.simulator.google.add_fault(fault)
    sync(here, anna)
    here.advance(seconds=121)

    sync(here, anna)

    assert [google.title for google in in_google(here)] == ["Call"]


def test_a_persons_equal_task_that_has_its_own_is_not_taken_over(here: Place, anna: Connection) -> None:
    here.simulator.google.person(ANNA).add_task("Call", due=DAY)
    pull(here, anna)
    put(here)
    fault = Fault(effect="cut_before", method="POST", path="/tasks/v1/lists", count=1)
    here.simulator.google.add_fault(fault)
    sync(here, anna)
    here.advance(seconds=121)

    sync(here, anna)

    assert [google.title for google in in_google(here)] == ["Call", "Call"]


def test_a_lost_answer_to_a_change_is_no_conflict(here: Place, anna: Connection) -> None:
    put(here)
    sync(here, anna)
    put(here, title="Call back")
    cut(here, "PATCH")
    sync(here, anna)
    here.advance(minutes=5)

    sync(here, anna)

    assert (task(here).sync.state, task(here).sync.conflict) == ("synced", {})
    assert [google.title for google in in_google(here)] == ["Call back"]


def test_a_person_who_was_faster_is_not_overwritten(here: Place, anna: Connection) -> None:
    put(here)
    sync(here, anna)
    here.simulator.google.person(ANNA).edit_task(in_google(here)[0].id, notes="Mine")
    put(here, title="Call back")

    sync(here, anna)

    (google,) = in_google(here)
    assert (google.title, google.notes, task(here).content.description) == ("Call back", "Mine", "Mine")


def test_conflicts_are_kept_as_for_events(here: Place, anna: Connection) -> None:
    put(here)
    sync(here, anna)
    here.simulator.google.person(ANNA).edit_task(in_google(here)[0].id, title="Theirs")
    put(here, title="Ours")

    sync(here, anna)

    assert task(here).sync.conflict.keys() == {"title"}


def test_a_create_costs_two_commits_and_one_call(here: Place, anna: Connection) -> None:
    put(here)
    counters = here.simulator.google.ctx.counters
    before = counters.copy()

    with here.store.counted() as spent:
        sync(here, anna)

    assert dict(spent) == {"reads": 2, "commits": 2}
    assert {name: n for name, n in (counters - before).items() if name != "units"} == {"tasks.tasks.insert": 1}


def test_a_change_costs_what_it_costs_in_a_calendar(here: Place, anna: Connection) -> None:
    put(here)
    sync(here, anna)
    put(here, title="Call back")
    counters = here.simulator.google.ctx.counters
    before = counters.copy()

    with here.store.counted() as spent:
        sync(here, anna)

    assert dict(spent) == {"reads": 1, "commits": 1}
    assert {name: n for name, n in (counters - before).items() if name != "units"} == {"tasks.tasks.patch": 1}


def test_an_echo_costs_one_call_one_query_and_one_commit(here: Place, anna: Connection) -> None:
    pull(here, anna)
    put(here)
    sync(here, anna)

    with here.store.counted() as spent:
        pulled = pull(here, anna)

    assert (pulled.shown, pulled.changed) == (1, 0)
    assert dict(spent) == {"reads": 1, "queries": 1, "commits": 1}


def test_a_connection_without_the_setting_has_no_list_to_poll(here: Place) -> None:
    plain = here.connected()

    path = calendar_path(here.tenant, plain.id, LIST)
    assert here.world.store.get_many([path])[path] is None


def test_a_full_list_shows_deleted_and_hidden_ones(here: Place, anna: Connection) -> None:
    put(here)
    sync(here, anna)
    person = here.simulator.google.person(ANNA)
    person.tick(in_google(here)[0].id)

    pull(here, anna)

    assert task(here).content.status == "done"
    person.delete_task(in_google(here)[0].id)
    pull(here, anna)
    assert task(here).sync.gone


def test_twenty_deletions_in_a_list_are_held(here: Place, anna: Connection) -> None:
    person = here.simulator.google.person(ANNA)
    for number in range(20):
        person.add_task(f"Task {number}", due=DAY)
    pull(here, anna)
    for google in in_google(here):
        person.delete_task(google.id)

    pulled = pull(here, anna)

    assert pulled.outcome.startswith("held:")


def test_a_stored_intent_is_spent_by_the_answer(here: Place, anna: Connection) -> None:
    put(here)

    sync(here, anna)

    assert task(here).sync.intent is None


class Overtaken:
    """Somebody else writes the task right before the commit after so many."""

    def __init__(self, store: Store, commits: int) -> None:
        self._store, self._left = store, commits

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def commit(self, writes: Sequence[Write]) -> datetime:
        self._left -= 1
        if self._left == -1:
            self._store.commit([Patch(path=writes[0].path, fields={"due_at": None})])
        return self._store.commit(writes)


def test_a_commit_that_loses_its_race_after_the_insert_makes_no_second_task(here: Place, anna: Connection) -> None:
    put(here)
    before = here.world
    here.with_world(store=Overtaken(here.store, commits=1))
    sync(here, anna)
    here.with_world(store=before.store)
    here.advance(seconds=121)

    sync(here, anna)

    assert [google.id for google in in_google(here)] == [task(here).sync.event_id]


def test_an_edit_between_intent_and_insert_is_what_is_looked_for(here: Place, anna: Connection) -> None:
    put(here)
    cut(here, "POST")
    before = here.world

    class Edited(Overtaken):
        def commit(self, writes: Sequence[Write]) -> datetime:
            done = self._store.commit(writes)
            self._left -= 1
            if self._left == -1:
                here.with_world(store=before.store)
                put(here, title="Call back")
            return done

    here.with_world(store=Edited(here.store, commits=0))
    sync(here, anna)
    here.with_world(store=before.store)
    here.advance(seconds=121)

    sync(here, anna)

    assert [google.title for google in in_google(here)] == ["Call back"]
