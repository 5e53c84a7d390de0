"""What the random walks found where a connection ends, with a pull of it under way or Google slow, told as stories."""

from infra.simulator.model import Fault
from shared.usecases.runs.runs import start_run
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START, Story


def _ends(story: Story) -> None:
    """Anna's connection ends, her events stay."""
    start_run(story.sim.world, story.tenant, kind="disconnect", connection=story.connection, options={"events": "keep"})
    story.sim.runner.run_all()


def _erased(story: Story) -> None:
    """Anna is forgotten, her events stay."""
    start_run(story.sim.world, story.tenant, kind="erase", user="anna", options={"events": "keep"})
    story.sim.runner.run_all()


def test_a_pull_that_outlives_its_connection_takes_no_task_back_for_it(story: Story) -> None:
    story.synced()
    story.edits(location="g1")
    late = story.pulling().run_until("store.commit")
    _ends(story)
    story.anna.delete(story.anna.events()[0]["id"])

    late.finish()
    story.settle()

    assert (story.task().sync.connection, story.task().sync.reason) == (None, "no_connection")


def test_a_pull_that_outlives_its_connection_makes_no_task_for_it() -> None:
    story = Story(import_external="all")
    story.anna.create("g0", START, END)
    late = story.pulling().run_until("store.commit")
    _ends(story)

    late.finish()
    story.settle()

    assert story.sim.tasks() == []


def test_a_task_that_was_let_go_before_its_pull_ended_waits_for_nothing() -> None:
    story = Story(import_external="all")
    story.anna.create("g0", START, END)
    late = story.pulling().run_past("store.commit")
    _ends(story)

    late.finish()
    story.settle()

    assert [(each.sync.state, each.sync.reason) for each in story.sim.tasks()] == [("off", "no_connection")]


def test_nothing_is_kept_of_what_a_pull_takes_in_for_a_person_who_has_been_erased() -> None:
    story = Story(import_external="all")
    story.anna.create("g0", START, END)
    late = story.pulling().run_until("store.commit")
    _erased(story)

    late.finish()

    assert story.sim.tasks() == []
    assert not [each for each in story.sim.store.every() if "g0" in repr(each.data)]


def test_nothing_is_kept_of_a_change_that_a_pull_brings_for_a_person_who_has_been_erased() -> None:
    story = Story(import_external="all")
    story.synced()
    story.edits(location="g1")
    late = story.pulling().run_until("store.commit")
    _erased(story)

    late.finish()

    assert story.sim.tasks() == []
    assert not [each for each in story.sim.store.every() if "g1" in repr(each.data)]


def test_of_a_long_list_too_nothing_is_kept_for_a_person_who_has_been_erased() -> None:
    story = Story(import_external="all")
    for number in range(150):
        story.anna.create(f"g{number}", START, END)
    late = story.pulling().run_until("store.commit")
    _erased(story)

    late.finish()

    assert story.sim.tasks() == []


def test_a_person_is_erased_though_google_was_slow_to_say_that_the_access_had_been_taken_away(story: Story) -> None:
    story.synced()
    story.sim.google.revoke_grant(ANNA)
    story.sim.google.add_fault(Fault(effect="slow", path="/revoke", seconds=60.0, count=1))

    _erased(story)

    assert story.sim.google.ctx.counters["oauth.revoke"] == 2
    assert [run.state for run in story.sim.runs(story.tenant)] == ["done"]
    assert story.sim.tasks() == []


def test_a_task_that_was_given_to_a_user_before_they_connected_goes_to_them_when_its_connection_ends() -> None:
    story = Story()
    story.synced()
    story.crm.put("t1", user_id="ben")
    story.settle()
    story.sim.connect(story.tenant, "ben", BEN)

    _ends(story)
    story.settle()

    assert (story.task().sync.connection, story.titles()) == ("c-ben", ("a0", "a0"))
    assert story.anna.events() == []
