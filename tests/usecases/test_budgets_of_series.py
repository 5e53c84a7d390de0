"""What a series may cost: no more than a single event, and one call more where a rule says so."""

from __future__ import annotations

from infra.simulator.model import Fault
from tests.usecases.bench import MONDAY, Bench
from tests.usecases.series import FIRST, SECOND, THIRD, WEEKLY, Series

DAILY = WEEKLY | {"recurrence": ["RRULE:FREQ=DAILY"]}


def test_a_series_without_end_costs_what_one_event_costs(bench: Bench) -> None:
    connection = bench.connect("anna")

    def costs(**task: object) -> list[dict[str, int]]:
        spent = []
        acts = (
            lambda: bench.put("a", **task),
            bench.run,
            lambda: bench.pull(connection),
            lambda: bench.put("a", title="Renamed"),
            bench.run,
            lambda: bench.pull(connection),
            lambda: bench.person().edit(str(bench.task("a").sync.event_id), location="Rome"),
            lambda: bench.pull(connection),
        )
        for act in acts:
            with bench.counted() as counted:
                act()
            spent.append(dict(counted))
        bench.delete("a")
        bench.run()
        return spent

    single = costs(user_id="anna", title="Call", start=f"{MONDAY}T10:00:00", status="open")

    assert costs(**DAILY) == single


def test_an_occurrence_edited_for_the_first_time_costs_one_read_of_the_family(bench: Bench) -> None:
    series = Series(bench)
    series.edit(SECOND, summary="Mine")

    with bench.counted() as spent:
        series.pull()

    assert spent == {"reads": 1, "queries": 1, "commits": 2, "google": 2}
    assert series.title(SECOND) == "Mine"


def test_an_occurrence_edited_again_is_decided_from_the_page(bench: Bench) -> None:
    series = Series(bench)
    series.edit(SECOND, summary="Mine")
    series.pull()
    series.edit(SECOND, summary="Yours")

    with bench.counted() as spent:
        series.pull()

    assert spent["google"] == 1
    assert series.title(SECOND) == "Yours"


def test_our_own_write_of_an_occurrence_comes_back_as_nothing(bench: Bench) -> None:
    series = Series(bench)
    series.write(SECOND, title="Ours")
    bench.run()

    with bench.counted() as spent:
        series.pull()

    assert spent == {"reads": 1, "queries": 1, "commits": 1, "google": 1}


def test_untouched_exceptions_that_come_along_decide_to_nothing(bench: Bench) -> None:
    series = Series(bench)
    series.edit(SECOND, summary="Mine")
    bench.person().delete(series.id_of(THIRD))
    series.pull()
    series.told()
    series.edit_all(location="Rome")

    with bench.counted() as spent:
        series.pull()

    assert spent["google"] == 1
    assert [(kind, occurrence) for kind, occurrence, _ in series.told()] == [("task.updated", None)]


def test_a_deleted_series_costs_one_read_of_the_family(bench: Bench) -> None:
    series = Series(bench)
    bench.delete("a")

    with bench.counted() as spent:
        outcomes = bench.run()

    assert (outcomes, spent) == (["synced"], {"reads": 1, "commits": 1, "google": 2})
    assert series.bench.task("a").sync.gone


def test_a_sibling_that_changed_first_costs_a_family_read_and_no_conflict(bench: Bench) -> None:
    series = Series(bench, conflict="manual")
    series.edit(THIRD, location="Rome")
    series.write(SECOND, title="Ours")

    with bench.counted() as spent:
        bench.run()

    assert spent == {"reads": 2, "commits": 1, "google": 3}
    assert series.google(SECOND)["summary"] == "Ours"
    assert series.crm(THIRD).content.location == "Rome"
    assert not series.kept[SECOND].conflict


def test_a_job_that_dies_among_its_occurrences_is_made_up_for_by_the_next(bench: Bench) -> None:
    series = Series(bench, conflict="manual")
    for at in (FIRST, SECOND, THIRD):
        series.write(at, title=f"Ours {at}")
    bench.simulator.google.add_fault(Fault(effect="cut_after", method="PATCH", after=1, count=1))

    bench.run()

    assert [series.google(at)["summary"] for at in (FIRST, SECOND, THIRD)] == [
        f"Ours {at}" for at in (FIRST, SECOND, THIRD)
    ]
    assert bench.task("a").sync.state == "synced"
    assert not any(each.conflict for each in series.kept.values())
