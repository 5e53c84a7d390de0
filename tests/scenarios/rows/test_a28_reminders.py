"""A28: several reminders, none, or the calendar's own, both ways."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.rows.scene import CALL, event_id
from tests.scenarios.stage import Stage

POPUP, MAIL = {"method": "popup", "minutes": 10}, {"method": "email", "minutes": 1440}
SENT: list[tuple[Any, dict[str, Any]]] = [
    ([POPUP, MAIL], {"useDefault": False, "overrides": [POPUP, MAIL]}),
    ([], {"useDefault": False}),
    (None, {"useDefault": True}),
]


@pytest.mark.parametrize(("reminders", "shown"), SENT, ids=["several", "none", "the calendar's own"])
def test_a28_the_crm_s_reminders_stand_in_google(stage: Stage, reminders: Any, shown: dict[str, Any]) -> None:  # noqa: ANN401 - JSON
    anna = stage.connect()

    stage.crm.put("t1", **CALL, reminders=reminders)

    assert anna.person.event(stage.crm.synced("t1"))["reminders"] == shown


@pytest.mark.parametrize(("reminders", "shown"), SENT, ids=["several", "none", "the calendar's own"])
def test_a28_they_are_changed_from_whatever_they_were(stage: Stage, reminders: Any, shown: dict[str, Any]) -> None:  # noqa: ANN401 - JSON
    anna = stage.connect()
    stage.crm.put("t1", **CALL, reminders=[{"method": "popup", "minutes": 45}])
    stage.crm.synced("t1")

    version = stage.crm.put("t1", reminders=reminders)["version"]

    assert anna.person.event(stage.crm.synced("t1", version=version))["reminders"] == shown


@pytest.mark.parametrize(("reminders", "shown"), SENT, ids=["several", "none", "the calendar's own"])
def test_a28_a_person_s_reminders_reach_the_crm(stage: Stage, reminders: Any, shown: dict[str, Any]) -> None:  # noqa: ANN401 - JSON
    anna = stage.connect()
    stage.crm.put("t1", **CALL, reminders=[{"method": "popup", "minutes": 45}])
    task = stage.crm.synced("t1")

    anna.person.edit(event_id(task), reminders={"overrides": None} | shown)

    assert stage.crm.synced("t1", reminders=reminders)


def test_a28_reminders_that_the_crm_never_sent_are_left_as_they_are(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    made = anna.person.create("Lunch", reminders={"useDefault": False, "overrides": [POPUP]})
    task = stage.crm.told("task.created", origin="google")["task"]

    stage.crm.put(task["id"], title="Dinner")
    stage.crm.synced(task["id"], title="Dinner")

    assert anna.person.get(made["id"])["reminders"] == {"useDefault": False, "overrides": [POPUP]}
