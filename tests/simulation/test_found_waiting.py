"""Stories of what the CRM asked for while a connection could not, and a list that waits for a word comes between."""

from __future__ import annotations

import pytest

from shared.usecases.connecting.begin import begin
from shared.usecases.connecting.change_connection import change_connection
from shared.usecases.runs.connection_runs import review, run_on_connection
from tests.simulation.consenting import connect_again, connect_anew
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START, Story

MANY = 14


@pytest.fixture
def held() -> Story:
    """Anna's grant was gone when the CRM deleted a task; now a list of all the others is held."""
    story = Story()
    for number in range(MANY):
        story.crm.put(f"t{number}", title=f"a{number}", start=START, end=END)
    story.settle()
    story.sim.google.revoke_grant(ANNA)
    story.crm.delete("t8")
    story.sim.runner.run_all()
    change_connection(story.sim.world, story.tenant, story.connection, settings={"auto_sync": False}, paused=None)
    connect_again(story.sim.world, story.sim.google, story.tenant, story.connection, ANNA)
    story.sim.runner.run_all()
    return story


def test_what_the_crm_deleted_while_nobody_could_goes_though_a_list_is_held(held: Story) -> None:
    (connection,) = held.sim.connections(held.tenant)

    assert connection.status == "needs_review"
    assert "a8" not in {each["summary"] for each in held.anna.events()}
    assert len(held.anna.events()) == MANY - 1


def test_a_discarded_list_leaves_nothing_pending(held: Story) -> None:
    review(held.sim.world, held.tenant, held.connection, "discard")
    held.sim.runner.settle()

    assert [each.id for each in held.sim.tasks() if each.sync.state == "pending"] == []
    assert len(held.anna.events()) == MANY - 1


@pytest.mark.parametrize("seen", [False, True])
def test_a_task_that_is_written_and_deleted_while_its_connection_is_held_is_over_when_that_begins(
    *, seen: bool
) -> None:
    story = Story()
    connection, _ = connect_anew(story.sim.world, story.sim.google, story.tenant, "ben", BEN, first_sync="hold")
    story.sim.accounts[connection] = BEN
    if seen:
        run_on_connection(story.sim.world, story.tenant, connection, "preview")
        story.sim.runner.run_all()
    story.crm.put("t1", title="a0", start=START, user_id="ben")
    story.sim.runner.run_all()
    story.crm.delete("t1")
    story.sim.runner.run_all()

    begin(story.sim.world, story.tenant, connection)
    story.settle()

    assert story.task().sync.state == "off"
    assert story.sim.google.person(BEN).events() == []
