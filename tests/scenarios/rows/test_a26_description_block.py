"""A26: lines around the description by a template; they come back as nothing, never grow, and show guests no notes."""

from __future__ import annotations

import re

import pytest

from tests.scenarios.rows.scene import CALL, changed, event_id
from tests.scenarios.stage import Stage, eventually

FULL = {
    **CALL,
    "type": "call",
    "priority": "high",
    "status": "open",
    "description": "About the flat.",
    "notes": "He haggles.",
    "deal": "Deal 77",
    "contact": {"name": "Bob B.", "email": "bob@elsewhere.example"},
    "url": "https://crm.example/t1",
    "zoom_url": "https://zoom.example/j/1",
}
INTERNAL = ("He haggles.", "Deal 77", "bob@elsewhere.example", "High", "Open")
ZOE = [{"email": "zoe@elsewhere.example"}]


def test_a26_the_block_shows_what_the_task_says(stage: Stage) -> None:
    anna = stage.connect()

    stage.crm.put("t1", **FULL)

    shown = anna.person.event(stage.crm.synced("t1"))["description"]
    for words in (
        "About the flat.", "Type: Call", "Status: Open", "Priority: High", "Contact: Bob B.", "Deal: Deal 77",
        "Zoom: https://zoom.example/j/1", "Notes: He haggles.", "Managed by Tandem",
    ):  # fmt: skip
        assert words in shown


def test_a26_a_template_of_the_tenant_s_own_says_what_and_where(stage: Stage) -> None:
    anna = stage.connect(settings={"description_template": "** {title} ({type}) **\n{description}\nDeal no. {deal}"})

    stage.crm.put("t1", **FULL)
    stage.crm.put("t2", **CALL, description="Only this.")

    lines = anna.person.event(stage.crm.synced("t1"))["description"].split("<br>")
    assert "** Call Bob (Call) **" in lines[0]
    assert "Deal no. Deal 77" in lines[-1]
    assert "Deal no." not in anna.person.event(stage.crm.synced("t2"))["description"]


@pytest.mark.parametrize("template", ["{description} {password}", "{description.__class__}", "{notes}", "{description"])
def test_a26_a_template_with_anything_but_the_listed_fields_is_refused(stage: Stage, template: str) -> None:
    anna = stage.connect()

    answer = stage.crm.call("PATCH", f"/v1/connections/{anna.id}", {"settings": {"description_template": template}})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/settings/description_template"
    assert "{description}" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("written", ["html", "text"])
def test_a26_over_ten_rounds_of_edits_on_both_sides_nothing_grows(stage: Stage, written: str) -> None:
    anna = stage.connect(settings={"description_format": written})
    stage.crm.put("t1", **FULL)
    event = event_id(stage.crm.synced("t1"))
    before = anna.person.get(event)["description"]

    for number in range(10):
        shown = anna.person.get(event)["description"]
        anna.person.edit(event, description=re.sub("About [^.]*", f"About flat {number}", shown))
        task = stage.crm.synced("t1", description=f"About flat {number}.")
        stage.crm.put("t1", **{name: task[name] for name in FULL if name != "user_id"} | {"notes": f"Note {number}."})
        stage.crm.synced("t1", notes=f"Note {number}.")

    after = anna.person.get(event)["description"]
    assert after == before.replace("the flat", "flat 9").replace("He haggles.", "Note 9.")
    assert stage.crm.task("t1")["description"] == "About flat 9."


def test_a26_with_guests_nothing_internal_is_written(stage: Stage) -> None:
    anna = stage.connect()

    stage.crm.put("t1", **FULL, attendees=ZOE)

    shown = anna.person.event(stage.crm.synced("t1"))["description"]
    assert "About the flat." in shown
    assert not [words for words in INTERNAL if words in shown]


@pytest.mark.parametrize("direction", ["both", "to_google"])
def test_a26_a_guest_added_in_google_sees_nothing_internal_any_more(stage: Stage, direction: str) -> None:
    anna = stage.connect(settings={"direction": direction})
    stage.crm.put("t1", **FULL)
    event = event_id(stage.crm.synced("t1"))

    anna.person.edit(event, attendees=ZOE)

    eventually(lambda: "He haggles." not in anna.person.get(event)["description"])
    shown = anna.person.get(event)
    assert not [words for words in INTERNAL if words in shown["description"]]
    assert [each["email"] for each in shown["attendees"]] == ["zoe@elsewhere.example"]


def test_a26_a_guest_added_just_now_sees_nothing_that_the_crm_writes_now(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))
    stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"paused": True})
    anna.person.edit(event, attendees=ZOE)
    stage.crm.put("t1", notes="He haggles.", deal="Deal 77")

    stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"paused": False})
    stage.crm.synced("t1", notes="He haggles.")

    assert not [words for words in INTERNAL if words in anna.person.get(event).get("description", "")]


def test_a26_without_guests_again_the_lines_come_back(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **FULL, attendees=ZOE)
    stage.crm.synced("t1")

    version = stage.crm.put("t1", attendees=[])["version"]

    assert "Notes: He haggles." in anna.person.event(stage.crm.synced("t1", version=version))["description"]


def test_a26_a_changed_template_writes_the_lines_again(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **FULL)
    stage.crm.synced("t1")

    changed(anna, description_template="{description}\n\nDeal no. {deal}")

    task = stage.crm.synced("t1")
    shown = anna.person.event(task)["description"]
    assert "Deal no. Deal 77" in shown
    assert "He haggles." not in shown
    assert task["description"] == "About the flat."
