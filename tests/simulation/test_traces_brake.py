"""Traces 43 and 44: the stop before a mass change."""

from shared.model.connection import Connection
from shared.model.ids import connection_path
from shared.model.stored import read_as
from shared.usecases.runs.connection_runs import review
from tests.simulation.sim import ANNA
from tests.simulation.story import END, START, Story

MANY = 12


def _held() -> Story:
    """A dozen events were deleted at once, and the brake holds."""
    story = Story()
    for number in range(MANY):
        story.crm.put(f"t{number}", title=f"a{number}", start=START, end=END)
    story.settle()
    for number in range(MANY):
        story.deletes(f"t{number}")
    story.pulls()
    return story


def _status(story: Story) -> str:
    return _connection(story).status


def _connection(story: Story) -> Connection:
    path = connection_path(story.tenant, story.connection)
    document = story.sim.store.get_many([path])[path]
    assert document is not None
    return read_as(Connection, document)


def test_trace_43_a_mass_deletion_is_held_and_nothing_is_carried_out() -> None:
    story = _held()

    assert _status(story) == "needs_review"
    assert {each.content.status for each in story.sim.tasks()} == {"open"}


def test_trace_43_while_held_a_second_pull_carries_nothing_out() -> None:
    story = _held()

    story.pulls()
    story.sim.runner.settle()

    assert {each.content.status for each in story.sim.tasks()} == {"open"}


def test_trace_43_what_google_has_never_had_is_no_mass_deletion(story: Story) -> None:
    for number in range(MANY):
        story.crm.put(f"t{number}", title=f"a{number}", start=START, end=END)
    story.sim.google.expire_sync_tokens(ANNA)

    story.pulls()

    assert _status(story) == "active"


def test_trace_43_a_pull_of_another_calendar_does_not_replace_the_list_that_is_held() -> None:
    story = Story(second=True)
    for number in range(MANY):
        story.crm.put(f"t{number}", title="a", start=START, end=END)
        story.crm.put(f"s{number}", title="a", start=START, end=END, calendar_id=story.second)
    story.settle()
    for number in range(MANY):
        story.deletes(f"t{number}")
        story.anna.delete(str(story.task(f"s{number}").sync.event_id), calendar=story.second)
    late = story.pulling(story.second).run_past("google.list")
    story.pulls()
    held = _connection(story).review

    late.finish()

    assert held is not None
    assert _connection(story).review == held


def test_trace_44_what_a_person_restored_meanwhile_is_not_deleted_by_the_confirmation() -> None:
    story = _held()
    story.restores("t0")

    review(story.sim.world, story.tenant, story.connection, "confirm")
    story.settle()

    assert story.titles("t0") == ("a0", "a0")
    assert {each.id for each in story.sim.tasks() if each.content.status == "open"} == {"t0"}


def test_trace_44_what_the_crm_edited_meanwhile_is_not_deleted_by_the_confirmation() -> None:
    story = _held()
    story.crm.put("t0", title="c0")

    review(story.sim.world, story.tenant, story.connection, "confirm")
    story.settle()

    assert story.titles("t0") == ("c0", "c0")
    assert {each.id for each in story.sim.tasks() if each.content.status == "open"} == {"t0"}


def test_trace_44_what_is_discarded_stands_in_google_again() -> None:
    story = _held()

    review(story.sim.world, story.tenant, story.connection, "discard")
    story.settle()

    assert {each.content.status for each in story.sim.tasks()} == {"open"}
    assert len(story.anna.events()) == MANY


def test_trace_43_while_held_what_the_crm_asks_for_by_name_goes_on() -> None:
    story = _held()
    story.crm.put("new", title="n0", start=START, end=END)
    story.sim.runner.settle()

    assert story.titles("new") == ("n0", "n0")
