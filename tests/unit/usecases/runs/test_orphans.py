"""The half-hourly comparison: tasks without event, events without task, each proved before anything is done."""

import pytest

from infra.simulator.model import Fault
from shared.google.requests import PARAMETERS, EventsRequest
from shared.model.ids import CalendarId, TaskId, calendar_path, connection_path, event_id_of, task_path
from shared.ports import Delete, Patch
from shared.usecases.inbound import sweep_orphans
from shared.usecases.inbound.sweep_orphans import SweptOrphans
from tests.simulation.sim import ANNA, BEN
from tests.unit.usecases.runs.stage import Stage


def _synced(stage: Stage, number: int = 1) -> None:
    stage.connect()
    for each in range(number):
        stage.put(f"t{each:02d}", day=2 + each % 20)
    stage.drain()
    stage.run("sync")


def _skips_ahead(stage: Stage) -> None:
    """The cursor moved past what happened: no pull will ever tell."""
    page = stage.world.google.calendar(stage.sim.google.access_token(ANNA))
    token = page.list(EventsRequest(calendar_id=CalendarId(ANNA))).sync_token
    path = calendar_path(stage.tenant, stage.connection().id, CalendarId(ANNA))
    stage.store.commit([Patch(path=path, fields={"sync_token": token, "token_parameters": PARAMETERS})])


def _swept(stage: Stage) -> SweptOrphans:
    found = stage.sweep("orphans")
    assert isinstance(found, SweptOrphans)
    stage.drain()
    return found


def test_a_task_whose_event_is_gone_is_found_and_judged_by_policy(stage: Stage) -> None:
    _synced(stage)
    stage.anna.delete(str(stage.sim.task("t00").sync.event_id))
    _skips_ahead(stage)

    found = _swept(stage)

    assert (found.healed, stage.sim.task("t00").content.status) == (1, "cancelled")


def test_an_edit_that_no_pull_told_is_taken_in(stage: Stage) -> None:
    _synced(stage)
    stage.later(60)
    stage.anna.edit(str(stage.sim.task("t00").sync.event_id), summary="edited")
    _skips_ahead(stage)

    _swept(stage)

    assert stage.sim.task("t00").content.title == "edited"


def test_the_event_of_a_deleted_task_goes(stage: Stage) -> None:
    _synced(stage)
    stage.sim.crm(stage.tenant).delete("t00")
    stage.sim.queue.waiting.clear()
    stage.store.commit([Patch(path=task_path(stage.tenant, TaskId("t00")), fields={"due_at": None})])

    _swept(stage)
    stage.sweep("tasks")
    stage.drain()

    assert stage.titles() == []


def test_many_missing_events_are_held_and_nothing_is_cancelled(stage: Stage) -> None:
    _synced(stage, 12)
    for task in stage.sim.tasks():
        stage.anna.delete(str(task.sync.event_id))
    _skips_ahead(stage)

    found = _swept(stage)

    assert (found.held, stage.connection().status) == (1, "needs_review")
    assert {task.content.status for task in stage.sim.tasks()} == {"open"}


def test_an_event_with_a_marker_that_no_task_proves_is_left_alone_and_counted(stage: Stage) -> None:
    _synced(stage)
    stage.store.commit([Delete(path=task_path(stage.tenant, TaskId("t00")))])

    found = _swept(stage)

    assert (found.strangers, stage.titles()) == (1, ["t00"])
    assert ("sweep", "marked_events_without_task") in {line[:2] for line in stage.sim.log.lines}


def test_a_copy_that_a_person_made_is_left_alone(stage: Stage) -> None:
    _synced(stage)
    event = stage.anna.get(str(stage.sim.task("t00").sync.event_id))
    stage.anna.create("t00 again", "2026-07-09T10:00:00+02:00", extendedProperties=event["extendedProperties"])

    found = _swept(stage)

    assert (found.strangers, stage.titles()) == (1, ["t00", "t00 again"])


def test_an_event_that_shares_the_icaluid_of_a_tasks_event_is_no_earlier_one(stage: Stage) -> None:
    calendars = stage.sim.google.ctx.world.calendars.values()
    second = next(each.id for each in calendars if each.owner == ANNA and each.id != ANNA)
    stage.sim.connect(stage.tenant, "anna", ANNA, watch=[ANNA, second])
    stage.put("t00")
    stage.drain()
    event = stage.anna.get(str(stage.sim.task("t00").sync.event_id))
    shared = {name: event[name] for name in ("iCalUID", "extendedProperties")}
    copy = stage.anna.create("t00 of an ICS file", "2026-07-09T10:00:00+02:00", calendar=second, **shared)

    found = _swept(stage)

    assert found.strangers == 1
    assert stage.anna.get(copy["id"], calendar=second)["extendedProperties"] == event["extendedProperties"]
    assert f"u:{event['iCalUID']}" in stage.sim.task("t00").sync.keys


def test_an_event_of_an_earlier_generation_that_no_mapping_names_goes(stage: Stage) -> None:
    _synced(stage)
    path = task_path(stage.tenant, TaskId("t00"))
    second = event_id_of(stage.world.deployment, stage.tenant, TaskId("t00"), 1)
    fields = {"sync.generation": 1, "sync.event_id": second, "sync.etag": None, "sync.state": "pending"}
    document = stage.store.get_many([path])[path]
    assert document is not None
    uid = [key for key in document.data["sync"]["keys"] if key.startswith("u:")]  # type: ignore[index]
    stage.store.commit([Patch(path=path, fields={**fields, "sync.keys": [f"e:c-anna:{second}", *uid]})])

    _swept(stage)
    stage.later(200)

    assert stage.sim.seen(ANNA, ANNA, event_id_of(stage.world.deployment, stage.tenant, TaskId("t00"), 0)) is None


def test_a_foreign_event_is_not_imported_by_the_comparison(stage: Stage) -> None:
    stage.connect(import_external="all")
    stage.anna.create("dentist", "2026-07-03T15:00:00+02:00")

    _swept(stage)

    assert stage.sim.tasks() == []


def test_everything_in_step_costs_no_write_to_google(stage: Stage) -> None:
    _synced(stage, 3)
    stage.counted()

    found = _swept(stage)

    calls = stage.counted()
    assert (found.calendars, found.healed) == (1, 0)
    assert {name for name in calls if name.startswith("google.")} == {"google.list"}
    assert "queue.enqueue" not in calls


def test_each_calendar_has_its_turn(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_orphans, "CALENDARS", 1)
    _synced(stage)
    stage.connect("ben", BEN)
    stage.put("bens", user="ben")
    stage.drain()
    for person, task in ((stage.anna, "t00"), (stage.ben, "bens")):
        person.delete(str(stage.sim.task(task).sync.event_id))

    one = _swept(stage)
    other = _swept(stage)

    assert (one.healed, other.healed) == (1, 1)


def test_the_turn_begins_again_behind_the_last_calendar(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_orphans, "CALENDARS", 1)
    _synced(stage)
    _swept(stage)
    assert _swept(stage).calendars == 0

    assert _swept(stage).calendars == 1


def test_a_calendar_that_cannot_be_read_now_does_not_stop_the_others(stage: Stage) -> None:
    _synced(stage)
    stage.connect("ben", BEN)
    stage.sim.google.add_fault(Fault(effect="backendError503", method="GET", path="/events", account=ANNA))

    found = _swept(stage)

    assert (found.failed, found.calendars) == (1, 1)


def test_a_connection_that_waits_for_a_person_is_left_alone(stage: Stage) -> None:
    _synced(stage)
    path = connection_path(stage.tenant, stage.connection().id)
    stage.store.commit([Patch(path=path, fields={"status": "needs_review"})])

    assert _swept(stage).calendars == 0


def test_an_occurrence_that_no_pull_told_is_taken_in_and_no_stranger(stage: Stage) -> None:
    stage.connect()
    stage.put("t1", time_zone="Europe/Berlin", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    stage.drain()
    stage.run("sync")
    second = min(each["id"] for each in stage.anna.events() if each["id"].count("_")).rpartition("_")[0]
    instances = sorted(each["id"] for each in stage.anna.events() if each["id"].startswith(f"{second}_"))
    stage.later(60)
    stage.anna.edit(instances[1], summary="edited")
    _skips_ahead(stage)

    found = _swept(stage)

    (occurrence,) = stage.sim.task("t1").occurrences.values()
    assert (occurrence.content.title, found.strangers) == ("edited", 0)
