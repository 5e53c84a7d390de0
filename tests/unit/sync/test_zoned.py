"""Days and moments as CRMs send them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.sync.zoned import between, instant, read_when, zone_of

ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-21", date(2026, 11, 21)),
        ("2026-11-21T10:00", datetime(2026, 11, 21, 10)),  # noqa: DTZ001 - local, as sent
        ("2026-11-21 10:00:05", datetime(2026, 11, 21, 10, 0, 5)),  # noqa: DTZ001 - local, as sent
        ("2026-11-21t10:00:05.999z", datetime(2026, 11, 21, 10, 0, 5, tzinfo=UTC)),
        ("2026-11-21T10:00:00+0100", datetime(2026, 11, 21, 9, tzinfo=UTC)),
        ("2026-11-21T10:00:00-05:30", datetime(2026, 11, 21, 15, 30, tzinfo=UTC)),
    ],
)
def test_a_day_or_moment_is_read(text: str, read: date) -> None:
    assert read_when(text) == read


@pytest.mark.parametrize(
    "text",
    [
        "", "tomorrow", "2026-13-01", "2026-02-30", "20261121", "2026-W47-6", "2026-11-21T25:00", "2026-11-21T10",
        "2026-11-21T10:00:00 Europe/Rome", "2026-11-21T10:00+25:00", "0001-01-01", "9999-12-31T23:59:59-10:00",
        "٢٠٢٦-11-21", "2026-11-21\n",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write a date|the year"):
        read_when(text)


@pytest.mark.parametrize("name", ["Europe/Rome", "UTC", "America/Argentina/Ushuaia", "Etc/GMT+5"])
def test_iana_names_are_zones(name: str) -> None:
    assert zone_of(name) == ZoneInfo(name)


@pytest.mark.parametrize(
    "name",
    ["", "Europe", "Europe/Atlantis", "../etc/passwd", "/etc/localtime", "localtime", "posix/UTC", "W. Europe", "\0"],
)
def test_other_names_are_none(name: str) -> None:
    assert zone_of(name) is None


def test_a_local_time_is_read_in_its_zone() -> None:
    assert instant(datetime(2026, 11, 21, 10), ROME) == datetime(2026, 11, 21, 9, tzinfo=UTC)  # noqa: DTZ001 - local


def test_a_time_the_clock_leaves_out_moves_forward() -> None:
    assert instant(datetime(2026, 3, 29, 2, 30), ROME) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # noqa: DTZ001 - local


def test_of_a_time_that_comes_twice_the_first_counts() -> None:
    assert instant(datetime(2026, 10, 25, 2, 30), ROME) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # noqa: DTZ001 - local


def test_a_clock_change_does_not_turn_two_local_times_around() -> None:
    start, end = between(datetime(2026, 3, 29, 2, 45), datetime(2026, 3, 29, 3, 15), ROME)  # noqa: DTZ001 - local

    assert end - start == timedelta(minutes=30)
