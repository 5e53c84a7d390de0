"""What each flow may cost, counted: store calls, Google calls, enqueues."""

from __future__ import annotations

import msgspec
import pytest

from infra.simulator.model import Fault
from shared.model.content import Content
from shared.model.ids import TaskId, tenant_path
from shared.ports import Patch
from shared.usecases.tasks.put_task import TaskWrite, put_tasks
from tests.usecases.bench import MONDAY, TENANT, Bench

CALL = {"user_id": "anna", "title": "Call", "start": f"{MONDAY}T10:00:00", "status": "open"}


def test_a_write_of_the_crm_costs_one_read_one_commit_and_one_job(bench: Bench) -> None:
    bench.connect("anna")

    with bench.counted() as spent:
        bench.put("a", **CALL)

    assert spent == {"reads": 1, "commits": 1, "queue": 1}


def test_a_write_that_changes_nothing_costs_one_read(bench: Bench) -> None:
    bench.connect("anna")
    bench.put("a", **CALL)

    with bench.counted() as spent:
        bench.put("a", **CALL)

    assert spent == {"reads": 1}


@pytest.mark.parametrize(("tasks", "calls"), [(100, 1), (101, 2), (250, 3)])
def test_a_batch_costs_a_read_and_a_commit_for_each_hundred(bench: Bench, tasks: int, calls: int) -> None:
    bench.connect("anna")
    writes = [
        TaskWrite(id=TaskId(f"t{n}"), content=Content(user_id="anna", title="Call", start=MONDAY, status="open"))
        for n in range(tasks)
    ]

    with bench.counted() as spent:
        put_tasks(bench.world, TENANT, writes, now=bench.clock.now(), enqueue=False)

    assert spent == {"reads": calls, "commits": calls}


def test_creating_changing_and_deleting_an_event_cost_one_google_call_each(bench: Bench) -> None:
    bench.connect("anna")
    for act in (
        lambda: bench.put("a", **CALL),
        lambda: bench.put("a", title="Visit"),
        lambda: bench.put("a", start=MONDAY, end="2026-11-24"),
        lambda: bench.delete("a"),
    ):
        act()

        with bench.counted() as spent:
            outcomes = bench.run()

        assert (outcomes, spent) == (["synced"], {"reads": 1, "commits": 1, "google": 1})


def test_a_task_that_stands_in_google_already_costs_one_read(bench: Bench) -> None:
    bench.connect("anna")
    bench.put("a", **CALL)
    again = bench.queue.jobs[0]
    bench.run()
    bench.queue.jobs.append(again)

    with bench.counted() as spent:
        outcomes = bench.run()

    assert (outcomes, spent) == (["already_synced"], {"reads": 1})


def test_a_pull_that_holds_only_our_echo_costs_one_of_each(bench: Bench) -> None:
    connection = bench.connect("anna")
    bench.put("a", **CALL)
    bench.run()

    with bench.counted() as spent:
        bench.pull(connection)

    assert spent == {"reads": 1, "queries": 1, "commits": 1, "google": 1}


@pytest.mark.parametrize(("changed", "queries", "commits"), [(1, 1, 2), (31, 2, 2), (101, 4, 3)])
def test_a_pull_of_n_changed_events(bench: Bench, changed: int, queries: int, commits: int) -> None:
    connection = bench.connect("anna")
    for number in range(changed):
        bench.put(f"t{number}", **CALL)
    bench.run()
    bench.pull(connection)
    for number in range(changed):
        bench.person().edit(str(bench.task(f"t{number}").sync.event_id), summary="Visit")

    with bench.counted() as spent:
        bench.pull(connection)

    assert spent == {"reads": 1, "queries": queries, "commits": commits, "google": 1}
    assert bench.task(f"t{changed - 1}").content.title == "Visit"


@pytest.mark.parametrize(("page", "pages"), [(3, 3), (4, 2)])
def test_a_pull_costs_one_call_for_each_page(bench: Bench, page: int, pages: int) -> None:
    connection = bench.connect("anna")
    for number in range(7):
        bench.put(f"t{number}", **CALL)
    bench.run()
    bench.pull(connection)
    for number in range(7):
        bench.person().edit(str(bench.task(f"t{number}").sync.event_id), summary="Visit")
    google = bench.simulator.google
    google.settings = msgspec.structs.replace(google.settings, page_size_cap=page)

    with bench.counted() as spent:
        bench.pull(connection)

    assert spent["google"] == pages
    assert [bench.task(f"t{number}").content.title for number in range(7)] == ["Visit"] * 7


def test_a_persons_restore_costs_one_verifying_get(bench: Bench) -> None:
    connection = bench.connect("anna")
    bench.put("a", **CALL)
    bench.run()
    event_id = str(bench.task("a").sync.event_id)
    bench.person().delete(event_id)
    bench.pull(connection)
    bench.person().edit(event_id, status="confirmed")

    with bench.counted() as spent:
        bench.pull(connection)

    assert spent["google"] == 2
    assert bench.task("a").content.status == "open"


def test_an_id_that_is_taken_costs_a_get_and_a_reading_more(bench: Bench) -> None:
    bench.connect("anna")
    bench.simulator.google.add_fault(Fault(effect="cut_after", method="POST", path="/events$", count=1))
    bench.put("a", **CALL)

    with bench.counted() as spent:
        outcomes = bench.run()

    assert (outcomes, spent) == (
        ["later:google_unavailable", "synced"],
        {"reads": 3, "commits": 2, "google": 3, "queue": 1},
    )


def test_a_persons_deletion_costs_one_verifying_get(bench: Bench) -> None:
    connection = bench.connect("anna")
    bench.put("a", **CALL)
    bench.run()
    bench.pull(connection)
    bench.person().delete(str(bench.task("a").sync.event_id))

    with bench.counted() as spent:
        bench.pull(connection)

    assert spent["google"] == 2
    assert bench.task("a").content.status == "cancelled"


def test_an_edit_met_in_google_costs_a_get_and_a_reading_more(bench: Bench) -> None:
    bench.connect("anna")
    bench.put("a", **CALL)
    bench.run()
    bench.person().edit(str(bench.task("a").sync.event_id), location="Rome")
    bench.put("a", title="Visit")

    with bench.counted() as spent:
        bench.run()

    assert spent == {"reads": 2, "commits": 1, "google": 3}
    assert bench.task("a").content.location == "Rome"


def test_a_meet_that_is_pending_costs_one_delayed_get(bench: Bench) -> None:
    google = bench.simulator.google
    google.settings = msgspec.structs.replace(google.settings, conference="pending", conference_reads=1)
    bench.connect("anna")
    bench.put("a", **CALL, conference="google_meet")

    with bench.counted() as spent:
        bench.run()

    meet = bench.task("a").sync.meet
    assert spent["google"] == 2
    assert meet is not None
    assert meet.state == "ready"
    assert str(meet.url).startswith("https://")


def with_webhook(bench: Bench) -> None:
    """The tenant has a webhook, as its document says."""
    bench.store.commit([Patch(path=tenant_path(TENANT), fields={"webhook": True})])


def test_a_pull_that_the_crm_must_hear_of_costs_one_enqueue_where_there_is_a_webhook(bench: Bench) -> None:
    connection = bench.connect("anna")
    for number in range(150):
        bench.put(f"t{number}", **CALL)
    bench.run()
    bench.pull(connection)
    for number in range(150):
        bench.person().edit(str(bench.task(f"t{number}").sync.event_id), summary="Visit")
    with_webhook(bench)

    with bench.counted() as spent:
        bench.pull(connection)

    assert spent["queue"] == 1


def test_a_pull_that_holds_only_our_echo_enqueues_nothing_where_there_is_a_webhook(bench: Bench) -> None:
    connection = bench.connect("anna")
    bench.put("a", **CALL)
    bench.run()
    with_webhook(bench)

    with bench.counted() as spent:
        bench.pull(connection)

    assert spent == {"reads": 1, "queries": 1, "commits": 1, "google": 1}


def test_a_new_event_whose_link_the_crm_must_hear_of_costs_one_enqueue_where_there_is_a_webhook(bench: Bench) -> None:
    bench.connect("anna")
    with_webhook(bench)
    bench.put("a", **CALL)

    with bench.counted() as spent:
        bench.run()

    assert spent == {"reads": 1, "commits": 1, "google": 1, "queue": 1}
