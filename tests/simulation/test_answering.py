"""What no rule can decide somebody decides once the weather has cleared, and the laws hold after that."""

import pytest

from shared.usecases.runs.runs import start_run
from shared.usecases.tenants import patch_tenant
from tests.simulation.chance import Chance
from tests.simulation.consenting import connect_anew
from tests.simulation.sim import ANNA
from tests.simulation.story import END, START


@pytest.mark.parametrize("adopted", [True, False])
def test_a_task_that_a_persons_copy_looks_like_adopts_it_or_has_both(adopted: bool) -> None:  # noqa: FBT001 - a case
    world = Chance(0)
    world.orphans = adopted
    site, sim = world.sites[0], world.sim
    patch_tenant(sim.world, site.tenant, {"settings": {"import_external": "off"}})
    site.crm.put("t1", title="a0", start=START, end=END)
    sim.runner.run_all()
    world.ledger.released(site.tenant)
    for connection in world.connections(site):
        asked = {"events": "delete"}
        start_run(sim.world, site.tenant, kind="disconnect", connection=connection.id, options=asked)
    sim.runner.run_all()
    copy = world.people[ANNA].create("a0", START, END)

    anew, _ = connect_anew(sim.world, sim.google, site.tenant, "anna", ANNA)
    sim.accounts[anew] = ANNA
    world.end()

    assert (sim.task("t1").sync.event_id == copy["id"]) is adopted
    assert len(world.people[ANNA].events()) == 1 + (not adopted)


def test_a_task_that_was_to_leave_for_a_connection_that_has_ended_leaves_the_calendar_it_may_write_again() -> None:
    world = Chance(0)
    site, sim = world.sites[0], world.sim
    site.crm.put("t1", title="a0", start=START, end=END, user_id="anna", calendar_id=world.second)
    sim.runner.run_all()
    before = world.people[ANNA].events(calendar=world.second)
    sim.google.share(world.second, ANNA, "reader")
    site.crm.put("t1", user_id="ben", calendar_id=None)
    (going,) = [each.id for each in world.connections(site) if each.user == "ben"]
    world.ledger.released(site.tenant)
    start_run(sim.world, site.tenant, kind="disconnect", connection=going, options={"events": "keep"})

    world.end()

    after = world.people[ANNA].events(calendar=world.second)
    assert (len(before), after, sim.task("t1").sync.reason) == (1, [], "no_connection")
