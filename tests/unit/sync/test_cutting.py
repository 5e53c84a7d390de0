"""When a series counts as cut: nothing differs but an end that is nearer."""

import pytest

from shared.sync.cutting import ends_sooner

WEEKLY = "RRULE:FREQ=WEEKLY"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (WEEKLY, f"{WEEKLY};UNTIL=20261213T225959Z"),
        (WEEKLY, f"{WEEKLY};COUNT=3"),
        (f"{WEEKLY};COUNT=6", f"{WEEKLY};COUNT=3"),
        (f"{WEEKLY};COUNT=10", f"{WEEKLY};COUNT=9"),
        (f"{WEEKLY};COUNT=6", f"{WEEKLY};UNTIL=20261213T225959Z"),
        (f"{WEEKLY};UNTIL=20261213T225959Z", f"{WEEKLY};COUNT=2"),
        (f"{WEEKLY};UNTIL=20261220T225959Z", f"{WEEKLY};UNTIL=20261213T225959Z"),
        (f"{WEEKLY};UNTIL=20261220", f"{WEEKLY};UNTIL=20261213"),
        (f"{WEEKLY};BYDAY=MO", f"{WEEKLY};UNTIL=20261213T225959Z;BYDAY=MO"),
    ],
)
def test_a_nearer_end_or_one_of_another_kind_cuts_the_series(old: str, new: str) -> None:
    assert ends_sooner([old], [new])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([WEEKLY], [WEEKLY]),
        ([f"{WEEKLY};COUNT=3"], [f"{WEEKLY};COUNT=6"]),
        ([f"{WEEKLY};UNTIL=20261213T225959Z"], [WEEKLY]),
        ([f"{WEEKLY};UNTIL=20261213T225959Z"], [f"{WEEKLY};UNTIL=20261220T225959Z"]),
        ([WEEKLY], ["RRULE:FREQ=DAILY;COUNT=3"]),
        ([WEEKLY], [f"{WEEKLY};BYDAY=TU;COUNT=3"]),
        ([WEEKLY], [f"{WEEKLY};COUNT=3", "EXDATE:20261130T090000Z"]),
        ([WEEKLY], []),
        ([], [f"{WEEKLY};COUNT=3"]),
    ],
)
def test_a_later_end_or_another_rule_does_not(old: list[str], new: list[str]) -> None:
    assert not ends_sooner(old, new)
