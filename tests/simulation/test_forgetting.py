"""A CRM that forgets a person goes on hearing of everybody else's tasks, under whatever id they are born."""

from __future__ import annotations

from typing import Any

from shared.usecases.runs.runs import start_run
from tests.simulation.consenting import connect_anew
from tests.simulation.sim import BEN
from tests.simulation.story import END, START, Story

GUEST: dict[str, Any] = {"attendees": [{"email": BEN}]}


def _ben_is_erased(*, anna_has_read: bool) -> tuple[Story, str]:
    """Ben was erased, who had the task of Anna's meeting; the story, and the task's id."""
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    story.anna.create("g0", START, END, **GUEST)
    story.sim.pull(BEN, "c-ben")
    if anna_has_read:
        story.pulls()
    (task,) = story.sim.tasks()
    story.crm.read_whole_feed()
    story.crm.forget("ben", [task.id])
    start_run(story.sim.world, story.tenant, kind="erase", user="ben", options={"events": "keep"})
    story.sim.runner.settle()
    return story, task.id


def test_the_meeting_of_an_erased_guest_is_told_as_the_organizers_task() -> None:
    story, task = _ben_is_erased(anna_has_read=False)

    story.crm.read_whole_feed()

    assert story.task(task).content.user_id == "anna"
    assert story.crm.records[task]["user_id"] == "anna"


def test_what_was_told_of_an_erased_persons_task_is_not_believed() -> None:
    story = Story()
    story.synced(title="a0")
    told = story.crm.fetch()
    story.crm.forget("anna", ["t1"])

    story.crm.catch_up()

    assert told
    assert story.crm.records == {}


def test_a_person_who_was_erased_and_connects_again_has_tasks_that_are_told() -> None:
    story, task = _ben_is_erased(anna_has_read=True)
    start_run(story.sim.world, story.tenant, kind="erase", user="anna", options={"events": "keep"})
    story.sim.runner.settle()
    story.crm.read_whole_feed()
    story.crm.welcome("ben")

    connection, _ = connect_anew(story.sim.world, story.sim.google, story.tenant, "ben", BEN)
    story.sim.accounts[connection] = BEN
    story.settle()
    story.crm.read_whole_feed()

    assert story.crm.records[task]["user_id"] == "ben"


def test_what_a_pull_still_makes_for_a_person_who_is_being_erased_is_not_believed() -> None:
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    story.crm.forget("ben", [])
    start_run(story.sim.world, story.tenant, kind="erase", user="ben", options={"events": "keep"})
    story.anna.create("g0", START, END, **GUEST)
    story.sim.pull(BEN, "c-ben")
    (task,) = story.sim.tasks()

    story.crm.read_whole_feed()
    then = dict(story.crm.records)
    story.sim.runner.settle()
    story.crm.read_whole_feed()

    assert then == {}
    assert story.crm.records[task.id]["user_id"] == "anna"


def test_what_a_crm_writes_for_a_person_who_was_erased_is_told_like_any_task() -> None:
    story = Story()
    story.crm.forget("anna", [])
    start_run(story.sim.world, story.tenant, kind="erase", user="anna", options={"events": "keep"})
    story.sim.runner.settle()

    story.crm.put("t1", title="a0", start=START)
    story.crm.read_whole_feed()

    assert story.crm.records["t1"]["status"] == "open"


def test_what_was_told_of_a_person_who_only_connects_anew_is_believed() -> None:
    story = Story(import_external="all")
    story.anna.create("g0", START, END)
    story.pulls()

    story.crm.welcome("anna")
    story.crm.read_whole_feed()

    assert [record["title"] for record in story.crm.records.values()] == ["g0"]
