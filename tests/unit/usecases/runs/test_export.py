"""All future tasks out, and what a backlog sends: paced, resumable, told."""

from datetime import timedelta

import pytest

from infra.simulator.model import Fault
from infra.simulator.settings import Quota, SimSettings
from shared.model.ids import run_path
from shared.ports import Patch
from shared.usecases.runs import pace, run_outbound
from shared.usecases.runs.pace import ROOM_FOR
from tests.simulation.sim import ANNA, BEN
from tests.unit.usecases.runs.stage import Stage

GUEST = [{"email": "guest@example.com"}]


@pytest.fixture
def small_share(monkeypatch: pytest.MonkeyPatch) -> int:
    """A user's minute holds little, so that it is soon spent."""
    monkeypatch.setattr(pace, "UNITS_A_MINUTE", 40)
    return 40


def test_tasks_written_before_their_user_connected_go_out(stage: Stage) -> None:
    stage.put("call")
    stage.put("visit", day=3)
    stage.connect()

    run = stage.run("export")

    assert (run.state, stage.titles()) == ("done", ["call", "visit"])


def test_a_task_before_the_window_stays_and_says_so(stage: Stage) -> None:
    stage.put("old", start="2026-06-01", end="2026-06-02")
    stage.connect()

    stage.run("export")

    assert stage.state("old") == ("off", "window")


def test_a_series_that_began_long_ago_and_goes_on_is_exported(stage: Stage) -> None:
    stage.put(
        "weekly",
        start="2026-01-05T09:00:00",
        end="2026-01-05T10:00:00",
        time_zone="Europe/Berlin",
        recurrence=["RRULE:FREQ=WEEKLY"],
    )
    stage.connect()

    stage.run("export")

    assert stage.state("weekly") == ("synced", None)


def test_what_is_in_step_is_counted_and_not_listed(stage: Stage) -> None:
    stage.connect()
    stage.put("call")
    stage.drain()

    run = stage.run("export")

    assert (run.totals["google"]["skip"], run.items) == (1, ())


def test_a_second_export_writes_nothing_to_google(stage: Stage) -> None:
    stage.put("call")
    stage.connect()
    stage.run("export")
    stage.counted()

    stage.run("export")

    assert not [call for call in stage.counted() if call.startswith("google.")]


def test_guests_get_no_mail_from_an_export(stage: Stage) -> None:
    stage.put("meeting", attendees=GUEST)
    stage.connect(notify_guests="all")

    stage.run("export")

    assert (stage.titles(), stage.sim.google.mails) == (["meeting"], [])


def test_guests_hear_of_a_meeting_that_was_made_while_an_export_went_on(stage: Stage) -> None:
    stage.connect(notify_guests="all")
    stage.start("export")
    stage.clock.time += timedelta(seconds=1)

    stage.put("meeting", attendees=GUEST, send=False)
    stage.drain()

    assert [(mail.to, mail.kind) for mail in stage.sim.google.mails] == [("guest@example.com", "invitation")]


def test_pages_of_another_connections_tasks_are_passed_over(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_outbound, "PAGE", 1)
    stage.connect()
    stage.sim.connect(stage.tenant, "anna", BEN, name="c-second")
    for number in range(4):
        stage.put(f"t{number}", connection_id="c-second" if number % 2 else "c-anna")
    stage.drain()

    run = stage.run("export")

    assert (run.state, run.done) == ("done", 4)


def test_another_users_tasks_do_not_go_into_this_calendar(stage: Stage) -> None:
    stage.put("mine")
    stage.put("theirs", user="ben")
    stage.connect()

    stage.run("export")

    assert stage.titles() == ["mine"]


def test_the_end_of_a_run_is_told_with_its_id(stage: Stage) -> None:
    stage.connect()

    run = stage.run("export")

    assert [(each.run_id, each.user_id) for each in stage.changes("run.finished")] == [(run.id, "anna")]


def test_a_task_that_google_refuses_is_listed_with_the_reason_and_stops_no_other(stage: Stage) -> None:
    stage.put("a")
    stage.put("b")
    stage.connect()
    stage.sim.google.add_fault(Fault(effect="forbidden", method="POST", path="/events", count=1))

    run = stage.run("export")

    assert (run.state, len(stage.titles())) == ("done", 1)
    assert [each.reason for each in run.items if each.action == "skip"] == ["forbidden"]


def test_a_throttled_export_waits_as_google_asked_and_ends(stage: Stage) -> None:
    stage.put("a")
    stage.put("b")
    stage.connect()
    stage.sim.google.add_fault(Fault(effect="userRateLimitExceeded", method="POST", path="/events", count=2))

    run = stage.run("export")

    assert (run.state, stage.titles()) == ("done", ["a", "b"])


def test_one_refusal_for_quota_stops_the_run_before_the_next_task(stage: Stage) -> None:
    for number in range(5):
        stage.put(f"t{number}")
    stage.connect()
    stage.sim.google.add_fault(Fault(effect="userRateLimitExceeded", method="POST", path="/events"))
    stage.start("export")
    stage.counted()

    stage.do(stage.sim.queue.due()[0])

    assert stage.counted()["google.insert"] == 1


def test_google_being_down_is_waited_for(stage: Stage) -> None:
    stage.put("a")
    stage.connect()
    stage.sim.google.add_fault(Fault(effect="backendError503", method="POST", path="/events", count=3))

    run = stage.run("export")

    assert (run.state, stage.titles()) == ("done", ["a"])


def test_an_export_spends_no_more_than_its_share_of_a_minute(stage: Stage, small_share: int) -> None:
    for number in range(small_share + 20):
        stage.put(f"t{number:03d}", day=2 + number % 20)
    stage.connect()
    stage.sim.google.settings = SimSettings(quota=Quota(per_user_minute=small_share))

    run = stage.run("export")

    assert (run.state, run.totals["google"]["create"]) == ("done", small_share + 20)
    assert stage.connection().slow_until is None


def test_a_run_that_waits_for_quota_says_how_long_it_will_take(stage: Stage, small_share: int) -> None:
    for number in range(small_share + 20):
        stage.put(f"t{number:03d}", day=2 + number % 20)
    stage.connect()
    run = stage.start("export")
    stage.drain(until=stage.clock.now())
    stage.later(30)

    view = stage.view(run)

    sent = small_share - ROOM_FOR + 1
    assert (view.state, view.total, view.done) == ("running", small_share + 20, sent)
    assert view.eta_s == pytest.approx((small_share + 20 - sent) * 30 / sent, abs=0.1)


def test_an_export_of_a_connection_that_needs_its_user_fails_with_the_reason(stage: Stage) -> None:
    stage.put("a")
    stage.connect()
    stage.sim.google.revoke_grant("anna@example.com")
    stage.sim.google.expire_access_tokens()

    run = stage.run("export")

    assert (run.state, stage.connection().status) == ("failed", "needs_reconnect")


def test_a_task_goes_to_its_users_oldest_connection_only(stage: Stage) -> None:
    stage.put("call")
    stage.connect()
    stage.later(10)
    stage.sim.connect(stage.tenant, "anna", BEN, name="c-second")

    stage.run("export", "c-second")
    stage.run("export")

    assert (stage.titles(ANNA), stage.titles(BEN)) == (["call"], [])


def test_a_batch_costs_one_read_one_commit_and_one_call_for_each_task(stage: Stage) -> None:
    stage.connect()
    for number in range(40):
        stage.put(f"t{number:02d}", send=False)
    stage.counted()

    stage.run("backlog", reason="batch")

    calls = stage.counted()
    assert (calls["google.insert"], calls["queue.enqueue"]) == (40, 1)
    assert calls["store.get_many"] <= 40 + 8
    assert calls["store.commit"] <= 40 + 3
    assert {name for name in calls if name.startswith("google.")} == {"google.insert"}


def test_runs_read_indexes_and_scan_nothing(stage: Stage) -> None:
    stage.connect()
    stage.put("call")
    stage.drain()
    stage.store.scanned.clear()  # type: ignore[attr-defined]

    stage.run("export")
    stage.run("sync")
    stage.run("import")
    stage.run("preview")
    stage.run("backlog", reason="batch")
    stage.run("backlog", reason="settings")
    stage.run("erase", None, user="anna", events="delete")

    assert stage.store.scanned == set()  # type: ignore[attr-defined]


def test_a_task_that_failed_is_tried_again_by_an_export(stage: Stage) -> None:
    stage.connect()
    stage.sim.google.add_fault(Fault(effect="forbidden", method="POST", path="/events", count=1))
    stage.put("call")
    stage.drain()
    assert stage.state("call")[0] == "error"

    stage.run("export")

    assert (stage.titles(), stage.state("call")) == (["call"], ("synced", None))


def test_a_week_without_google_does_not_end_a_run(stage: Stage) -> None:
    stage.connect()
    run = stage.start("sync")
    path = run_path(stage.tenant, run)
    stage.store.commit([Patch(path=path, fields={"attempts": 2000})])
    stage.sim.google.add_fault(Fault(effect="backendError503", method="GET", path="/events", count=1))

    stage.drain()

    assert stage.view(run).state == "done"
