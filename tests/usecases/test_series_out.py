"""A series and its occurrences on their way to Google: what they cost, and what stands there then."""

from __future__ import annotations

from tests.usecases.bench import Bench
from tests.usecases.series import FIRST, SECOND, THIRD, WEEKLY, Series


def test_changed_occurrences_cost_one_call_each_and_one_commit_in_all(bench: Bench) -> None:
    series = Series(bench)
    series.write(SECOND, title="Team, with Ben")
    series.write(THIRD, start="2026-12-08T11:00:00")
    series.cancel(FIRST)
    bench.queue.jobs = bench.queue.jobs[-1:]

    with bench.counted() as spent:
        outcomes = bench.run()

    assert (outcomes, spent) == (["synced"], {"reads": 1, "commits": 1, "google": 3})
    assert series.google(SECOND)["summary"] == "Team, with Ben"
    assert series.google(THIRD)["start"]["dateTime"] == "2026-12-08T11:00:00+01:00"
    assert series.google(THIRD)["end"]["dateTime"] == "2026-12-08T11:30:00+01:00"
    assert series.google(FIRST)["status"] == "cancelled"
    assert bench.task("a").sync.state == "synced"


def test_series_with_changed_occurrences_goes_out_in_one_job(bench: Bench) -> None:
    series = Series(bench)
    bench.delete("a")
    bench.run()
    bench.put("a", **WEEKLY)
    series.write(SECOND, title="Team, with Ben")
    bench.queue.jobs = bench.queue.jobs[-1:]

    with bench.counted() as spent:
        outcomes = bench.run()

    assert (outcomes, spent) == (["synced"], {"reads": 1, "commits": 1, "google": 2})
    assert series.google(SECOND)["summary"] == "Team, with Ben"
    assert series.google(THIRD)["summary"] == "Team"
