"""A task that is to go to a connection which does not work now waits where it is, for nothing, and then goes."""

import pytest

from shared.model.connection import Status
from shared.model.ids import ConnectionId, connection_path, user_path
from shared.ports import Patch
from shared.usecases.connecting.begin import begin
from shared.usecases.connecting.change_connection import change_connection
from tests.simulation.consenting import connect_again
from tests.simulation.sim import BEN
from tests.unit.usecases.runs.stage import Stage

DAY_S = 86_400.0
RESTING: tuple[Status, ...] = ("paused", "needs_reconnect", "ready")


def _reassigned(stage: Stage, status: Status = "paused") -> None:
    """Anna's task is to go to Ben, whose connection does not work now."""
    stage.connect("anna")
    stage.connect("ben", BEN)
    stage.put("call")
    stage.drain()
    _stands(stage, status)
    stage.put("call", user="ben")
    stage.drain()


def _stands(stage: Stage, status: Status) -> None:
    if status == "paused":
        change_connection(stage.world, stage.tenant, ConnectionId("c-ben"), settings={}, paused=True)
        return
    fields = {"status": status, "first_sync": "hold" if status == "ready" else "auto"}
    link, person = connection_path(stage.tenant, ConnectionId("c-ben")), user_path(stage.tenant, stage.user("ben"))
    stage.store.commit(
        [Patch(path=link, fields=fields), Patch(path=person, fields={"connections.c-ben.status": status})]
    )


def _works(stage: Stage, status: Status) -> None:
    match status:
        case "paused":
            change_connection(stage.world, stage.tenant, ConnectionId("c-ben"), settings={}, paused=False)
        case "ready":
            begin(stage.world, stage.tenant, ConnectionId("c-ben"))
        case _:
            connect_again(stage.world, stage.sim.google, stage.tenant, ConnectionId("c-ben"), BEN)
    stage.drain()


@pytest.mark.parametrize("status", RESTING)
def test_a_task_for_a_connection_that_does_not_work_costs_no_call_and_no_job_while_it_waits(
    stage: Stage, status: Status
) -> None:
    _reassigned(stage, status)
    stage.counted()

    for _ in range(8):
        stage.later(DAY_S / 4)
        stage.sweep("tasks")
        stage.drain()

    assert stage.counted() == {"store.query": 8}


@pytest.mark.parametrize("status", RESTING)
def test_it_goes_when_the_connection_works(stage: Stage, status: Status) -> None:
    _reassigned(stage, status)

    _works(stage, status)

    assert (stage.titles(), stage.titles(BEN)) == ([], ["call"])
    assert stage.sim.task("call").sync.state == "synced"


@pytest.mark.parametrize(("status", "state"), [("paused", "off"), ("needs_reconnect", "pending"), ("ready", "pending")])
def test_its_state_says_what_it_waits_for_and_its_event_stays(stage: Stage, status: Status, state: str) -> None:
    _reassigned(stage, status)

    assert stage.state("call") == (state, "paused" if status == "paused" else None)
    assert stage.titles() == ["call"]


def test_an_edit_in_google_meanwhile_goes_with_it(stage: Stage) -> None:
    _reassigned(stage)
    (event,) = stage.anna.events()
    stage.anna.edit(event["id"], location="Room 1")
    stage.run("sync")

    _works(stage, "paused")

    (event,) = stage.ben.events()
    assert event["location"] == "Room 1"


def test_it_leaves_the_other_account_when_the_connection_that_it_waits_for_ends(stage: Stage) -> None:
    _reassigned(stage)

    stage.run("disconnect", "c-ben", events="keep")

    assert (stage.titles(), stage.state("call")) == ([], ("off", "no_connection"))


def test_an_erased_persons_task_leaves_the_account_in_which_it_waited_for_them(stage: Stage) -> None:
    _reassigned(stage)

    stage.run("erase", None, user="ben", events="delete")

    assert (stage.titles(), stage.sim.tasks()) == ([], [])


def test_a_task_that_got_its_old_user_back_while_it_waited_stays(stage: Stage) -> None:
    _reassigned(stage)
    stage.put("call", user="anna", title="again")
    stage.drain()

    _works(stage, "paused")

    assert (stage.titles(), stage.titles(BEN)) == (["again"], [])


def test_a_connection_that_works_again_just_then_is_not_missed(stage: Stage) -> None:
    """The job has read that it is paused; it resumes, and its backlog ends, before the job stores that it waits."""
    stage.connect("anna")
    stage.connect("ben", BEN)
    stage.put("call")
    stage.drain()
    _stands(stage, "paused")
    stage.put("call", user="ben")
    job = stage.sim.runner.take("sync_task", "call").run_until("store.commit")
    change_connection(stage.world, stage.tenant, ConnectionId("c-ben"), settings={}, paused=False)
    stage.drain()

    job.finish()
    stage.drain()

    assert (stage.titles(), stage.titles(BEN)) == ([], ["call"])
