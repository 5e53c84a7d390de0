"""A24: a Zoom link stands in location and description, and comes back as neither."""

from __future__ import annotations

from tests.scenarios.rows.scene import CALL, event_id
from tests.scenarios.stage import Stage

ZOOM = "https://zoom.example/j/123?pwd=a&x=1"


def test_a24_the_link_is_the_location_and_a_line_of_the_description(stage: Stage) -> None:
    anna = stage.connect()

    stage.crm.put("t1", **CALL, zoom_url=ZOOM)

    event = anna.person.event(stage.crm.synced("t1"))
    assert event["location"] == ZOOM
    assert "Zoom: https://zoom.example/j/123?pwd=a&amp;x=1" in event["description"]


def test_a24_a_location_of_its_own_stays_and_the_link_is_in_the_description(stage: Stage) -> None:
    anna = stage.connect()

    stage.crm.put("t1", **CALL, zoom_url=ZOOM, location="Room 7")

    event = anna.person.event(stage.crm.synced("t1"))
    assert event["location"] == "Room 7"
    assert "zoom.example" in event["description"]


def test_a24_the_link_comes_back_neither_as_text_nor_as_place(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL, zoom_url=ZOOM)
    event = event_id(stage.crm.synced("t1"))

    anna.person.edit(event, description="Agenda<br>" + anna.person.get(event)["description"], location=ZOOM)

    task = stage.crm.synced("t1", description="Agenda")
    assert (task["location"], task["zoom_url"]) == (None, ZOOM)


def test_a24_a_person_who_puts_the_link_in_the_place_of_a_room_leaves_no_room(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL, zoom_url=ZOOM, location="Room 7")
    event = event_id(stage.crm.synced("t1"))

    anna.person.edit(event, location=ZOOM)

    assert stage.crm.synced("t1", location=None)["zoom_url"] == ZOOM
    assert anna.person.get(event)["location"] == ZOOM


def test_a24_guests_see_the_link(stage: Stage) -> None:
    anna = stage.connect()

    stage.crm.put("t1", **CALL, zoom_url=ZOOM, attendees=[{"email": "bob@elsewhere.example"}])

    assert "zoom.example" in anna.person.event(stage.crm.synced("t1"))["description"]


def test_a24_a_changed_link_moves_along_and_a_cleared_one_goes(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL, zoom_url=ZOOM)
    stage.crm.synced("t1")

    stage.crm.put("t1", zoom_url="https://zoom.example/j/456")
    moved = anna.person.event(stage.crm.synced("t1", zoom_url="https://zoom.example/j/456"))
    assert moved["location"] == "https://zoom.example/j/456"
    assert "456" in moved["description"]
    assert "123" not in moved["description"]

    stage.crm.put("t1", zoom_url=None)
    gone = anna.person.event(stage.crm.synced("t1", zoom_url=None))
    assert "zoom" not in str((gone.get("location"), gone.get("description")))
