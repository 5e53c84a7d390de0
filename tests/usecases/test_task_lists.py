"""Lists of Google Tasks: both sides' changes meet as for events, and nothing costs more than it must."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from shared.model.ids import calendar_path
from tests.google.worlds import Place
from tests.usecases.listed import DAY, LIST, Listed


@pytest.fixture
def known(listed: Listed) -> Listed:
    """The task is the same on both sides."""
    listed.put()
    listed.sync()
    return listed


@contextmanager
def costs(listed: Listed, *, google: dict[str, int], **store: int) -> Iterator[None]:
    """What is done within costs exactly this much."""
    counters = listed.here.simulator.google.ctx.counters
    before = counters.copy()
    with listed.here.store.counted() as spent:
        yield
    assert dict(spent) == store
    assert {name: n for name, n in (counters - before).items() if name != "units"} == google


def test_a_lost_answer_to_a_change_is_no_conflict(known: Listed) -> None:
    known.put(title="Call back")
    known.next_fails("PATCH")
    known.sync()
    known.here.advance(minutes=5)

    known.sync()

    assert (known.task.sync.state, known.task.sync.conflict) == ("synced", {})
    assert known.titles == ["Call back"]


def test_a_person_who_was_faster_is_not_overwritten(known: Listed) -> None:
    known.person.edit_task(known.in_google[0].id, notes="Mine")
    known.put(title="Call back")

    known.sync()

    (google,) = known.in_google
    assert (google.title, google.notes, known.task.content.description) == ("Call back", "Mine", "Mine")


def test_conflicts_are_kept_as_for_events(known: Listed) -> None:
    known.person.edit_task(known.in_google[0].id, title="Theirs")
    known.put(title="Ours")

    known.sync()

    assert known.task.sync.conflict.keys() == {"title"}


def test_a_create_costs_two_commits_and_one_call(listed: Listed) -> None:
    listed.put()

    with costs(listed, google={"tasks.tasks.insert": 1}, reads=2, commits=2):
        listed.sync()


def test_a_change_costs_what_it_costs_in_a_calendar(known: Listed) -> None:
    known.put(title="Call back")

    with costs(known, google={"tasks.tasks.patch": 1}, reads=1, commits=1):
        known.sync()


def test_an_echo_costs_one_call_one_query_and_one_commit(listed: Listed) -> None:
    listed.pull()
    listed.put()
    listed.sync()

    with costs(listed, google={"tasks.tasks.list": 1}, reads=1, queries=1, commits=1):
        pulled = listed.pull()

    assert (pulled.shown, pulled.changed) == (1, 0)


def test_a_long_list_is_asked_only_for_what_changed_since(listed: Listed) -> None:
    for number in range(101):
        listed.person.add_task(f"Task {number}")
    listed.pull()
    listed.here.advance(minutes=5)
    listed.pull()
    listed.person.add_task("One more")

    with costs(listed, google={"tasks.tasks.list": 1}, reads=1, queries=1, commits=1):
        pulled = listed.pull()

    assert pulled.shown == 1


def test_a_connection_without_the_setting_has_no_list_to_poll(here: Place) -> None:
    plain = here.connected()

    path = calendar_path(here.tenant, plain.id, LIST)
    assert here.world.store.get_many([path])[path] is None


def test_a_full_list_shows_deleted_and_hidden_ones(known: Listed) -> None:
    known.person.tick(known.in_google[0].id)

    known.pull()

    assert known.task.content.status == "done"
    known.person.delete_task(known.in_google[0].id)
    known.pull()
    assert known.task.sync.gone


def test_twenty_deletions_in_a_list_are_held(listed: Listed) -> None:
    for number in range(20):
        listed.person.add_task(f"Task {number}", due=DAY)
    listed.pull()
    for google in listed.in_google:
        listed.person.delete_task(google.id)

    pulled = listed.pull()

    assert pulled.outcome.startswith("held:")
