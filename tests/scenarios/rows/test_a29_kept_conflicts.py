"""A29: a conflict is kept with both versions, told in the feed, and settled by the API, whole or field by field."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.rows.scene import CALL, both_edit, event_id
from tests.scenarios.stage import Connected, Stage, eventually


def in_conflict(stage: Stage) -> Connected:
    """Both sides changed title and location."""
    anna = stage.connect(settings={"conflict": "manual"})
    stage.crm.put("t1", **CALL, location="Verona")
    stage.crm.synced("t1")
    both_edit(
        anna, "t1",
        crm={"title": "Call Eva", "location": "Oslo"},
        google={"summary": "Call Ida", "location": "Bern"},
    )  # fmt: skip
    stage.crm.synced("t1", "conflict")
    return anna


def sides(anna: Connected) -> tuple[Any, Any]:
    """Title and location: of the task, and of its event."""
    task = anna.stage.crm.task("t1")
    event = anna.person.event(task)
    return (task["title"], task["location"]), (event["summary"], event["location"])


def test_a29_both_versions_and_what_was_before_are_kept(stage: Stage) -> None:
    anna = in_conflict(stage)

    assert stage.crm.task("t1")["sync_state"]["conflict"]["fields"] == {
        "title": {"base": "Call Bob", "crm": "Call Eva", "google": "Call Ida"},
        "location": {"base": "Verona", "crm": "Oslo", "google": "Bern"},
    }
    assert sides(anna) == (("Call Eva", "Oslo"), ("Call Ida", "Bern"))


def test_a29_the_feed_tells_both_versions_once(stage: Stage) -> None:
    anna = in_conflict(stage)
    anna.sync()

    told = [each for each in anna.told_by_now() if each["kind"] == "task.conflict"]

    assert len(told) == 1
    fields = told[0]["task"]["sync_state"]["conflict"]["fields"]
    assert (fields["title"]["crm"], fields["title"]["google"]) == ("Call Eva", "Call Ida")


@pytest.mark.parametrize(
    ("choice", "title", "location"),
    [
        ({"resolution": "crm"}, "Call Eva", "Oslo"),
        ({"resolution": "google"}, "Call Ida", "Bern"),
        ({"resolution": "fields", "fields": {"title": "google", "location": "crm"}}, "Call Ida", "Oslo"),
    ],
)
def test_a29_a_person_settles_it(stage: Stage, choice: dict[str, Any], title: str, location: str) -> None:
    anna = in_conflict(stage)

    stage.crm.ok("POST", "/v1/tasks/t1/conflict", choice)

    assert stage.crm.synced("t1")["sync_state"]["conflict"] is None
    assert sides(anna) == ((title, location), (title, location))


def test_a29_what_is_not_named_stays_open(stage: Stage) -> None:
    anna = in_conflict(stage)

    stage.crm.ok("POST", "/v1/tasks/t1/conflict", {"resolution": "fields", "fields": {"title": "crm"}})
    eventually(lambda: anna.person.event(stage.crm.task("t1"))["summary"] == "Call Eva")

    assert stage.crm.task("t1")["sync_state"]["conflict"]["fields"].keys() == {"location"}
    assert sides(anna) == (("Call Eva", "Oslo"), ("Call Eva", "Bern"))


def test_a29_it_is_counted_and_other_fields_still_go_both_ways(stage: Stage) -> None:
    anna = in_conflict(stage)

    stage.crm.put("t1", deal="Deal 77", busy=False)
    anna.person.edit(event_id(stage.crm.task("t1")), visibility="private")

    stage.crm.synced("t1", "conflict", private=True)
    assert anna.person.event(stage.crm.task("t1"))["transparency"] == "transparent"
    assert anna.now()["counts"]["conflict"] == 1
