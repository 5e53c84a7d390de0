"""What is wrong with the lines of a series, and what to write instead."""

import pytest

from shared.sync.rule_faults import rule_faults


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("FREQ=DAILY", "RRULE:"),
        ("DTSTART:20261121T090000Z", "without DTSTART"),
        ("RRULE:FREQ=HOURLY", "DAILY is the shortest"),
        ("RRULE:FREQ=OFTEN", "FREQ must be"),
        ("RRULE:COUNT=2", "FREQ must be"),
        ("RRULE:FREQ=DAILY;COUNT=2;UNTIL=20261231", "exclude each other"),
        ("RRULE:FREQ=DAILY;COUNT=0", "COUNT must be"),
        ("RRULE:FREQ=DAILY;INTERVAL=-1", "INTERVAL must be"),
        ("RRULE:FREQ=DAILY;UNTIL=2026-12-31", "UNTIL must be"),
        ("RRULE:FREQ=DAILY;UNTIL=20261331", "UNTIL must be"),
        ("RRULE:FREQ=WEEKLY;BYDAY=MONDAY", "BYDAY must list"),
        ("RRULE:FREQ=WEEKLY;WKST=XX", "WKST must be"),
        ("RRULE:FREQ=YEARLY;BYMONTH=13", "BYMONTH must list"),
        ("RRULE:FREQ=YEARLY;BYMONTH=-1", "BYMONTH must list"),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY must list"),
        ("RRULE:FREQ=DAILY;BYHOUR=9", "the task's start says"),
        ("RRULE:FREQ=DAILY;FREQ=WEEKLY", "stands twice"),
        ("RRULE:FREQ=DAILY;X-A=1", "has no part"),
        ("RRULE;X-A=1:FREQ=DAILY", "begin the line with RRULE:"),
        ("RRULE:FREQ=WEEKLY;BYDAY=2MO", "name the day alone"),
        ("RRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "name the day alone"),
        ("RRULE:FREQ=MONTHLY;BYDAY=0MO", "counts from 1 to 5"),
        ("RRULE:FREQ=MONTHLY;BYDAY=6MO", "counts from 1 to 5"),
        ("RRULE:FREQ=YEARLY;BYDAY=-54MO", "counts from 1 to 53"),
        ("RRULE:FREQ=WEEKLY;BYMONTHDAY=3", "DAILY or MONTHLY or YEARLY"),
        ("RRULE:FREQ=MONTHLY;BYWEEKNO=3", "goes with YEARLY"),
        ("RRULE:FREQ=DAILY;BYYEARDAY=3", "goes with YEARLY"),
        ("RRULE:FREQ=DAILY;BYSETPOS=1", "chooses among days"),
        ("EXDATE:20261121", "name the moment"),
        ("EXDATE;TZID=W. Europe:20261121T090000", "IANA time zone"),
        ("EXDATE;VALUE=PERIOD:20261121T090000Z/PT1H", "only the parameters"),
        ("EXDATE:tomorrow", "write days as"),
    ],
)
def test_a_fault_names_its_remedy(line: str, named: str) -> None:
    faults = list(rule_faults([line, "RRULE:FREQ=DAILY"], all_day=False))

    assert [index for index, _ in faults] == [0] * len(faults)
    assert any(named in detail for _, detail in faults)


@pytest.mark.parametrize(
    "line",
    [
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU;COUNT=10",
        "RRULE:FREQ=MONTHLY;BYDAY=MO,-1FR",
        "RRULE:FREQ=YEARLY;BYDAY=53MO",
        "RRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO;BYSETPOS=-1",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1;BYSETPOS=1",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;UNTIL=20401231T000000Z",
        "RDATE;TZID=Europe/Rome:20261121T090000,20261122T090000",
        "EXDATE:20261121T090000Z",
    ],
)
def test_what_google_takes_has_no_fault(line: str) -> None:
    assert list(rule_faults([line, "RRULE:FREQ=DAILY"], all_day=False)) == []


def test_exclusions_alone_make_no_series() -> None:
    assert ["nothing repeats" in detail for _, detail in rule_faults(["EXDATE:20261121T090000Z"], all_day=False)] == [
        True
    ]


def test_a_moment_is_no_day_of_an_all_day_series() -> None:
    faults = list(rule_faults(["RRULE:FREQ=DAILY", "EXDATE:20261121T090000Z"], all_day=True))

    assert faults == [(1, "the task is all-day, so its dates are days: 20261121")]
