"""Each law is seen to fail: something of the product or of a world at rest is spoilt, and the law tells what."""

from datetime import datetime
from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from infra.simulator.model import Event
from shared.model.ids import CalendarId, EventId, TaskId, TenantId, task_path, tenant_path
from shared.ports import Delete, Patch, Query, Set
from shared.sync.said import said
from shared.usecases.inbound.judge import outcome_of
from tests.simulation import laws_of_rest
from tests.simulation.chance import Chance
from tests.simulation.laws import LawBroken
from tests.simulation.sim import ANNA, BEN, ULA
from tests.simulation.story import END, START

TASK, OTHER = (task_path(TenantId("acme"), TaskId(each)) for each in ("t1", "t2"))


@pytest.fixture
def world() -> Chance:
    """One task of Anna's, in step with its event; all is at rest."""
    world = Chance(3)
    puts(world, title=world.value("c", world.sites[0]), start=START, end=END, user_id="anna")
    world.end()
    return world


def puts(world: Chance, **fields: Any) -> None:  # noqa: ANN401 - the contract's own fields
    world.sites[0].crm.put("t1", **fields)
    world.ledger.now += 1
    world.ledger.by_crm(world.sites[0].tenant, "t1", fields)


def event_of(world: Chance) -> Event:
    return world.sim.google.ctx.world.calendars[ANNA].events[str(world.sim.task("t1").sync.event_id)]


def test_a_task_that_differs_from_its_event_is_told(world: Chance) -> None:
    event_of(world).fields["summary"] = "something else"

    with pytest.raises(LawBroken, match=r"t1\.title is 'acme-c1' in the CRM and 'something else' in Google"):
        world.judge()


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (
            {"reminders": {"useDefault": False, "overrides": []}},
            r"t1\.reminders is frozenset\(\{\('popup', 5\)\}\) in the CRM",
        ),
        ({"colorId": "5"}, r"t1\.color is '11' in the CRM and '5' in Google"),
        ({"description": ""}, r"t1\.details is True in the CRM and False in Google"),
        ({"attendees": [{"email": "zoe@elsewhere.example"}]}, r"t1\.attendees is frozenset\(\) in the CRM"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else None,
)
def test_a_field_that_people_leave_alone_and_that_differs_is_told(
    world: Chance, shown: dict[str, Any], told: str
) -> None:
    puts(world, reminders=[{"method": "popup", "minutes": 5}], color="#EF4444", notes="acme-c9n", attendees=[])
    world.end()
    event_of(world).fields.update(shown)

    with pytest.raises(LawBroken, match=told):
        world.judge()


def test_an_internal_note_that_guests_can_read_is_told(world: Chance) -> None:
    puts(world, notes="acme-c9n", attendees=[{"email": "zoe@elsewhere.example"}])
    world.end()
    event_of(world).fields["description"] = "acme-c9n"

    with pytest.raises(LawBroken, match=r"t1\.details is False in the CRM and True in Google"):
        world.judge()


def test_a_task_that_waits_for_ever_is_told(world: Chance) -> None:
    world.sim.store.commit([Patch(path=TASK, fields={"sync.state": "pending"})])

    with pytest.raises(LawBroken, match="t1 is still pending"):
        world.judge()


def test_a_task_with_two_living_events_is_told(world: Chance) -> None:
    event = event_of(world)
    world.sim.google.ctx.world.calendars[world.second].events[event.id] = event

    with pytest.raises(LawBroken, match="t1 has other living events than its own"):
        world.judge()


def test_an_event_that_its_task_let_go_and_no_other_adopted_is_told(world: Chance) -> None:
    world.sim.store.commit([Patch(path=TASK, fields={"sync.event_id": None})])

    with pytest.raises(LawBroken, match="t1 has other living events than its own"):
        world.judge()


def test_an_event_with_two_tasks_is_told(world: Chance) -> None:
    document = world.sim.store.get_many([TASK])[TASK]
    assert document is not None
    world.sim.store.commit([Set(path=OTHER, data={**document.data, "id": "t2"})])

    with pytest.raises(LawBroken, match=r"one event has the tasks \['t1', 't2'\]"):
        world.judge()


def test_an_edit_that_vanished_is_told(world: Chance, monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(content: Any, incoming: Any, *rest: Any) -> Any:  # noqa: ANN401
        return said(content, replace(incoming, title=UNSET), *rest)

    monkeypatch.setattr("shared.usecases.tasks.put_task.said", deaf)
    puts(world, title="acme-c9", location="acme-c9l")

    with pytest.raises(LawBroken, match=r"t1\.title is 'acme-c1', last said were acme-c9 and None"):
        world.end()


def test_an_event_that_lives_again_after_a_person_deleted_it_is_told(world: Chance) -> None:
    event = event_of(world)
    world.people[ANNA].delete(event.id)
    world.ledger.deleted_in_google(ANNA, {"id": event.id})
    world.end()
    calendar = world.sim.google.ctx.world.calendars[ANNA]
    calendar.events[event.id] = event

    with pytest.raises(LawBroken, match="was deleted by a person and lives again"):
        world.ledger.check(world)


def test_a_task_that_is_there_again_after_the_crm_deleted_it_is_told(world: Chance) -> None:
    world.sites[0].crm.delete("t1")
    world.ledger.deleted_by_crm(world.sites[0].tenant, "t1")
    world.end()
    world.sim.store.commit([Patch(path=TASK, fields={"deleted_at": None})])

    with pytest.raises(LawBroken, match="t1 was deleted by the CRM of acme and is there again"):
        world.ledger.check(world)


@pytest.mark.parametrize(
    ("fields", "over"),
    [({"content.status": "cancelled", "sync.state": "off"}, "cancelled"), ({"deleted_at": START}, "deleted")],
    ids=["cancelled", "deleted"],
)
def test_a_task_that_ended_though_nobody_ended_it_is_told(world: Chance, fields: dict[str, Any], over: str) -> None:
    fields = {name: datetime.fromisoformat(value) if name == "deleted_at" else value for name, value in fields.items()}
    world.sim.store.commit([Patch(path=TASK, fields=fields)])

    with pytest.raises(LawBroken, match=f"t1 of acme is {over}, and nobody ended it"):
        world.ledger.check(world)


def test_a_write_to_somebody_elses_event_is_told(world: Chance) -> None:
    made = world.people[BEN].create("by hand", START, END)
    calendar = world.sim.client.calendar(world.sim.google.access_token(BEN))

    calendar.delete(CalendarId(BEN), EventId(made["id"]), if_match=None, notify="none")

    with pytest.raises(LawBroken, match="no task named what this wrote to: DELETE"):
        world.judge()


def test_a_mail_to_a_guest_is_told(world: Chance) -> None:
    world.people[ANNA].create("dinner", START, END, attendees=[{"email": "zoe@elsewhere.example"}], notify=True)

    with pytest.raises(LawBroken, match=r"zoe@elsewhere\.example got a mail"):
        world.end()


def test_a_world_that_goes_on_changing_is_told(world: Chance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.usecases.inbound.arrivals.living_here", _always_written)
    world.people[ANNA].edit(event_of(world).id, location="g9")

    told = list(laws_of_rest.at_rest(world.sim))

    assert any(each.startswith("at rest documents were still written") for each in told)


def _always_written(page: Any, task: Any, revision: Any, item: Any, group: Any) -> Any:  # noqa: ANN401

    return outcome_of(page, item, task, replace(task, version=task.version + 1), (), revision, "update")


def test_a_feed_that_leaves_something_out_is_told(world: Chance) -> None:
    documents = world.sim.store.query(Query(collection="tenants/acme/changes", limit=1000))
    world.sim.store.commit([Delete(path=each.path) for each in documents])

    with pytest.raises(LawBroken, match="the feed tells nothing of t1"):
        world.judge()


def test_what_reaches_another_tenant_is_told(world: Chance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.usecases.feed.tenant_path", lambda tenant: tenant_path(world.sites[0].tenant))
    world.sites[1].crm = world.sim.crm(world.sites[1].tenant)
    world.sites[1].crm.read_whole_feed()

    told = list(laws_of_rest.nothing_crossed(world, world.sites[1]))

    assert "the CRM of zeta heard acme-c1, which is another tenant's" in told


def test_what_people_of_another_tenant_wrote_is_told(world: Chance) -> None:
    world.people[ULA].create(world.value_in_google(ANNA), START, END)

    told = list(laws_of_rest.nothing_crossed(world, world.sites[1]))

    assert told == ["ula@other.example shows acme-g2, which is another tenant's"]
