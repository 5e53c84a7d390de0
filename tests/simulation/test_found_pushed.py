"""What the random walks found where Google pushes, and a calendar was left without a channel; told as stories."""

from __future__ import annotations

from datetime import timedelta

from shared.usecases.connecting.change_connection import change_connection
from shared.usecases.runs.connection_runs import run_on_connection
from tests.simulation.consenting import connect_anew
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import START, Story


def test_a_calendar_that_was_synced_before_its_first_sync_had_begun_tells_what_people_edit() -> None:
    story = Story()
    sim = story.sim
    story.crm.put("t1", title="a0", start=START, user_id="ben")
    connection, _ = connect_anew(sim.world, sim.google, story.tenant, "ben", BEN)
    sim.accounts[connection] = BEN
    first = sim.runner.take("run_step")
    run_on_connection(sim.world, story.tenant, connection, "sync")
    sim.runner.run_all()
    first.finish()
    sim.runner.run_all()

    story.later()
    sim.google.person(BEN).edit(str(story.task().sync.event_id), summary="g0")
    sim.runner.run_all()

    assert story.titles() == ("g0", "g0")


def test_a_calendar_whose_channel_was_due_during_a_short_pause_has_another_one_after_it() -> None:
    story = Story()
    story.sim.open_channels()
    before = story.sim.shelf(ANNA, story.connection)
    assert before.channel is not None
    assert before.renew_at is not None
    story.sim.clock.time = before.renew_at - timedelta(minutes=1)
    story.pulls()
    change_connection(story.sim.world, story.tenant, story.connection, settings={}, paused=True)
    story.later(120)
    story.sim.runner.sweep()

    change_connection(story.sim.world, story.tenant, story.connection, settings={}, paused=False)
    story.sim.runner.run_all()

    after = story.sim.shelf(ANNA, story.connection)
    assert after.channel is not None
    assert after.channel.expires_at > before.channel.expires_at
