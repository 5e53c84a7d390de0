"""What waited goes out; a changed setting acts on what exists, and the brake is asked first."""

import pytest

from shared.model.ids import ConnectionId
from shared.usecases.connecting.change_connection import change_connection
from tests.unit.usecases.runs.stage import Stage

HOURS: dict[str, object] = {"hours": {"from": "08:00", "to": "09:00"}}
ALL_DAY_LONG: dict[str, object] = {"hours": None}


def _change(stage: Stage, *, paused: bool | None = None, settings: dict[str, object] | None = None) -> None:
    change_connection(stage.world, stage.tenant, ConnectionId("c-anna"), settings=settings or {}, paused=paused)
    stage.drain()


def _synced(stage: Stage, number: int) -> None:
    stage.connect()
    for each in range(number):
        stage.put(f"t{each:02d}", day=2 + each % 20)
    stage.drain()


def test_a_batch_goes_out_by_one_run(stage: Stage) -> None:
    stage.connect()
    for number in range(30):
        stage.put(f"t{number:02d}", send=False)
    stage.start("backlog", reason="batch")

    assert len(stage.sim.queue.waiting) == 1
    stage.drain()
    assert len(stage.titles()) == 30


def test_a_batch_mails_guests_where_the_tenant_asked_for_it(stage: Stage) -> None:
    stage.connect(notify_guests="all")
    stage.put("meeting", send=False, attendees=[{"email": "guest@example.com"}])

    stage.run("backlog", reason="batch")

    assert [mail.to for mail in stage.sim.google.mails] == ["guest@example.com"]


def test_an_event_that_no_longer_qualifies_is_removed(stage: Stage) -> None:
    _synced(stage, 3)

    _change(stage, settings=HOURS)

    assert (stage.titles(), stage.state("t00")) == ([], ("off", "hours"))


def test_what_qualifies_again_goes_out_as_the_next_generation(stage: Stage) -> None:
    _synced(stage, 3)
    _change(stage, settings=HOURS)

    _change(stage, settings=ALL_DAY_LONG)

    assert (stage.titles(), stage.sim.task("t00").sync.generation) == (["t00", "t01", "t02"], 1)


def test_a_new_template_reaches_events_that_exist(stage: Stage) -> None:
    stage.connect(description_format="text")
    stage.put("call", description="about the house")
    stage.drain()

    _change(stage, settings={"description_template": "{description} (from the CRM)"})

    assert "(from the CRM)" in stage.anna.events()[0]["description"]


def test_an_event_made_in_google_is_left_and_its_task_is_off(stage: Stage) -> None:
    stage.connect(import_external="all")
    stage.anna.create("dentist", "2026-07-02T15:00:00+02:00")
    stage.run("sync")
    (task,) = stage.sim.tasks()
    assert task.sync.state == "synced"

    _change(stage, settings=HOURS)

    assert (stage.titles(), stage.state(task.id)) == (["dentist"], ("off", "hours"))


def test_a_change_that_would_remove_many_events_is_held_and_removes_none(stage: Stage) -> None:
    _synced(stage, 12)

    _change(stage, settings=HOURS)

    assert (len(stage.titles()), stage.connection().status) == (12, "needs_review")


def test_what_a_change_would_remove_is_listed_and_told_once(stage: Stage) -> None:
    _synced(stage, 12)

    _change(stage, settings=HOURS)

    held = stage.view(stage.connection().review)  # type: ignore[arg-type]
    assert (held.state, held.totals["google"]["delete"], len(held.items)) == ("held", 12, 12)
    assert len(stage.changes("connection.needs_review")) == 1


def test_a_quarter_of_many_events_may_go_unasked(stage: Stage) -> None:
    _synced(stage, 4)
    for number in range(44):
        stage.put(f"early{number}", start="2026-07-02T08:10:00+02:00", end="2026-07-02T08:20:00+02:00")
    stage.drain()

    _change(stage, settings=HOURS)

    assert (len(stage.titles()), stage.connection().status) == (44, "active")


def test_a_change_that_would_make_more_than_200_events_is_held(stage: Stage) -> None:
    stage.connect(auto_sync=False)
    for number in range(201):
        stage.put(f"t{number:03d}")
    stage.drain()

    _change(stage, settings={"auto_sync": True})

    assert (stage.titles(), stage.connection().status) == ([], "needs_review")


def test_edits_made_while_a_connection_was_paused_go_out_when_it_goes_on(stage: Stage) -> None:
    _synced(stage, 1)
    _change(stage, paused=True)
    stage.put("t00", title="edited")
    stage.put("new")
    stage.drain()
    assert stage.titles() == ["t00"]

    _change(stage, paused=False)

    assert stage.titles() == ["edited", "new"]


def test_a_task_deleted_while_its_connection_was_paused_loses_its_event_when_it_goes_on(stage: Stage) -> None:
    _synced(stage, 2)
    _change(stage, paused=True)
    stage.sim.crm(stage.tenant).delete("t00")
    stage.drain()

    _change(stage, paused=False)

    assert stage.titles() == ["t01"]


def test_a_calendar_that_rested_with_its_connection_is_due_again(stage: Stage) -> None:
    _synced(stage, 1)
    _change(stage, paused=True)
    stage.later(90_000)
    stage.sweep("calendars")
    assert stage.sim.shelf("anna@example.com", "c-anna").due_at is None

    change_connection(stage.world, stage.tenant, ConnectionId("c-anna"), settings={}, paused=False)
    stage.do(next(each for each in stage.sim.queue.due() if each.job.function == "run_step"))

    assert stage.sim.shelf("anna@example.com", "c-anna").due_at is not None


@pytest.mark.parametrize("reason", ["batch", "settings", "resume"])
def test_a_backlog_of_a_connection_that_does_not_work_ends_and_touches_nothing(stage: Stage, reason: str) -> None:
    _synced(stage, 1)
    _change(stage, paused=True)
    stage.put("new", send=False)

    run = stage.run("backlog", reason=reason)

    assert (run.state, stage.titles()) == ("done", ["t00"])
