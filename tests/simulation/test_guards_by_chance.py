"""Guards whose absence the random walks find: kept walks go wrong without the guard, and not with it.

`python -m tests.simulation.aim` finds them anew, and more. Every guard, found here or not, has its trace aimed at it in
`test_guards.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.simulation.aim import broken, findings
from tests.simulation.test_guards import CASES

if TYPE_CHECKING:
    from collections.abc import Callable

FOUND = findings()
GUARDS = {guard.__name__: guard for guard, _ in CASES}


@pytest.mark.parametrize("name", FOUND)
def test_without_the_guard_chance_finds_what_it_prevents(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    guard: Callable[[pytest.MonkeyPatch], None] = GUARDS[name]
    with_it = [broken(finding) for finding in FOUND[name]]
    guard(monkeypatch)

    without_it = [broken(finding) for finding in FOUND[name]]

    assert [each for each in with_it if each is not None] == []
    assert any(each is not None and each.law.startswith("LawBroken") for each in without_it)


def test_what_is_kept_is_of_guards_that_there_are() -> None:
    assert FOUND.keys() <= GUARDS.keys()
