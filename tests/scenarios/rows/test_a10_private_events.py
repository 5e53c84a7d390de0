"""A10: private events in four modes, and private from Google arrives private unless told otherwise."""

from __future__ import annotations

import pytest

from tests.scenarios.rows.scene import CALL, at, changed, event_id, summaries
from tests.scenarios.stage import Stage, eventually

MODES = [("sync", True, True), ("to_google_only", True, False), ("to_crm_only", False, True), ("skip", False, False)]


@pytest.mark.parametrize(("mode", "goes_out", "comes_in"), MODES)
def test_a10_each_mode_lets_through_what_it_says(stage: Stage, mode: str, goes_out: bool, comes_in: bool) -> None:  # noqa: FBT001 - a row
    anna = stage.connect(settings={"private_events": mode, "import_external": "all"})

    stage.crm.put("secret", **CALL, private=True)
    stage.crm.put("open", **CALL | {"title": "Visit"})
    anna.person.create("Doctor", at(15), visibility="private")
    anna.person.create("Lunch", at(12))
    eventually(lambda: "Lunch" in titles(stage), what="Lunch")
    stage.crm.synced("open")
    anna.sync()

    assert stage.crm.synced("secret", "synced" if goes_out else "off")
    assert ("Call Bob" in summaries(anna)) is goes_out
    assert ("Doctor" in titles(stage)) is comes_in
    if goes_out:
        assert anna.person.event(stage.crm.task("secret"))["visibility"] == "private"


def titles(stage: Stage) -> set[str]:
    return {task["title"] for task in stage.crm.ok("GET", "/v1/tasks")["data"]}


@pytest.mark.parametrize(("arrives", "private"), [("private", True), ("public", False)])
def test_a10_private_from_google_arrives_as_told(stage: Stage, arrives: str, private: bool) -> None:  # noqa: FBT001 - a row
    anna = stage.connect(settings={"import_external": "all", "private_arrives": arrives})

    made = anna.person.create("Doctor", at(15), visibility="private")

    task = stage.crm.told("task.created", origin="google")["task"]
    assert task["private"] is private
    stage.crm.put(task["id"], location="Verona")
    stage.crm.synced(task["id"], location="Verona")
    assert anna.person.get(made["id"])["visibility"] == "private"


@pytest.mark.parametrize("mode", ["to_google_only", "skip"])
def test_a10_what_is_written_into_an_event_made_private_stays_in_google(stage: Stage, mode: str) -> None:
    anna = stage.connect(settings={"private_events": mode})
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))

    anna.person.edit(event, visibility="private", summary="Doctor", description="Results")
    told = anna.told_by_now()

    task = stage.crm.task("t1")
    assert (task["title"], task["description"]) == ("Call Bob", None)
    assert "Doctor" not in str(told)

    anna.person.edit(event, visibility="default", description="")
    assert stage.crm.synced("t1", title="Doctor")["private"] is not True


def test_a10_a_person_who_makes_an_event_private_keeps_it(stage: Stage) -> None:
    anna = stage.connect(settings={"private_events": "to_crm_only"})
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))

    anna.person.edit(event, visibility="private")

    assert stage.crm.synced("t1", "off")["private"] is True
    anna.sync()
    assert anna.person.get(event)["status"] == "confirmed"


@pytest.mark.parametrize(
    ("mode", "shown", "off", "seen"),
    [
        ("skip", ["Doctor"], {"t1", "doctor"}, "Doctor"),
        ("to_google_only", ["Call Bob", "Doctor"], set(), "Doctor"),
        ("to_crm_only", ["Doctor"], {"t1"}, "Surgeon"),
    ],
)
def test_a10_a_stricter_mode_takes_private_tasks_out_and_a_looser_one_brings_them_back(
    stage: Stage, mode: str, shown: list[str], off: set[str], seen: str
) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    made = anna.person.create("Doctor", at(15), visibility="private")
    tasks = {"t1": "t1", "doctor": stage.crm.told("task.created", origin="google")["task"]["id"]}
    stage.crm.put("t1", **CALL, private=True)
    stage.crm.synced("t1")

    changed(anna, private_events=mode)

    assert summaries(anna) == shown
    reasons = {name: stage.crm.task(task)["sync_state"]["reason"] for name, task in tasks.items()}
    assert {name for name, reason in reasons.items() if reason == "private"} == off
    anna.person.edit(made["id"], summary="Surgeon")
    anna.sync()
    assert stage.crm.task(tasks["doctor"])["title"] == seen

    changed(anna, private_events="sync")

    assert sorted(summaries(anna)) == ["Call Bob", "Surgeon"]
    assert stage.crm.synced(tasks["doctor"])["title"] == "Surgeon"


def test_a10_arriving_as_public_counts_for_what_arrives_from_then_on(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    made = anna.person.create("Doctor", at(15), visibility="private")
    doctor = stage.crm.told("task.created", origin="google")["task"]["id"]

    changed(anna, private_arrives="public")
    anna.person.create("Dentist", at(16), visibility="private")

    told = stage.crm.told("task.created", origin="google")["task"]
    assert (told["title"], told["private"]) == ("Dentist", False)
    stage.crm.put(doctor, location="Verona")
    assert stage.crm.synced(doctor, location="Verona")["private"] is True
    assert {event["visibility"] for event in anna.person.events()} == {"private"}
    assert anna.person.get(made["id"])["location"] == "Verona"
