"""Fingerprints: equal for equal values, short, stable."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sync.fields import Value
from shared.sync.fingerprint import fingerprint

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(values)
def test_a_fingerprint_is_eight_characters_safe_in_addresses(value: Value) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{8}", fingerprint(value))


def test_the_order_of_keys_does_not_matter() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})


def test_the_order_of_items_matters() -> None:
    assert fingerprint(["a", "b"]) != fingerprint(["b", "a"])


def test_composed_and_decomposed_text_are_one() -> None:
    assert fingerprint({"title": ["Cafe\u0301"]}) == fingerprint({"title": ["Caf\u00e9"]})


@pytest.mark.parametrize(("one", "other"), [(None, ""), (None, False), (False, 0), (True, 1), ("1", 1), ([], None)])
def test_values_of_different_kinds_differ(one: Value, other: Value) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_a_fingerprint_never_changes_between_versions() -> None:
    kept: list[Value] = ["Call Bob", [], None]

    assert [fingerprint(value) for value in kept] == ["GEs9XZRl", "T1PNoYwr", "dCNOmK_n"]
