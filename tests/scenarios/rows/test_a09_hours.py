"""A9: only what starts in the hours and on the days syncs, on the calendar's clock, both ways and when they change."""

from __future__ import annotations

from tests.scenarios.rows.scene import CALL, MONDAY, at, changed, event_id, summaries
from tests.scenarios.stage import Stage

OFFICE = {"from": "08:00", "to": "18:00", "days": [1, 2, 3, 4, 5]}


def starting(hour: int, *, days: int = 0, title: str) -> dict[str, object]:
    times = {"start": at(hour, days=days).isoformat(), "end": at(hour + 1, days=days).isoformat()}
    return {**CALL, "title": title, **times}


def test_a09_what_starts_outside_stays_on_its_side(stage: Stage) -> None:
    anna = stage.connect(settings={"hours": OFFICE, "import_external": "all"})

    stage.crm.put("early", **starting(7, title="Run"))
    stage.crm.put("day", **starting(8, title="Coffee"))
    stage.crm.put("sunday", **starting(10, days=6, title="Church"))
    stage.crm.put("whole", user_id="anna", title="Fair", start=str(MONDAY))
    anna.person.create("Late show", at(18))
    anna.person.create("Last call", at(17))

    assert stage.crm.told("task.created", origin="google")["task"]["title"] == "Last call"
    for name in ("early", "sunday"):
        assert stage.crm.synced(name, "off")["sync_state"]["reason"] == "hours"
    stage.crm.synced("day")
    stage.crm.synced("whole")
    assert summaries(anna) == ["Coffee", "Fair", "Last call", "Late show"]
    assert "Late show" not in {task["title"] for task in stage.crm.ok("GET", "/v1/tasks")["data"]}


def test_a09_a_task_that_is_moved_out_of_the_hours_loses_its_event_and_comes_back(stage: Stage) -> None:
    anna = stage.connect(settings={"hours": OFFICE})
    stage.crm.put("t1", **starting(10, title="Call"))
    stage.crm.synced("t1")

    stage.crm.put("t1", start=at(20).isoformat(), end=at(21).isoformat())
    stage.crm.synced("t1", "off")
    assert summaries(anna) == []

    stage.crm.put("t1", start=at(11).isoformat(), end=at(12).isoformat())
    assert anna.person.event(stage.crm.synced("t1"))["status"] == "confirmed"


def test_a09_narrower_hours_take_ours_out_and_leave_a_persons(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    anna.person.create("Dinner", at(20))
    dinner = stage.crm.told("task.created", origin="google")["task"]["id"]
    stage.crm.put("late", **starting(19, title="Late call"))
    stage.crm.put("day", **starting(10, title="Call"))
    for name in ("late", "day"):
        stage.crm.synced(name)

    changed(anna, hours=OFFICE)

    assert summaries(anna) == ["Call", "Dinner"]
    assert {stage.crm.task(name)["sync_state"]["reason"] for name in ("late", dinner)} == {"hours"}

    anna.person.edit(event_id(stage.crm.task(dinner)), summary="Supper")
    anna.sync()
    assert stage.crm.task(dinner)["title"] == "Dinner"

    changed(anna, hours=None)

    assert summaries(anna) == ["Call", "Late call", "Supper"]
    assert stage.crm.synced(dinner)["title"] == "Supper"


def test_a09_a_person_who_drags_an_event_out_of_the_hours_keeps_it_and_may_drag_it_back(stage: Stage) -> None:
    anna = stage.connect(settings={"hours": OFFICE})
    stage.crm.put("t1", **starting(10, title="Call"))
    event = event_id(stage.crm.synced("t1"))

    anna.person.move(event, at(20))
    assert stage.crm.synced("t1", "off")["start"] == at(20).isoformat()
    anna.sync()
    assert summaries(anna) == ["Call"]

    anna.person.edit(event, start=at(12), end=at(13), summary="Lunch")
    assert stage.crm.synced("t1", title="Lunch")["start"] == at(12).isoformat()
    stage.crm.put("t1", location="Verona")
    stage.crm.synced("t1", location="Verona")
    assert anna.person.get(event)["location"] == "Verona"
