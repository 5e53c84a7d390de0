"""Guests, private events, directions and other people's text: what a policy lets through, and what stays untouched."""

from __future__ import annotations

import pytest

from tests.usecases.bench import BEN, MONDAY, Bench

CALL = {"user_id": "anna", "title": "Call", "start": f"{MONDAY}T10:00:00", "status": "open"}


def edited(bench: Bench, **fields: object) -> None:
    bench.person().edit(str(bench.task("a").sync.event_id), **fields)  # type: ignore[arg-type]


def test_nothing_internal_goes_into_an_event_that_has_guests(bench: Bench) -> None:
    bench.connect("anna")

    bench.put("a", **CALL, notes="margin 12 %", deal="Villa", attendees=[{"email": BEN}])
    bench.run()

    event = bench.event("a")
    assert "margin" not in str(event)
    assert "Villa" not in str(event)


def test_internal_lines_go_when_a_guest_is_added_in_google(bench: Bench) -> None:
    connection = bench.connect("anna")
    bench.put("a", **CALL, notes="margin 12 %")
    bench.run()

    edited(bench, attendees=[{"email": BEN}])
    bench.pull(connection)

    assert "margin" not in str(bench.event("a"))
    assert [guest.email for guest in bench.task("a").content.attendees or ()] == [BEN]


def test_guests_answers_survive_an_edit_of_the_guest_list(bench: Bench) -> None:
    connection = bench.connect("anna")
    bench.put("a", **CALL, attendees=[{"email": BEN}])
    bench.run()
    bench.person(BEN).answer(str(bench.task("a").sync.event_id), "accepted")
    bench.pull(connection)

    bench.put("a", attendees=[{"email": BEN}, {"email": "eva@example.com"}])
    bench.run()

    answers = {guest["email"]: guest["responseStatus"] for guest in bench.event("a")["attendees"]}
    assert answers[BEN] == "accepted"
    assert answers["eva@example.com"] == "needsAction"


def test_what_a_person_added_in_google_survives_a_title_edit(bench: Bench) -> None:
    connection = bench.connect("anna")
    bench.put("a", **CALL)
    bench.run()
    edited(bench, colorId="5", attendees=[{"email": BEN}])
    bench.person().add_meet(str(bench.task("a").sync.event_id))
    bench.pull(connection)

    bench.put("a", title="Visit")
    bench.run()

    event = bench.event("a")
    assert (event["summary"], event["colorId"]) == ("Visit", "5")
    assert event["hangoutLink"]
    assert event["attendees"]


def test_one_way_to_google_leaves_a_persons_text_until_the_crm_writes_its_own(bench: Bench) -> None:
    connection = bench.connect("anna", direction="to_google")
    bench.put("a", **CALL, notes="one")
    bench.run()
    edited(bench, description="Written by Anna")
    bench.pull(connection)

    bench.put("a", notes="two")
    bench.run()

    assert bench.task("a").content.description is not None or "Written by Anna" in bench.event("a")["description"]
    assert "two" in bench.event("a")["description"]


def test_one_way_from_google_sends_nothing(bench: Bench) -> None:
    bench.connect("anna", direction="from_google")

    bench.put("a", **CALL)
    bench.run()

    assert bench.task("a").sync.reason == "direction"
    assert bench.person().events() == []


@pytest.mark.parametrize(
    ("mode", "arrives"), [("sync", True), ("to_crm_only", True), ("to_google_only", False), ("skip", False)]
)
def test_private_events_arrive_by_their_mode(bench: Bench, mode: str, arrives: bool) -> None:  # noqa: FBT001 - a row
    from datetime import UTC, datetime, timedelta

    connection = bench.connect("anna", import_external="all", private_events=mode)

    bench.person().create("Doctor", datetime.now(UTC) + timedelta(days=2), visibility="private")
    pulled = bench.pull(connection)

    assert pulled.created == (1 if arrives else 0)


@pytest.mark.parametrize(
    ("mode", "goes"), [("sync", True), ("to_google_only", True), ("to_crm_only", False), ("skip", False)]
)
def test_private_tasks_go_out_by_their_mode(bench: Bench, mode: str, goes: bool) -> None:  # noqa: FBT001 - a row
    bench.connect("anna", private_events=mode)

    bench.put("a", **CALL, private=True)
    bench.run()

    assert len(bench.person().events()) == (1 if goes else 0)


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        ("keep", {"summary": "Call"}),
        ("check", {"summary": "✓ Call"}),
        ("free", {"transparency": "transparent"}),
        ("color", {"colorId": "8"}),
        ("delete", {"status": "cancelled"}),
    ],
)
def test_a_finished_task_shows_by_its_policy_and_comes_back(bench: Bench, policy: str, shown: dict[str, str]) -> None:
    bench.connect("anna", on_done=policy)
    bench.put("a", **CALL)
    bench.run()
    before = bench.event("a")

    bench.put("a", status="done")
    bench.run()

    assert {name: bench.event("a").get(name) for name in shown} == shown
    bench.put("a", status="open")
    bench.run()
    assert {name: bench.event("a").get(name) for name in shown} == {name: before.get(name) for name in shown}


def test_hours_keep_what_starts_outside_them_out(bench: Bench) -> None:
    bench.connect("anna", hours={"from": "08:00", "to": "18:00", "days": [1, 2, 3, 4, 5]})

    bench.put("early", **(CALL | {"start": f"{MONDAY}T06:00:00"}))
    bench.put("day", **CALL)
    bench.run()

    assert bench.task("early").sync.reason == "hours"
    assert bench.task("day").sync.state == "synced"
