"""Parsers of foreign bytes on seeds, on random bytes, and on whatever coverage-guided search has found so far."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.parsers import PARSERS, SEEDS

FOUND: dict[str, list[bytes]] = {
    "events": [b'{"items":[{"id":"e1","etag":"1","start":{"date":"9999-12-31"}}]}'],
}
"""What once broke a parser, by its name; `make fuzz` prints what it finds as such bytes."""


@pytest.mark.parametrize("name", PARSERS)
def test_seeds_are_taken_or_refused_in_words(name: str) -> None:
    for data in [*SEEDS[name], *FOUND.get(name, []), b""]:
        PARSERS[name](data)


@pytest.mark.parametrize("name", PARSERS)
def test_any_bytes_are_taken_or_refused_in_words(name: str) -> None:
    cut = st.tuples(st.sampled_from(SEEDS[name]), st.integers(0, 200), st.binary(max_size=20), st.integers(0, 20))
    bent = cut.map(lambda drawn: drawn[0][: drawn[1]] + drawn[2] + drawn[0][drawn[1] + drawn[3] :])

    @given(st.binary(max_size=300) | bent)
    @settings(max_examples=150, database=None)
    def taken_or_refused(data: bytes) -> None:
        PARSERS[name](data)

    taken_or_refused()
