"""Lists of Google Tasks take no id of ours: an insert whose answer is lost is found again, and never made twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from shared.errors import StoreUnavailable
from shared.ports import Patch, Store, Write
from tests.usecases.listed import DAY, PROVED_S, Listed


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


@pytest.fixture
def lost(listed: Listed) -> Listed:
    """Google has made the task, and the answer never came."""
    listed.put()
    listed.next_fails("POST")
    listed.sync()
    return listed


def test_a_lost_answer_makes_no_second_task(lost: Listed) -> None:
    lost.synced_later()

    (google,) = lost.in_google
    assert (lost.task.sync.event_id, lost.task.sync.state) == (google.id, "synced")


def test_nobody_inserts_while_another_try_may_be_at_it(lost: Listed) -> None:
    lost.here.advance(seconds=PROVED_S - 11)
    lost.sync()

    assert len(lost.in_google) == 1
    assert lost.task.sync.etag is None


def test_an_edit_after_the_lost_answer_reaches_the_task_that_was_made(lost: Listed) -> None:
    lost.put(title="Call back")

    lost.synced_later()

    assert lost.titles == ["Call back"]


def test_a_process_that_dies_after_the_insert_loses_nothing(listed: Listed) -> None:
    listed.put()
    with pytest.raises(StoreUnavailable):
        listed.sync_through(DyingStore(listed.here.store, commits=1))

    listed.synced_later()

    assert [google.id for google in listed.in_google] == [listed.task.sync.event_id]


def test_a_commit_that_loses_its_race_after_the_insert_makes_no_second_task(listed: Listed) -> None:
    listed.put()
    listed.sync_through(Overtaken(listed.here.store, commits=1))

    listed.synced_later()

    assert [google.id for google in listed.in_google] == [listed.task.sync.event_id]


def test_an_edit_between_intent_and_insert_is_what_is_looked_for(listed: Listed) -> None:
    listed.put()
    listed.next_fails("POST")
    own = listed.here.store

    class Edited(Overtaken):
        def commit(self, writes: Sequence[Write]) -> datetime:
            done = self._store.commit(writes)
            self._left -= 1
            if self._left == -1:
                listed.here.with_world(store=own)
                listed.put(title="Call back")
            return done

    listed.sync_through(Edited(own, commits=0))

    listed.synced_later()

    assert listed.titles == ["Call back"]


def test_an_insert_that_came_to_nothing_is_made_again(listed: Listed) -> None:
    listed.put()
    listed.next_fails("POST", "cut_before")
    listed.sync()

    listed.synced_later()

    assert listed.titles == ["Call"]


def test_a_persons_equal_task_that_has_its_own_is_not_taken_over(listed: Listed) -> None:
    listed.person.add_task("Call", due=DAY)
    listed.pull()
    listed.put()
    listed.next_fails("POST", "cut_before")
    listed.sync()

    listed.synced_later()

    assert listed.titles == ["Call", "Call"]


def test_a_stored_intent_is_spent_by_the_answer(listed: Listed) -> None:
    listed.put()

    listed.sync()

    assert listed.task.sync.intent is None
