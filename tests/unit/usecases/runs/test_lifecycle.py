"""How a run is started, joined, shown page by page, and gone on with."""

import pytest

from shared.errors import Conflicting, Invalid, NotFound
from shared.model.ids import RunId, run_page_path, run_path
from shared.model.run import Run, RunItem, RunPage
from shared.model.stored import read_as, to_data
from shared.ports import Patch, Set
from shared.usecases.runs import run_step
from shared.usecases.runs.run_work import Stopped
from shared.usecases.runs.runs import get_run
from tests.simulation.stepping import Job
from tests.unit.usecases.runs.stage import Stage


def _step(stage: Stage, run: RunId) -> str:
    return run_step.run_step(stage.world, run_step.RunPayload(tenant=stage.tenant, run=run))


def _run(stage: Stage, run: RunId) -> Run:
    document = stage.store.get_many([run_path(stage.tenant, run)])[run_path(stage.tenant, run)]
    assert document is not None
    return read_as(Run, document)


def test_a_run_is_due_before_its_first_job_exists(stage: Stage) -> None:
    stage.connect()
    stage.counted()

    run = stage.start("export")

    assert _run(stage, run).due_at is not None
    assert stage.counted() == {"store.get_many": 1, "store.commit": 1, "queue.enqueue": 1}


def test_the_same_run_asked_for_twice_is_one_run(stage: Stage) -> None:
    stage.connect()

    assert stage.start("export") == stage.start("export")


def test_a_run_that_ended_is_not_joined(stage: Stage) -> None:
    stage.connect()
    first = stage.start("export")
    stage.drain()

    assert stage.start("export") != first


def test_what_is_written_behind_a_run_that_works_goes_out_when_it_was_joined(stage: Stage) -> None:
    stage.connect()
    stage.put("first", send=False)
    run = stage.start("backlog", reason="batch")
    working = Job(stage.sim.stage, "run_step", lambda: _step(stage, run)).run_past("google.insert")
    stage.put("second", send=False)
    stage.start("backlog", reason="batch")

    working.finish()
    stage.drain()

    assert stage.titles() == ["first", "second"]


def test_a_run_joined_while_it_works_goes_round_once_more(stage: Stage) -> None:
    stage.connect()
    run = stage.start("export")
    stage.start("export")
    assert _run(stage, run).again

    stage.drain()

    assert (_run(stage, run).again, _run(stage, run).step) == (False, 2)


def test_ending_a_connection_in_two_ways_at_once_is_refused(stage: Stage) -> None:
    stage.connect()
    stage.start("disconnect", events="keep")

    with pytest.raises(Conflicting):
        stage.start("disconnect", events="delete")


def test_a_run_of_an_unknown_connection_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFound):
        stage.start("export", "nobody")


def test_an_unknown_run_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFound):
        stage.view(RunId("nothing"))


def test_a_job_of_a_run_that_ended_does_nothing(stage: Stage) -> None:
    stage.connect()
    run = stage.start("export")
    stage.drain()
    stage.counted()

    assert _step(stage, run) == "over"
    assert stage.counted() == {"store.get_many": 1}


def test_a_second_delivery_of_a_step_under_way_counts_nothing_twice(stage: Stage) -> None:
    stage.connect()
    stage.put("a", send=False)
    run = stage.start("backlog", reason="batch")
    slow = Job(stage.sim.stage, "run_step", lambda: _step(stage, run)).run_until("google.insert")

    stage.drain()
    slow.finish()

    assert slow.outcome == "overtaken"
    assert stage.view(run).totals["google"]["create"] + stage.view(run).totals["google"]["update"] == 1
    assert len(stage.changes("run.finished")) == 1


def test_a_slow_job_does_not_count_again_what_another_job_of_its_run_stored(stage: Stage) -> None:
    stage.connect()
    for number in range(4):
        stage.put(f"t{number}", send=False)
    run = stage.start("backlog", reason="batch")
    stage.slow_google(seconds=30)
    slow = Job(stage.sim.stage, "run_step", lambda: _step(stage, run)).run_until("google.insert")
    assert _step(stage, run) == "goes_on"

    slow.finish()

    assert (slow.outcome, _run(stage, run).step) == ("overtaken", 1)
    stage.slow_google(seconds=0)
    stage.drain()
    assert (stage.view(run).done, len(stage.titles())) == (4, 4)


def test_a_step_that_worked_long_enough_leaves_the_rest_to_the_next_job(stage: Stage) -> None:
    stage.connect()
    for number in range(3):
        stage.put(f"t{number}", send=False)
    run = stage.start("backlog", reason="batch")
    stage.slow_google(seconds=30)

    assert _step(stage, run) == "goes_on"
    assert (len(stage.titles()), _run(stage, run).step) == (2, 1)


def test_items_come_in_pages_whose_cursors_lead_through_all_of_them(stage: Stage) -> None:
    stage.connect()
    run = stage.start("export")
    items = [RunItem(side="google", action="create", task_id=f"t{number}") for number in range(7)]
    _pages(stage, run, [items[:3], items[3:4], items[4:]])

    seen: list[RunItem] = []
    cursor, rounds = None, 0
    while rounds == 0 or cursor is not None:
        page = get_run(stage.world, stage.tenant, run, cursor=cursor, limit=2)
        seen += page.items
        cursor, rounds = page.next_cursor, rounds + 1

    assert (seen, rounds) == (items, 4)


def test_a_cursor_of_another_run_is_refused(stage: Stage) -> None:
    stage.connect()
    one, other = stage.start("export"), stage.start("sync")
    _pages(stage, one, [[RunItem(side="crm", action="skip")] * 3])
    cursor = get_run(stage.world, stage.tenant, one, limit=1).next_cursor

    with pytest.raises(Invalid):
        get_run(stage.world, stage.tenant, other, cursor=cursor)


def test_no_page_of_items_is_larger_than_500_kb() -> None:
    long = RunItem(side="crm", action="skip", title="x" * 1000)

    pages = list(run_step._pages([long] * 2000))

    assert sum(len(page) for page in pages) == 2000
    assert all(len(str([to_data(item) for item in page])) < 650_000 for page in pages)
    assert all(sum(len(item.title or "") for item in page) < 500_000 for page in pages)


def test_a_run_before_its_first_step_is_estimated_by_its_quota(stage: Stage) -> None:
    stage.connect()
    run = stage.start("export")
    stage.store.commit([Patch(path=run_path(stage.tenant, run), fields={"total": 90})])

    assert stage.view(run).eta_s == 10.0


def _pages(stage: Stage, run: RunId, pages: list[list[RunItem]]) -> None:
    stage.store.commit([Patch(path=run_path(stage.tenant, run), fields={"pages": len(pages)})])
    for number, page in enumerate(pages):
        data = to_data(RunPage(items=tuple(page)))
        stage.store.commit([Set(path=run_page_path(stage.tenant, run, number), data=data)])


def test_a_run_that_meets_a_fault_of_ours_every_time_fails_and_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.connect()
    run = stage.start("export")
    monkeypatch.setitem(run_step.KINDS, "export", _broken)

    for _ in range(run_step.MOST_BUGS):
        with pytest.raises(ZeroDivisionError):
            _step(stage, run)

    assert _step(stage, run) == "over"
    assert stage.view(run).state == "failed"
    assert "fault of Tandem's" in str(stage.view(run).detail)
    assert [change.run_id for change in stage.changes("run.finished")] == [run]
    assert _run(stage, run).due_at is None


def test_a_stretch_that_succeeds_forgives_earlier_faults(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.connect()
    run = stage.start("export")
    with monkeypatch.context() as broken:
        broken.setitem(run_step.KINDS, "export", _broken)
        for _ in range(run_step.MOST_BUGS - 1):
            with pytest.raises(ZeroDivisionError):
                _step(stage, run)

    stage.drain()

    assert (stage.view(run).state, _run(stage, run).bugs) == ("done", 0)


def _broken(_: object) -> Stopped:
    raise ZeroDivisionError
