"""A27: colours by type as the nearest of Google's eleven; one that a person chose by hand survives."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.rows.scene import CALL, at, changed, event_id
from tests.scenarios.stage import Connected, Stage

BY_TYPE = {"call": "3", "email": "9", "meeting": "11", "task": "10", "follow_up": "5"}
"""Grape, Blueberry, Tomato, Basil, Banana."""


def color(anna: Connected, task: Any) -> Any:  # noqa: ANN401 - JSON
    return anna.person.event(task).get("colorId")


def test_a27_each_type_has_its_color_and_a_task_its_own(stage: Stage) -> None:
    anna = stage.connect()
    tasks = [{"id": kind, **CALL, "type": kind} for kind in BY_TYPE]
    tasks += [
        {"id": "own", **CALL, "type": "call", "color": "#00ff00"},
        {"id": "grey", **CALL, "color": "#777777"},
        {"id": "other", **CALL, "type": "visit"},
    ]

    stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": tasks})

    shown = {task["id"]: color(anna, stage.crm.synced(str(task["id"]))) for task in tasks}
    assert shown == {**BY_TYPE, "own": "10", "grey": "8", "other": None}


def test_a27_changed_colors_repaint_what_exists_but_not_what_a_person_painted(stage: Stage) -> None:
    anna = stage.connect()
    for name in ("t1", "t2"):
        stage.crm.put(name, **CALL, type="call")
        stage.crm.synced(name)
    by_hand = event_id(stage.crm.task("t2"))
    anna.person.edit(by_hand, colorId="6")
    anna.sync()

    changed(anna, colors={"call": "#d50000"})

    assert color(anna, stage.crm.synced("t1")) == "11"
    assert color(anna, stage.crm.synced("t2")) == "6"
    stage.crm.put("t2", title="Visit", type="meeting")
    assert color(anna, stage.crm.synced("t2", title="Visit")) is None
    assert anna.now()["settings"]["colors"] == {"call": "#d50000"}


@pytest.mark.parametrize("edit", [{"title": "Visit"}, {"status": "done"}, {"notes": "Bring plans"}])
def test_a27_a_color_by_hand_survives_edits_of_the_crm(stage: Stage, edit: dict[str, str]) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL, type="call")
    anna.person.edit(event_id(stage.crm.synced("t1")), colorId="6")

    stage.crm.put("t1", **edit)

    name, value = next(iter(edit.items()))
    assert color(anna, stage.crm.synced("t1", **{name: value})) == "6"


def test_a27_an_imported_event_tells_its_color_and_keeps_it(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})

    made = anna.person.create("Lunch", at(12), colorId="6")

    task = stage.crm.told("task.created", origin="google")["task"]
    assert task["color"] == "#f4511e"
    stage.crm.put(task["id"], title="Dinner")
    stage.crm.synced(task["id"], title="Dinner")
    assert anna.person.get(made["id"])["colorId"] == "6"
