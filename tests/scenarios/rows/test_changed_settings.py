"""A7 to A10, A22, A27: a changed setting is previewed, acts on what exists, and is held by the brake if it is much."""

from __future__ import annotations

from typing import Any

from tests.scenarios.rows.scene import CALL, at, changed, ended, summaries
from tests.scenarios.stage import Connected, Stage, eventually

TASKS = [f"t{number}" for number in range(14)]
ACCOUNT_OF_CHANGES: list[tuple[dict[str, Any], dict[str, int]]] = [
    ({"private_events": "skip"}, {"delete": 1}),
    ({"private_events": "sync"}, {"create": 1, "update": 1}),
    ({"auto_sync": False}, {"delete": 5}),
    ({"auto_sync": True}, {"create": 5, "update": 2}),
    ({"colors": {"call": "#d50000", "task": "#10B981"}}, {"update": 1}),
    ({"hours": {"from": "11:00", "to": "18:00"}}, {"delete": 4}),
    ({"hours": None}, {"create": 4}),
    ({"on_done": "check"}, {"update": 1}),
    ({"on_done": "delete"}, {"delete": 1}),
    ({"on_done": "keep"}, {"create": 1}),
    ({"default_duration": {"timed_min": 45}}, {"update": 1}),
    ({"description_template": "{description}"}, {"update": 7}),
    ({"window": {"future_days": 365}}, {"create": 1}),
]
"""One after another, each with what it does to the events of `mixed`."""


def full(stage: Stage) -> Connected:
    """Fourteen tasks in the calendar, and one that a person's event became."""
    anna = stage.connect(settings={"import_external": "all"})
    anna.person.create("Lunch", at(12))
    for name in TASKS:
        stage.crm.put(name, **CALL | {"title": name})
    for name in TASKS:
        stage.crm.synced(name)
    anna.sync()
    return anna


def preview(anna: Connected, **settings: object) -> Any:  # noqa: ANN401 - JSON
    crm = anna.stage.crm
    run = crm.ok("POST", f"/v1/connections/{anna.id}/preview", {"settings": settings})["run_id"]
    return crm.finished(run)


def test_a07_a_change_is_previewed_before_it_is_made_and_looking_changes_nothing(stage: Stage) -> None:
    anna = full(stage)

    run = preview(anna, direction="from_google")

    assert (run["totals"]["google"]["delete"], run["state"]) == (14, "done")
    assert {item["task_id"] for item in run["items"] if item["action"] == "delete"} == set(TASKS)
    assert {item["reason"] for item in run["items"]} == {"direction"}
    assert "POST …/review" in run["detail"]
    assert len(summaries(anna)) == 15
    assert anna.now()["settings"]["direction"] == "both"


def test_a09_what_a_preview_tells_is_what_the_change_does(stage: Stage) -> None:
    anna = full(stage)
    stage.crm.put("t1", start=at(20).isoformat(), end=at(21).isoformat())
    stage.crm.synced("t1")
    hours = {"from": "09:00", "to": "11:00"}

    told = preview(anna, hours=hours)
    done = changed(anna, hours=hours)

    left = [item["title"] for item in told["items"] if item["action"] == "skip"]
    assert (left, told["detail"]) == (["Lunch"], None)
    assert told["totals"]["google"]["delete"] == done["totals"]["google"]["delete"] == 1
    assert "t1" not in summaries(anna)


def mixed(stage: Stage) -> Connected:
    """A private task, a call, a finished one, one without end and one of whole days; one waits outside the window.

    Beside them a person's lunch, and a private appointment, which both are tasks.
    """
    far = {"title": "A late one", "start": at(10, days=80).isoformat(), "end": at(11, days=80).isoformat()}
    stage.crm.put("late", **CALL | far)
    anna = stage.connect(settings={"import_external": "all", "window": {"future_days": 60}})
    anna.person.create("Lunch", at(12))
    anna.person.create("Dentist", at(15), visibility="private")
    tasks: dict[str, dict[str, Any]] = {
        "private": {"private": True},
        "call": {"type": "call"},
        "done": {"status": "done"},
        "endless": {"end": None},
        "days": {"start": str(at(0).date()), "end": None},
    }
    for name, content in tasks.items():
        stage.crm.put(name, **CALL | {"title": f"A {name} one"} | content)
    for name in tasks:
        stage.crm.synced(name)
    anna.sync()
    return anna


def test_a10_a_preview_of_any_setting_tells_what_its_change_does(stage: Stage) -> None:
    anna = mixed(stage)

    for settings, events in ACCOUNT_OF_CHANGES:
        before = len(summaries(anna))
        told = preview(anna, **settings)["totals"]["google"]
        done = changed(anna, **settings)["totals"]["google"]

        assert {name: number for name, number in told.items() if number and name != "skip"} == events, settings
        assert len(summaries(anna)) - before == events.get("create", 0) - events.get("delete", 0), settings
        assert sum(done.values()) == sum(told.values()), settings
        assert done["skip"] - told["skip"] <= 1, settings  # what its own job was faster to send


def test_a07_a_change_that_would_empty_a_calendar_is_held_and_can_be_taken_back(stage: Stage) -> None:
    anna = full(stage)

    stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"settings": {"direction": "from_google"}})
    held = stage.crm.told("connection.needs_review", connection_id=anna.id)["run_id"]
    assert len(stage.crm.ok("GET", f"/v1/runs/{held}")["items"]) == 14
    anna.person.edit(anna.person.event(stage.crm.task("t1"))["id"], summary="renamed while held")
    stage.crm.synced("t1", title="renamed while held")
    assert len(summaries(anna)) == 15
    stage.crm.ok("POST", f"/v1/connections/{anna.id}/review", {"decision": "discard"})

    eventually(lambda: anna.now()["status"] == "active", what="active")
    assert anna.now()["settings"]["direction"] == "both"
    assert len(summaries(anna)) == 15


def test_a22_a_tenants_changed_default_reaches_its_connections_and_no_others(stage: Stage) -> None:
    anna, ben = stage.connect("anna"), stage.connect("ben", settings={"auto_sync": True})
    for user, task in (("anna", "t1"), ("ben", "t2")):
        stage.crm.put(task, **CALL | {"user_id": user})
        stage.crm.synced(task)

    stage.crm.ok("PATCH", "/v1/tenant", {"settings": {"auto_sync": False}})
    ended(anna, "backlog")

    assert (summaries(anna), summaries(ben)) == ([], ["Call Bob"])
    assert stage.crm.task("t1")["sync_state"]["reason"] == "not_selected"


def test_a07_a_default_that_contradicts_what_a_connection_sets_itself_is_told_with_what_to_change(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})

    stage.crm.ok("PATCH", "/v1/tenant", {"settings": {"direction": "to_google"}})

    def of_the_tenant() -> Any:  # noqa: ANN401 - JSON
        told = [each["run_id"] for each in stage.crm.changes() if each["kind"] == "run.finished"]
        runs = [stage.crm.ok("GET", f"/v1/runs/{run}") for run in told]
        return next((run for run in runs if run["connection_id"] is None), None)

    reasons = [item["reason"] for item in eventually(of_the_tenant, what="the tenant's run")["items"]]
    assert len(reasons) == 1
    assert reasons[0].startswith(f"{anna.id}: /settings/import_external: ")
    assert "send `off`" in reasons[0]
