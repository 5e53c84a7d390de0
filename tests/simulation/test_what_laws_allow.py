"""What looks like a loss and is none: each is right by the rules, so that no law may tell it."""

from datetime import timedelta
from random import Random

import pytest

from shared.model.ids import ConnectionId, Path
from shared.ports import Patch
from shared.usecases.runs.runs import start_run
from shared.usecases.tenants import patch_tenant
from tests.simulation import acts_of_people as people
from tests.simulation import laws_of_contact, laws_of_rest
from tests.simulation.chance import Chance
from tests.simulation.consenting import connect_anew
from tests.simulation.sim import ANNA
from tests.simulation.story import START


@pytest.fixture
def world() -> Chance:
    """Nothing happened yet, and none but the settings that each story names decides anything."""
    return Chance(3)


def settled_by(world: Chance, **settings: object) -> None:
    """The tenant's settings are these from the beginning."""
    tenant = world.sites[0].tenant
    world.ledger.decided(tenant, settings)
    patch_tenant(world.sim.world, tenant, {"settings": settings})


def later(world: Chance) -> None:
    world.sim.clock.advance(30)
    world.ledger.now += 1


def test_a_value_that_was_first_read_after_something_else_was_done_to_its_event_counts_as_that_late(
    world: Chance,
) -> None:
    settled_by(world, conflict="latest_wins", import_external="off")
    site = world.sites[0]
    made = world.people[ANNA].create("g1", START)
    world.ledger.by_google(made, {"title": "g1"})
    later(world)
    fields = {"title": "acme-c2", "start": START, "user_id": "anna"}
    site.crm.adopt("t1", made["id"], **fields)
    world.ledger.by_crm(site.tenant, "t1", fields)
    later(world)
    world.people[ANNA].edit(made["id"], visibility="private")
    world.ledger.by_google(made, {"private": True})

    world.end()

    assert world.sim.task("t1").content.title == "g1"


def test_what_a_person_copied_is_that_persons_word(world: Chance) -> None:
    settled_by(world, import_external="all")
    site = world.sites[0]
    fields = {"title": "acme-c1", "start": START, "user_id": "anna"}
    site.crm.put("t1", **fields)
    world.ledger.by_crm(site.tenant, "t1", fields)
    world.sim.runner.run_all()
    later(world)
    people.copies(world, Random(0))
    world.sim.runner.run_all()
    site.crm.read_whole_feed()
    (copy,) = [each for each in world.sim.tasks() if each.id != "t1"]
    event = world.people[ANNA].get(str(copy.sync.event_id))
    world.people[ANNA].edit(event["id"], summary="g2")
    world.ledger.by_google(event, {"title": "g2"})
    world.people[ANNA].delete(event["id"])
    world.ledger.deleted_in_google(ANNA, event)
    later(world)
    site.crm.put(copy.id, location="acme-c3l")
    world.ledger.by_crm(site.tenant, copy.id, {"location": "acme-c3l"})

    world.end()

    assert world.sim.task(copy.id).content.title == "acme-c1"


def test_a_private_event_may_arrive_as_an_ordinary_task(world: Chance) -> None:
    settled_by(world, import_external="all", private_arrives="public")
    world.people[ANNA].create("g1", START, visibility="private")

    world.end()

    assert [each.content.private for each in world.sim.tasks()] == [False]


def test_a_task_of_an_event_that_google_forgot_before_it_was_read_shows_an_error_that_says_what_to_do(
    world: Chance,
) -> None:
    settled_by(world, import_external="off")
    made = world.people[ANNA].create("g1", START)
    world.sites[0].crm.adopt("t1", made["id"], title="acme-c1", start=START, user_id="anna")
    world.people[ANNA].delete(made["id"])
    world.sim.google.empty_trash(ANNA)

    world.end()

    error = world.sim.task("t1").sync.error
    assert error is not None
    assert "send the task without event_id" in error.detail


def test_what_the_crm_says_may_stand_there_alone_where_nothing_is_sent(world: Chance) -> None:
    settled_by(world, import_external="all", direction="from_google")
    world.people[ANNA].create("g1", START)
    world.sim.runner.run_all()
    world.sim.runner.one_round()
    site = world.sites[0]
    site.crm.read_whole_feed()
    (task,) = world.sim.tasks()
    site.crm.put(task.id, location="acme-c2l")

    world.end()

    assert world.sim.task(task.id).content.location == "acme-c2l"


def test_a_task_that_was_deleted_before_it_was_sent_leaves_nothing_to_ask_google_at_rest(world: Chance) -> None:
    site = world.sites[0]
    fields = {"title": "acme-c1", "start": START, "user_id": "anna", "calendar_id": world.second}
    site.crm.put("t1", **fields)
    world.ledger.by_crm(site.tenant, "t1", fields)
    later(world)
    site.crm.delete("t1")
    world.ledger.deleted_by_crm(site.tenant, "t1")

    world.end()

    assert world.people[ANNA].events(calendar=world.second) == []


def test_a_channel_that_is_due_in_the_very_second_of_rest_may_be_renewed(world: Chance) -> None:
    sim = world.sim
    sim.runner.settle()
    due = sim.clock.now() + timedelta(seconds=0.5)
    for each in sim.store.every():
        if "/calendars/" in each.path:
            sim.store.commit([Patch(path=Path(each.path), fields={"renew_at": due})])

    assert list(laws_of_rest.at_rest(sim)) == []


def test_an_event_that_people_made_may_outlive_its_task_that_was_deleted_while_its_connection_ended(
    world: Chance,
) -> None:
    settled_by(world, import_external="all")
    world.settings["import_external"] = "all"
    site, sim = world.sites[0], world.sim
    made = world.people[ANNA].create("g1", START)
    world.ledger.by_google(made, {"title": "g1"})
    sim.runner.run_all()
    sim.pull(ANNA, "c-anna")
    (born,) = sim.tasks()
    start_run(sim.world, site.tenant, kind="disconnect", connection=ConnectionId("c-anna"), options={"events": "keep"})
    site.crm.delete(born.id)
    connection, _ = connect_anew(sim.world, sim.google, site.tenant, "anna", ANNA)
    sim.accounts[connection] = ANNA
    sim.runner.run_all()

    laws_of_contact.check(world)

    assert [each["id"] for each in world.people[ANNA].events()] == [made["id"]]


def test_an_event_that_was_left_to_the_person_who_restored_it_says_what_its_task_had_said(world: Chance) -> None:
    settled_by(world, import_external="all", conflict="crm_wins")
    site = world.sites[0]

    def writes(**fields: str) -> None:
        site.crm.put("t1", **fields)
        world.ledger.by_crm(site.tenant, "t1", fields)
        world.sim.runner.run_all()
        later(world)

    writes(title="acme-c1", start=START, user_id="anna")
    event = world.people[ANNA].get(str(world.sim.task("t1").sync.event_id))
    world.people[ANNA].edit(event["id"], location="g1l")
    world.ledger.by_google(event, {"location": "g1l"})
    later(world)
    writes(location="acme-c2l")
    writes(title="acme-c3")
    site.crm.delete("t1")
    world.ledger.deleted_by_crm(site.tenant, "t1")
    world.sim.runner.run_all()
    later(world)
    writes(title="acme-c4", start=START, user_id="anna", location="acme-c5l")
    world.people[ANNA].restore(event["id"])
    world.ledger.restored(ANNA, event["id"])

    world.end()

    (left,) = [each for each in world.sim.tasks() if each.id != "t1"]
    assert (left.sync.event_id, left.content.location) == (event["id"], "acme-c2l")
