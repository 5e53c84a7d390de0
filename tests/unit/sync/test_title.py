"""The check mark before a finished task's title."""

import pytest
from hypothesis import given

from shared.sync.title import checked, is_checked, title_of
from tests.unit.sync import made


@pytest.mark.parametrize("text", ["✓ Call", "✓  ✓ Call", "✓\u00a0Call"])
def test_marks_before_a_title_are_taken_off(text: str) -> None:
    assert title_of(text) == "Call"


@pytest.mark.parametrize("text", ["Call ✓", "✓Call", "✓✓", "a ✓ b", "Call"])
def test_a_check_elsewhere_belongs_to_the_title(text: str) -> None:
    assert title_of(text) == text


def test_a_mark_alone_is_no_title() -> None:
    assert title_of("✓ ") is None
    assert is_checked("✓ ")


@given(made.texts)
def test_a_marked_title_reads_as_marked_and_as_the_title(text: str) -> None:
    title = title_of(text)

    assert is_checked(checked(title))
    assert title_of(checked(title)) == title
