"""The brake's arithmetic: how many are too many, and which deletions count together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shared.model.connection import Deletions
from shared.sync.brake import TOGETHER, brake_holds, recent, with_more

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LATELY = Deletions(since=NOW - timedelta(minutes=3), number=8)
LONG_AGO = Deletions(since=NOW - TOGETHER, number=8)


@pytest.mark.parametrize(
    ("deletions", "creations", "mappings", "held"),
    [
        (10, 0, 10, False),
        (11, 0, 43, True),
        (11, 0, 44, False),
        (0, 200, 0, False),
        (0, 201, 0, True),
    ],
)
def test_more_than_ten_and_a_quarter_or_more_than_two_hundred_new_are_held(
    *, deletions: int, creations: int, mappings: int, held: bool
) -> None:
    assert brake_holds(deletions=deletions, creations=creations, mappings=lambda: mappings) is held


def test_deletions_of_the_last_minutes_count_with_those_of_now() -> None:
    assert recent(LATELY, now=NOW) == 8


@pytest.mark.parametrize("before", [None, LONG_AGO])
def test_deletions_of_long_ago_count_no_more(before: Deletions | None) -> None:
    assert recent(before, now=NOW) == 0


def test_what_is_deleted_soon_after_is_added_from_the_first_on() -> None:
    assert with_more(LATELY, 2, now=NOW) == Deletions(since=LATELY.since, number=10)


@pytest.mark.parametrize("before", [None, LONG_AGO])
def test_what_is_deleted_long_after_is_counted_anew(before: Deletions | None) -> None:
    assert with_more(before, 2, now=NOW) == Deletions(since=NOW, number=2)


def test_nothing_is_remembered_of_long_ago() -> None:
    assert with_more(LONG_AGO, 0, now=NOW) is None
