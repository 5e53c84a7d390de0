"""What helps against each kind of trouble."""

from __future__ import annotations

import pytest

from shared.remedies import known_codes, remedy_of


@pytest.mark.parametrize("code", known_codes())
def test_every_code_has_a_cause_and_a_remedy_of_full_sentences(code: str) -> None:
    known = known_codes()[code]

    assert known.cause.endswith((".", "`"))
    assert known.remedy.endswith(".")
    assert known.remedy != remedy_of("nothing known")


def test_unknown_trouble_still_says_where_to_look() -> None:
    assert "look at" in remedy_of("nothing known")
