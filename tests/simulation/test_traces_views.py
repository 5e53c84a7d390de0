"""Traces 40 to 42: several users of one tenant at one meeting."""

from shared.usecases.runs.runs import start_run
from tests.simulation.sim import BEN
from tests.simulation.story import END, START, Story

CARA = "cara@example.com"


KEEP = {"events": "keep"}


def _two_at_one_meeting() -> Story:
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    _meeting(story, BEN)
    story.settle()
    return story


def _meeting(story: Story, *guests: str) -> str:
    made = story.anna.create("m0", START, END, attendees=[{"email": each} for each in guests])
    return str(made["id"])


def test_trace_40_when_the_owners_copy_goes_the_task_belongs_to_a_living_one() -> None:
    story = Story(import_external="all")
    story.sim.google.add_account(CARA)
    organizer = story.sim.google.add_account("olga@example.com")
    for user, account in (("ben", BEN), ("cara", CARA)):
        story.sim.connect(story.tenant, user, account)
    made = organizer.create("m0", START, END, attendees=[{"email": BEN}, {"email": CARA}])
    story.sim.pull(BEN, "c-ben")
    story.sim.pull(CARA, "c-cara")
    (before,) = story.sim.tasks()
    story.later()
    story.sim.google.person(BEN).delete(str(made["id"]))

    story.settle()

    (task,) = story.sim.tasks()
    assert (before.sync.connection, task.sync.connection) == ("c-ben", "c-cara")
    assert task.content.status == "open"
    assert task.sync.state == "synced"


def test_trace_40_when_the_owner_disconnects_the_task_belongs_to_the_other_users_copy() -> None:
    story = _two_at_one_meeting()
    (before,) = story.sim.tasks()

    start_run(story.sim.world, story.tenant, kind="disconnect", connection=story.connection, options=KEEP)
    story.settle()

    (task,) = story.sim.tasks()
    assert (before.sync.connection, task.sync.connection) == (story.connection, "c-ben")
    assert task.sync.state == "synced"


def test_trace_42_a_copy_that_is_linked_while_the_owner_disconnects_owns_the_task() -> None:
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    _meeting(story, BEN)
    story.pulls()
    late = story.sim.pulling(BEN, "c-ben").run_until("store.commit")
    start_run(story.sim.world, story.tenant, kind="disconnect", connection=story.connection, options=KEEP)
    story.sim.runner.run_all()

    late.finish()
    story.settle()

    (task,) = story.sim.tasks()
    assert task.sync.connection == "c-ben"
    assert task.sync.state == "synced"


def test_trace_41_the_organizers_copy_owns_the_task_though_a_guests_was_imported_first() -> None:
    story = Story(import_external="all")
    story.sim.connect(story.tenant, "ben", BEN)
    _meeting(story, BEN)
    story.sim.pull(BEN, "c-ben")
    story.pulls()
    story.sim.runner.run_all()
    (task,) = story.sim.tasks()
    story.crm.put(task.id, title="c0", user_id="ben")

    story.settle()

    assert story.sim.task(task.id).sync.connection == story.connection
    assert story.titles(task.id) == ("c0", "c0")


def test_trace_41_two_users_at_one_meeting_have_one_task() -> None:
    story = _two_at_one_meeting()

    (task,) = story.sim.tasks()
    assert (task.sync.connection, list(task.sync.views)) == (story.connection, ["c-ben"])
