"""A series' lines become occurrences, each named by where the rule puts it."""

from __future__ import annotations

import pytest

from shared.model.content import Content
from shared.sync.crm_fields import Rendering
from shared.sync.expansion import is_original_start, slots, without_end, yielded

BERLIN = Rendering(time_zone="Europe/Berlin")


def starts(*lines: str, start: str = "2026-11-23T10:00:00", zone: str | None = "Europe/Berlin") -> list[str]:
    content = Content(start=start, time_zone=zone, recurrence=lines)
    return [slot.original_start for slot in slots(content, BERLIN)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["RRULE:FREQ=DAILY;COUNT=2"], ["20261123T090000Z", "20261124T090000Z"]),
        (["RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3"], ["20261123T090000Z", "20261125T090000Z", "20261130T090000Z"]),
        (["RRULE:FREQ=MONTHLY;BYDAY=-1MO;COUNT=2"], ["20261130T090000Z", "20261228T090000Z"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261124T090000Z"], ["20261123T090000Z", "20261124T090000Z"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261124"], ["20261123T090000Z", "20261124T090000Z"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261124T090000Z"], ["20261123T090000Z", "20261125T090000Z"]),
        (["RDATE:20261201T090000Z"], ["20261123T090000Z", "20261201T090000Z"]),
        (["RRULE:FREQ=DAILY;COUNT=1", "RDATE:20261123T150000Z"], ["20261123T090000Z", "20261123T150000Z"]),
        (["RRULE:FREQ=DAILY;COUNT=2", "EXDATE;VALUE=nonsense:x"], ["20261123T090000Z", "20261124T090000Z"]),
    ],
)
def test_lines_yield_their_occurrences(lines: list[str], expected: list[str]) -> None:
    assert starts(*lines) == expected


@pytest.mark.parametrize(
    "lines",
    [
        ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"],
        ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3"],
        ["RRULE:FREQ=MONTHLY;BYDAY=54MO"],
        ["RRULE:FREQ=DAILY;UNTIL=20201231T000000Z"],
        ["RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20261123T090000Z,20261124T090000Z"],
        ["RRULE:FREQ=WEEKLY", "EXRULE:FREQ=WEEKLY"],
    ],
)
def test_lines_that_never_come_true_yield_nothing_and_end(lines: list[str]) -> None:
    assert starts(*lines) == []


def test_a_rule_that_comes_true_once_in_decades_yields_it() -> None:
    lines = ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;COUNT=2"]

    assert starts(*lines) == ["20320229T090000Z", "20600229T090000Z"]


@pytest.mark.parametrize("last", ["RDATE:99991231T235959", "RDATE;TZID=Pacific/Honolulu:99991231T235959"])
def test_what_would_end_beyond_all_calendars_is_no_occurrence(last: str) -> None:
    assert starts("RRULE:FREQ=DAILY;COUNT=1", last, zone="Pacific/Honolulu") == ["20261123T200000Z"]


def test_local_time_repeats_when_the_clocks_change() -> None:
    assert starts("RRULE:FREQ=WEEKLY;COUNT=2", start="2026-10-19T10:00:00") == ["20261019T080000Z", "20261026T090000Z"]


def test_a_time_that_the_clocks_leave_out_moves_forward_with_them() -> None:
    assert starts("RRULE:FREQ=DAILY;COUNT=2", start="2026-03-28T02:30:00") == ["20260328T013000Z", "20260329T013000Z"]


def test_whole_days_are_named_by_day() -> None:
    assert starts("RRULE:FREQ=DAILY;COUNT=2", start="2026-11-23", zone=None) == ["2026-11-23", "2026-11-24"]


def test_what_the_rule_does_not_yield_is_not_found() -> None:
    content = Content(start="2026-11-23T10:00:00", time_zone="Europe/Berlin", recurrence=("RRULE:FREQ=WEEKLY",))

    found = yielded(content, BERLIN, {"20361124T090000Z", "20361124T100000Z", "20361125T090000Z"})

    assert list(found) == ["20361124T090000Z"]


def test_a_rule_without_its_end_keeps_its_beat() -> None:
    lines = ["RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO", "RRULE:UNTIL=20270101T000000Z;FREQ=DAILY", "EXDATE:20261201T090000Z"]

    assert without_end(lines) == ("RRULE:FREQ=WEEKLY;BYDAY=MO", "RRULE:FREQ=DAILY", "EXDATE:20261201T090000Z")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2026-11-23", True), ("20261123T090000Z", True), ("2026-13-01", False), ("20261123", False),
        ("20261123T090000", False), ("20261123T250000Z", False), ("", False), ("2026-11-23\n", False),
    ],
)  # fmt: skip
def test_only_days_and_instants_name_an_occurrence(text: str, *, names: bool) -> None:
    assert is_original_start(text) is names
