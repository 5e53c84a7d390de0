"""Guests' answers in the simulation: kept by every write, and seen to be lost without what keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.model.content import Content
from shared.model.ids import TaskId
from shared.sync import to_event
from shared.usecases.tasks.put_occurrence import cancel_occurrence, put_occurrence
from tests.simulation.chance import Chance
from tests.simulation.laws import LawBroken
from tests.simulation.sim import ANNA, BEN
from tests.simulation.story import END, START

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.simulator.model import Event as Stored
    from shared.google.events import Event
    from shared.sync.fields import Value

ZOE = "zoe@elsewhere.example"


@pytest.fixture
def world() -> Chance:
    """Ben has accepted Anna's meeting, and nothing has read of it."""
    world = Chance(3)
    writes(world, title=world.value("c", world.sites[0]), start=START, end=END, user_id="anna", attendees=guests(BEN))
    world.end()
    world.people[BEN].answer(meeting(world).id, "accepted", notify=False)
    return world


def guests(*emails: str) -> list[dict[str, str]]:
    return [{"email": email} for email in emails]


def writes(world: Chance, **fields: object) -> None:
    world.sites[0].crm.put("t1", **fields)
    world.ledger.now += 1
    world.ledger.by_crm(world.sites[0].tenant, "t1", fields)


def meeting(world: Chance) -> Stored:
    task = world.sim.task("t1")
    return world.sim.google.ctx.world.calendars[str(task.sync.calendar)].events[str(task.sync.event_id)]


def invites_one_more(world: Chance) -> dict[str, str]:
    writes(world, attendees=guests(BEN, ZOE))
    world.end()
    return {guest["email"]: guest["responseStatus"] for guest in meeting(world).fields["attendees"]}


def test_an_answer_that_nobody_has_read_survives_a_new_list_of_guests(world: Chance) -> None:
    assert invites_one_more(world)[BEN] == "accepted"


def test_answers_that_are_not_sent_along_are_told_as_lost(world: Chance, monkeypatch: pytest.MonkeyPatch) -> None:
    real = to_event._attendees

    def forgetful(
        attendees: Value, responses: Mapping[str, str], event: Event | None, account: str | None
    ) -> list[dict[str, object]]:
        del responses, event
        return real(attendees, {}, None, account)

    monkeypatch.setattr(to_event, "_attendees", forgetful)

    with pytest.raises(LawBroken, match=f"a write made the answer of {BEN} needsAction, it was accepted"):
        invites_one_more(world)


@pytest.mark.parametrize("answer", ["accepted", None])
def test_a_date_that_takes_place_again_has_the_answers_that_its_guests_had_given_to_it(
    world: Chance, answer: str | None
) -> None:
    tenant, date, master = world.sites[0].tenant, "20260709T080000Z", meeting(world).id
    writes(world, recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], time_zone="Europe/Berlin")
    world.sim.settle()
    put_occurrence(world.sim.world, tenant, TaskId("t1"), date, Content(title="acme-c2"), if_match=None)
    world.sim.settle()
    if answer is not None:
        world.people[BEN].answer(f"{master}_{date}", answer, notify=False)
    cancel_occurrence(world.sim.world, tenant, TaskId("t1"), date, if_match=None)
    world.sim.settle()
    world.people[BEN].answer(master, "tentative", notify=False)
    world.sim.settle()
    before = world.sim.google.ctx.world.calendars[ANNA].events[f"{master}_{date}"].fields["attendees"]

    put_occurrence(world.sim.world, tenant, TaskId("t1"), date, Content(location="acme-c2l"), if_match=None)
    world.end()

    shown = world.people[ANNA].get(f"{master}_{date}")
    assert shown["location"] == "acme-c2l"
    assert {each["email"]: each["responseStatus"] for each in shown["attendees"]} == {
        each["email"]: each["responseStatus"] for each in before
    }
