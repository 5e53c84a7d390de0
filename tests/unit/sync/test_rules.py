"""The lines of a series, in one spelling; and when they end."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.sync.rules import canonical_rules, until_of

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("lines", "spelled"),
    [
        (["RRULE:BYDAY=WE,MO;FREQ=WEEKLY"], ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE"]),
        (["rrule:freq=daily;interval=1;wkst=MO"], ["RRULE:FREQ=DAILY"]),
        (["RRULE:FREQ=MONTHLY;BYMONTHDAY=15,2,15"], ["RRULE:FREQ=MONTHLY;BYMONTHDAY=2,15"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261231"], ["RRULE:FREQ=DAILY;UNTIL=20261231T225959Z"]),
        (["RRULE:FREQ=DAILY;UNTIL=20261231T100000"], ["RRULE:FREQ=DAILY;UNTIL=20261231T090000Z"]),
        (["EXDATE:20261122T100000,20261121T100000", "RRULE:FREQ=DAILY"],
         ["RRULE:FREQ=DAILY", "EXDATE:20261121T090000Z,20261122T090000Z"]),
        (["RRULE:FREQ=DAILY", "EXDATE;TZID=Asia/Tokyo:20261121T180000", "EXDATE:20261122T090000Z"],
         ["RRULE:FREQ=DAILY", "EXDATE:20261121T090000Z,20261122T090000Z"]),
        (["RDATE;VALUE=DATE-TIME:20261121T090000Z"], ["RDATE:20261121T090000Z"]),
        ([], None),
    ],
)  # fmt: skip
def test_a_timed_series_has_one_spelling(lines: list[str], spelled: list[str] | None) -> None:
    once = canonical_rules(lines, all_day=False, zone=ROME)

    assert once == spelled
    assert canonical_rules(map(str, once or []), all_day=False, zone=ROME) == spelled


@pytest.mark.parametrize(
    ("lines", "spelled"),
    [
        (["RRULE:FREQ=YEARLY;UNTIL=20301231T235959Z"], ["RRULE:FREQ=YEARLY;UNTIL=20301231"]),
        (["RRULE:FREQ=DAILY", "EXDATE:20261121"], ["RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261121"]),
    ],
)
def test_an_all_day_series_has_days(lines: list[str], spelled: list[str]) -> None:
    assert canonical_rules(lines, all_day=True, zone=ROME) == spelled


def test_what_google_says_and_nobody_knows_is_kept() -> None:
    odd = ["RRULE:FREQ=DAILY;X-NEW=1", "XRULE: what"]

    assert canonical_rules(odd, all_day=False, zone=ROME) == ["XRULE: what", "RRULE:FREQ=DAILY;X-NEW=1"]


def test_many_exclusions_fit_into_few_lines_of_bearable_length() -> None:
    moments = [datetime(2026, 1 + month, 1 + day, tzinfo=UTC) for month in range(12) for day in range(28)]
    spelled = canonical_rules(
        ["RRULE:FREQ=DAILY", *(f"EXDATE:{moment:%Y%m%dT%H%M%SZ}" for moment in moments)], all_day=False, zone=ROME
    )

    assert spelled is not None
    assert len(spelled) == 3
    assert max(len(str(line)) for line in spelled) <= 4096


@pytest.mark.parametrize(
    ("lines", "until"),
    [
        (["RRULE:FREQ=DAILY"], None),
        (["RRULE:FREQ=DAILY;COUNT=3"], None),
        (["RRULE:FREQ=DAILY;UNTIL=20261231T225959Z"], datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)),
        (["rrule:freq=daily;until=20261231"], datetime(2026, 12, 31, tzinfo=UTC)),
        (["RRULE:FREQ=DAILY;UNTIL=20261231", "RDATE:20270101T000000Z"], datetime(2027, 1, 1, tzinfo=UTC)),
        (["RRULE:FREQ=DAILY;UNTIL=soon"], None),
        ([], None),
    ],
)
def test_a_series_ends_where_all_its_lines_do(lines: list[str], until: datetime | None) -> None:
    assert until_of(lines) == until
