"""The page of settings has every setting with its default, in the order of the contract."""

from __future__ import annotations

import json
import re

import msgspec

from shared.model.settings import Settings
from shared.sync.description import TEMPLATE_FIELDS
from tests.docs.pages import page, rows

ROWS = rows(page("docs/settings.md"), "setting")


def _code(cell: str) -> str:
    return cell.removeprefix("`").removesuffix("`")


def test_every_setting_has_a_row_in_order() -> None:
    assert [_code(row[0]) for row in ROWS] == [field.encode_name for field in msgspec.structs.fields(Settings)]


def test_every_default_is_the_one_in_force() -> None:
    told = {_code(row[0]): json.loads(_code(row[1])) for row in ROWS}

    assert told == msgspec.to_builtins(Settings())


def test_every_row_says_what_happens_both_ways_and_on_a_change() -> None:
    assert all(len(row) == 5 and all(row) for row in ROWS)


def test_the_words_of_every_choice_are_named() -> None:
    schema = msgspec.json.schema(Settings)["$defs"]["Settings"]["properties"]

    missing = [
        (name, word)
        for row in ROWS
        for name in [_code(row[0])]
        for word in schema[name].get("enum", [])
        if word != schema[name].get("default") and f"`{word}`" not in "".join(row[2:])
    ]

    assert not missing


def test_the_fields_of_the_template_are_those_it_takes() -> None:
    (row,) = (row for row in ROWS if _code(row[0]) == "description_template")

    assert set(re.findall(r"{(\w+)}", row[2])) == TEMPLATE_FIELDS
