"""What the random walks found where one pull of a calendar goes by another that makes tasks of what is new."""

from shared.usecases.tenants import patch_tenant
from tests.simulation.stepping import Job
from tests.simulation.story import END, START, Story

GET = "events.get"


def overtaken() -> tuple[Story, Job]:
    """A pull is about to make a task of an older page; one with the older settings has seen the newer event."""
    story = Story(import_external="off")
    made = story.anna.create("g0", START, END)
    earlier = story.pulling().run_past("store.get_many")
    patch_tenant(story.sim.world, story.tenant, {"settings": {"import_external": "all"}})
    late = story.pulling().run_until("store.commit")
    story.later()
    story.anna.edit(made["id"], summary="g1")
    earlier.finish()
    return story, late


def test_no_task_of_an_overtaken_page_is_left_behind_by_a_pull_that_dies_there() -> None:
    story, late = overtaken()

    late.step()
    late.die()
    story.settle()

    assert story.sim.tasks() == []


def test_a_task_of_an_overtaken_page_says_what_its_event_says() -> None:
    story, late = overtaken()

    late.finish()
    story.settle()

    (task,) = story.sim.tasks()
    assert story.titles(task.id) == ("g1", "g1")
    assert story.sim.google.ctx.counters[GET] == 1


def test_a_task_of_a_page_that_nobody_overtook_costs_no_second_look() -> None:
    story = Story(import_external="all")
    story.anna.create("g0", START, END)

    story.pulls()
    story.settle()

    (task,) = story.sim.tasks()
    assert task.sync.state == "synced"
    assert story.sim.google.ctx.counters[GET] == 0
