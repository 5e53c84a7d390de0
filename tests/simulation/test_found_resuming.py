"""What the random walks found where a connection goes on, or its calendar, and whoever asked for it dies in between."""

from collections.abc import Callable

import pytest

from shared.model.ids import CalendarId
from shared.usecases.connecting.calendars import watch_calendar
from shared.usecases.connecting.change_connection import change_connection
from shared.usecases.tenants import patch_tenant
from tests.simulation.sim import ANNA, BEN
from tests.simulation.stepping import Job
from tests.simulation.story import Story


def resumed(story: Story) -> None:
    change_connection(story.sim.world, story.tenant, story.connection, settings={}, paused=False)


def chosen(story: Story) -> None:
    change_connection(story.sim.world, story.tenant, story.connection, settings={"auto_sync": True}, paused=None)


def by_default(story: Story) -> None:
    patch_tenant(story.sim.world, story.tenant, {"settings": {"auto_sync": True}})


def watched_again(story: Story) -> None:
    watch_calendar(story.sim.world, story.tenant, story.connection, CalendarId(ANNA))


def a_paused_one() -> Story:
    story = Story()
    change_connection(story.sim.world, story.tenant, story.connection, settings={}, paused=True)
    return story


def one_that_sends_nothing() -> Story:
    return Story(auto_sync=False)


def one_that_lost_its_calendar() -> Story:
    story = Story()
    story.sim.google.share(ANNA, ANNA, "reader")
    story.pulls()
    story.sim.google.share(ANNA, ANNA, "owner")
    return story


@pytest.mark.parametrize(
    ("begun", "act"),
    [
        (a_paused_one, resumed),
        (one_that_sends_nothing, chosen),
        (one_that_sends_nothing, by_default),
        (one_that_lost_its_calendar, watched_again),
    ],
    ids=["resumed", "settings", "defaults", "calendar"],
)
def test_what_waited_goes_out_though_whoever_asked_died_right_after_the_commit(
    begun: Callable[[], Story], act: Callable[[Story], None]
) -> None:
    story = begun()
    story.crm.put("t1", title="a0", start="2026-07-02T10:00:00+02:00")
    story.sim.runner.run_all()
    assert story.anna.events() == []

    Job(story.sim.stage, "act", lambda: act(story)).run_past("store.commit").die()
    story.settle()

    assert story.titles() == ("a0", "a0")


def test_a_task_that_waits_for_another_account_goes_there_though_its_event_has_all_that_the_crm_says() -> None:
    story = Story()
    sim = story.sim
    ben = sim.connect(story.tenant, "ben", BEN)
    story.synced()
    story.edits(location="g1")
    story.crm.put("t1", title="c1", user_id="ben")
    job = story.next_sync().run_past("google.patch")
    change_connection(sim.world, story.tenant, ben, settings={}, paused=True)
    job.finish()
    sim.runner.settle()
    assert (story.task().sync.reason, story.task().sync.connection) == ("paused", "c-anna")

    change_connection(sim.world, story.tenant, ben, settings={}, paused=False)
    story.settle()

    assert story.task().sync.connection == ben
    assert story.titles() == ("c1", "c1")
