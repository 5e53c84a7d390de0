"""Plain text in the form in which it is compared."""

import pytest
from hypothesis import given

from shared.sync.text import one_line, paragraphs
from tests.unit.sync import made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, None),
        (" \n\t ", None),
        ("  Call \n  Bob\u00a0Smith ", "Call Bob Smith"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("a\u200bb\ufeff", "ab"),
        ("\u0000a\u0007", "a"),
        ("\ud800a", "a"),
    ],
)
def test_a_line_has_single_spaces_and_nothing_invisible(text: str | None, shown: str | None) -> None:
    assert one_line(text) == shown


def test_joiners_stay_since_emoji_and_scripts_need_them() -> None:
    text = "👩\u200d💻 می\u200cخواهم"  # noqa: RUF001 - Persian

    assert one_line(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("\n\n  a  \n\n\n\n  b \n", "a\n\n  b"),
        ("a\tb", "a b"),
        ("\n \n", None),
    ],
)
def test_paragraphs_have_one_empty_line_between_and_none_around(text: str, shown: str | None) -> None:
    assert paragraphs(text) == shown


@given(made.texts)
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
    assert paragraphs(paragraphs(text)) == paragraphs(text)
