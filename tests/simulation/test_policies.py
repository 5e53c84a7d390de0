"""Guards of settings, calendars and first contact: each story goes well, and wrong with its guard switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.usecases.connecting.change_connection import change_connection
from tests.simulation.consenting import connect_anew
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START, Story

USE = "shared.usecases"
EVENING = {"start": "2026-07-02T20:00:00+02:00", "end": "2026-07-02T21:00:00+02:00"}
NOON = {"start": "2026-07-02T12:00:00+02:00", "end": "2026-07-02T13:00:00+02:00"}
OFFICE = {"from": "08:00", "to": "18:00"}


def an_event_dragged_out_of_the_hours_stays() -> None:
    story = Story(hours=OFFICE)
    story.synced()

    story.edits(**EVENING)
    story.settle()

    assert (story.task().sync.reason, len(story.anna.events())) == ("hours", 1)
    story.edits(**NOON)
    story.settle()
    assert (story.task().sync.state, story.task().content.start) == ("synced", NOON["start"])


def what_is_private_does_not_arrive_until_it_is_public() -> None:
    story = Story(private_events="to_google_only")
    story.synced()

    story.edits(summary="g1", visibility="private")
    story.pulls()
    assert story.task().content.title == "a0"
    story.edits(visibility="default")
    story.settle()

    assert story.titles() == ("g1", "g1")


def a_color_by_hand_outlives_the_crm() -> None:
    story = Story(on_done="color")
    story.synced(type="call")
    story.edits(colorId="6")
    story.settle()

    for status in ("done", "open"):
        story.crm.put("t1", status=status)
        story.settle()

    assert story.event()["colorId"] == "6"


def a_task_leaves_for_no_calendar_that_cannot_be_written() -> None:
    story = Story()
    sim = story.sim
    sim.connect(story.tenant, "ben", BEN)
    sim.google.share(story.second, BEN, "reader")
    story.synced()

    story.crm.put("t1", user_id="ben", calendar_id=story.second)
    story.sim.runner.settle()

    assert story.task().sync.state == "error"
    assert len(story.anna.events()) == 1


def a_calendar_that_is_gone_cancels_nothing() -> None:
    story = Story(second=True)
    story.synced(calendar_id=story.second)
    story.sim.google.share(story.second, ANNA, None)

    story.crm.put("t1", title="c1")
    story.sim.runner.settle()

    assert story.task().content.status == "open"
    assert story.sim.shelf(story.second, "c-anna").state == "suspended"


def a_calendar_that_may_only_be_read_by_now_is_suspended() -> None:
    story = Story(second=True)
    story.sim.google.share(story.second, ANNA, "reader")

    story.pulls(story.second)

    assert story.sim.shelf(story.second, "c-anna").state == "suspended"


def a_task_goes_when_the_account_that_it_waits_for_does() -> None:
    story = Story()
    sim = story.sim
    ben = sim.connect(story.tenant, "ben", BEN)
    story.synced()
    change_connection(sim.world, story.tenant, ben, settings={}, paused=True)
    story.crm.put("t1", user_id="ben")
    story.settle()
    assert story.task().sync.reason == "paused"

    change_connection(sim.world, story.tenant, ben, settings={}, paused=False)
    story.settle()

    assert (story.task().sync.connection, story.anna.events()) == ("c-ben", [])


def first_contact_doubles_nothing() -> None:
    story = Story()
    sim = story.sim
    person = sim.google.person(BEN)
    person.create("Call", START, END)
    story.crm.put("t2", title="call", start=START, end=END, user_id="ben")

    connection, _ = connect_anew(sim.world, sim.google, story.tenant, "ben", BEN)
    sim.accounts[connection] = BEN
    sim.runner.settle()

    assert len(person.events()) == 1
    error = story.task("t2").sync.error
    assert error is not None
    assert error.code == "likely_duplicate"


def resting_is_what_it_was(patch: pytest.MonkeyPatch) -> None:
    """An event that a person took out of the settings is ours to remove."""
    patch.setattr("shared.sync.settle._left_to_its_person", lambda settled, _: settled)


def nothing_is_withheld(patch: pytest.MonkeyPatch) -> None:
    """Only a task that is private withholds what people write."""
    patch.setattr("shared.sync.context.is_private", lambda _: False)


def no_color_is_by_hand(patch: pytest.MonkeyPatch) -> None:
    """A colour that a person chose is not kept."""
    patch.setattr("shared.sync.settle.with_color_by_hand", lambda task, *_: task)


def targets_are_ready(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether the target can be written."""
    patch.setattr(f"{USE}.outbound.attempt.made_ready", lambda *_: False)


def nobody_calls_what_waits_elsewhere(patch: pytest.MonkeyPatch) -> None:
    """Who goes on sends what its own mappings name, and no more."""
    patch.setattr(f"{USE}.runs.run_backlog.arriving", lambda *_: None)


def every_role_will_do(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks at the role that a list tells."""
    patch.setattr(f"{USE}.inbound.pull._is_downgraded", lambda *_: False)


def nobody_asks(patch: pytest.MonkeyPatch) -> None:
    """Tasks are not compared with what stands."""
    patch.setattr(f"{USE}.runs.run_duplicates._standing", lambda *_: ({}, set()))


CASES: list[tuple[Callable[[], None], Callable[[pytest.MonkeyPatch], None]]] = [
    (an_event_dragged_out_of_the_hours_stays, resting_is_what_it_was),
    (what_is_private_does_not_arrive_until_it_is_public, nothing_is_withheld),
    (a_color_by_hand_outlives_the_crm, no_color_is_by_hand),
    (a_task_leaves_for_no_calendar_that_cannot_be_written, targets_are_ready),
    (a_task_goes_when_the_account_that_it_waits_for_does, nobody_calls_what_waits_elsewhere),
    (a_calendar_that_may_only_be_read_by_now_is_suspended, every_role_will_do),
    (first_contact_doubles_nothing, nobody_asks),
]


@pytest.mark.parametrize(("story", "guard"), CASES, ids=lambda each: each.__name__)
def test_a_policy_holds_and_not_without_its_guard(
    story: Callable[[], None], guard: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    story()
    guard(monkeypatch)

    with pytest.raises(AssertionError):
        story()


def test_a_calendar_that_is_gone_cancels_nothing() -> None:
    a_calendar_that_is_gone_cancels_nothing()
