"""A series that moves to other days and comes back, where Google keeps exceptions of it and tells of none of them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.usecases.bench import Bench
from tests.usecases.series import SECOND, THIRD, Series

HOME, AWAY = "2026-11-23T10:00:00", "2026-11-24T10:00:00"


@pytest.fixture
def series(bench: Bench) -> Series:
    """One whose second occurrence has a title of its own and whose third does not take place."""
    google = bench.simulator.google
    google.settings = msgspec.structs.replace(google.settings, moved_series="kept", exceptions_follow="untold")
    made = Series(bench)
    made.edit(SECOND, summary="Mine")
    bench.person().delete(made.id_of(THIRD))
    made.pull()
    return made


def moved_by_the_crm(series: Series, start: str, **more: Any) -> list[str]:  # noqa: ANN401 - the contract's own
    series.bench.put("a", start=start, **more)
    return series.bench.run()


def moved_by_a_person(series: Series, start: str) -> None:
    at = {"timeZone": "Europe/Berlin"}
    series.edit_all(start=at | {"dateTime": start}, end=at | {"dateTime": start.replace(":00:00", ":30:00")})
    series.pull()


def test_exceptions_that_count_again_when_the_crm_moves_the_series_back_are_taken_in(series: Series) -> None:
    moved_by_the_crm(series, AWAY)
    assert series.kept == {}

    moved_by_the_crm(series, HOME)

    assert (series.google(SECOND)["summary"], series.title(SECOND)) == ("Mine", "Mine")
    assert (series.google(THIRD)["status"], series.crm(THIRD).occurrence.cancelled) == ("cancelled", True)


def test_a_series_that_the_crm_moves_costs_one_read_of_the_family(series: Series) -> None:
    moved_by_the_crm(series, AWAY)
    series.bench.put("a", start=HOME)

    with series.bench.counted() as spent:
        series.bench.run()

    assert spent == {"reads": 1, "commits": 1, "google": 2}


def test_exceptions_that_count_again_when_a_person_moves_the_series_back_are_taken_in(series: Series) -> None:
    moved_by_a_person(series, AWAY)
    assert series.kept == {}

    moved_by_a_person(series, HOME)

    assert series.title(SECOND) == "Mine"
    assert series.crm(THIRD).occurrence.cancelled


def test_a_series_that_a_person_moves_costs_one_read_of_the_family(series: Series) -> None:
    series.edit_all(recurrence=["RRULE:FREQ=DAILY;COUNT=40"])

    with series.bench.counted() as spent:
        series.pull()

    assert spent == {"reads": 1, "queries": 1, "commits": 2, "google": 2}


def test_a_series_that_only_ends_sooner_is_decided_from_a_page_that_shows_its_family(series: Series) -> None:
    google = series.bench.simulator.google
    google.settings = msgspec.structs.replace(google.settings, exceptions_follow="told")
    series.edit_all(recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])

    with series.bench.counted() as spent:
        series.pull()

    assert spent["google"] == 1


def test_a_meet_that_is_asked_for_with_another_rule_is_waited_for(series: Series) -> None:
    google = series.bench.simulator.google
    google.settings = msgspec.structs.replace(google.settings, conference="pending", conference_reads=9)

    outcomes = moved_by_the_crm(series, AWAY, conference="google_meet")

    meet = series.bench.task("a").sync.meet
    assert meet is not None
    assert (meet.state, outcomes[0]) == ("pending", "looks_again_later")


@pytest.mark.parametrize("by_crm", [True, False])
def test_a_series_that_was_single_for_a_while_has_all_its_dates_again(series: Series, by_crm: bool) -> None:  # noqa: FBT001
    for rule in (None, ["RRULE:FREQ=WEEKLY;COUNT=6"]):
        if by_crm:
            moved_by_the_crm(series, HOME, recurrence=rule)
        else:
            series.edit_all(recurrence=rule)
        series.pull()

    shown = [series.google(at) for at in (SECOND, THIRD)]
    assert [(each["status"], each["summary"]) for each in shown] == [("confirmed", "Team")] * 2
    assert [(series.crm(at).occurrence.cancelled, series.title(at)) for at in (SECOND, THIRD)] == [(False, "Team")] * 2
