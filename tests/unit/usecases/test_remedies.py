"""What helps against each kind of trouble."""

import pytest

from shared import errors
from shared.usecases.status import remedy_of


@pytest.mark.parametrize("code", ["grant_revoked", "calendar_gone", "no_write_access", "brake_held", "other_account"])
def test_known_trouble_has_its_own_remedy(code: str) -> None:
    assert remedy_of(code) != remedy_of("nothing known")


def test_remedy_of_an_error_is_what_its_class_says() -> None:
    assert remedy_of(errors.NoWriteAccess.code).startswith("This account may only read the calendar")


def test_unknown_trouble_still_says_where_to_look() -> None:
    assert "look at" in remedy_of("nothing known")
