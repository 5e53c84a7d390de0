"""Names of a series' members, as seen at Google."""

import pytest

from shared.google.series import family_of, instance_id, is_later_half


@pytest.mark.parametrize("half", ["abc_R20250326T123000", "abc_R20250326T123000Z", "abc_R20140421"])
def test_a_later_half_is_known_by_its_name_and_tells_its_series(half: str) -> None:
    assert is_later_half(half)
    assert family_of(half) == "abc"


@pytest.mark.parametrize("other", ["abc", "abc_20250326T123000Z", "abc_20140421", "abc_Rx"])
def test_other_names_are_no_later_halves(other: str) -> None:
    assert not is_later_half(other)
    assert family_of(other) == other


def test_an_occurrence_of_any_half_is_addressed_after_the_first_one() -> None:
    assert instance_id("abc", "20250328T150000Z") == "abc_20250328T150000Z"
    assert instance_id("abc_R20250326T123000", "20250328T150000Z") == "abc_20250328T150000Z"
    assert instance_id("abc_R20140421", "2014-04-28") == "abc_20140428"
