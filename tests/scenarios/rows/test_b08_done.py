"""B8: a finished task looks finished, in five ways, and reopening restores title, colour, time and event."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.rows.scene import CALL, changed, event_id, summaries
from tests.scenarios.stage import Connected, Stage, eventually

LOOKS = ("summary", "colorId", "transparency", "status")
WAYS: list[tuple[str, dict[str, str]]] = [
    ("keep", {}),
    ("check", {"summary": "✓ Call Bob"}),
    ("color", {"colorId": "8"}),
    ("free", {"transparency": "transparent"}),
    ("delete", {"status": "cancelled"}),
]


def looks(anna: Connected, task: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    event = anna.person.event(task)
    return {name: event.get(name) for name in LOOKS}


def finished(stage: Stage, status: str) -> Any:  # noqa: ANN401 - JSON
    stage.crm.put("t1", status=status)
    return eventually(lambda: settled(stage), what=f"settled as {status}")


def settled(stage: Stage) -> Any:  # noqa: ANN401 - JSON
    task = stage.crm.task("t1")
    return task if task["sync_state"]["state"] in {"synced", "off"} else None


@pytest.mark.parametrize(("way", "shown"), WAYS)
def test_b08_a_finished_task_shows_it_and_reopening_restores_it(stage: Stage, way: str, shown: dict[str, str]) -> None:
    anna = stage.connect(settings={"on_done": way})
    stage.crm.put("t1", **CALL, type="call", status="open")
    anna.person.edit(event_id(stage.crm.synced("t1")), colorId="6")
    anna.sync()
    before = looks(anna, stage.crm.task("t1"))

    done = finished(stage, "done")
    assert looks(anna, done) == before | shown
    again = finished(stage, "open")

    assert looks(anna, again) == before
    assert (event_id(again) == event_id(done)) is (way != "delete")


def test_b08_the_mark_is_no_edit_of_the_title(stage: Stage) -> None:
    anna = stage.connect(settings={"on_done": "check"})
    stage.crm.put("t1", **CALL, status="done")
    event = event_id(stage.crm.synced("t1"))

    anna.person.edit(event, summary="✓ Visit Bob")
    assert stage.crm.synced("t1", title="Visit Bob")["status"] == "done"
    stage.crm.put("t1", status="open")

    stage.crm.synced("t1", status="open")
    assert anna.person.get(event)["summary"] == "Visit Bob"


def test_b08_another_way_changes_what_is_finished_already(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL, status="done")
    stage.crm.put("t2", **CALL | {"title": "Open"}, status="open")
    for name in ("t1", "t2"):
        stage.crm.synced(name)

    seen = []
    for way in ("check", "free", "delete", "keep"):
        changed(anna, on_done=way)
        seen.append(summaries(anna))

    assert seen == [["Open", "✓ Call Bob"], ["Call Bob", "Open"], ["Open"], ["Call Bob", "Open"]]


@pytest.mark.parametrize(
    ("policy", "status", "left"),
    [("cancel_task", "cancelled", []), ("unlink", "open", []), ("recreate", "open", ["Call Bob"])],
)
def test_b08_what_a_person_deletes_is_cancelled_unlinked_or_made_again(
    stage: Stage, policy: str, status: str, left: list[str]
) -> None:
    anna = stage.connect(settings={"on_google_delete": policy})
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))

    anna.person.delete(event)

    eventually(lambda: handled(stage, event), what="handled")
    task = settled(stage)
    assert task["status"] == status
    assert summaries(anna) == left
    stage.crm.put("t1", title="Visit")
    eventually(lambda: settled(stage), what="settled")
    anna.sync()
    assert summaries(anna) == (["Visit"] if left else [])


def handled(stage: Stage, event: str) -> bool:
    task = settled(stage)
    return task is not None and (task["sync_state"]["state"] == "off" or event_id(task) != event)
