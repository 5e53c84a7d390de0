"""The page of features names the scenarios that there are, and no scenario names a row that there is not."""

from __future__ import annotations

from tests.docs import features

PAGES_TO_COME = {"A35", "A36"}
"""Rows that are pages of the portal; what they call is part of other rows."""


def test_the_page_is_the_one_that_make_features_writes() -> None:
    assert features.PAGE.read_text(encoding="utf-8") == features.page(), "run `make features`"


def test_every_scenario_names_a_row_that_there_is() -> None:
    assert features.scenarios().keys() <= features.EXPECTED.keys()


def test_every_other_row_of_part_a_has_a_scenario() -> None:
    rows = {row for row in features.EXPECTED if row.startswith("A")}

    assert rows - features.scenarios().keys() <= PAGES_TO_COME
