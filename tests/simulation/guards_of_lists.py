"""Guards of a list of Google Tasks, switched off; `test_lists.py` tells that the laws are broken then."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from shared.usecases.outbound.list_attempt import ListAttempt

if TYPE_CHECKING:
    import pytest

    from shared.usecases.outbound.trying import Done

OUT = "shared.usecases.outbound.list_attempt"


def the_list_is_not_searched(patch: pytest.MonkeyPatch) -> None:
    """After a crash the task is inserted again, whatever stands in the list."""
    patch.setattr(f"{OUT}.recovered", lambda *_: None)


def intents_are_everybodys(patch: pytest.MonkeyPatch) -> None:
    """An intent is stored, and whoever finds one takes it for its own."""
    real = ListAttempt.run

    def run(attempt: ListAttempt) -> Done:
        intent = attempt.reading.task.sync.intent
        return real(attempt if intent is None else dataclasses.replace(attempt, by=intent.by))

    patch.setattr(ListAttempt, "run", run)


def nothing_moves_by_its_time(patch: pytest.MonkeyPatch) -> None:
    """A task that gains a time stays in the list."""
    patch.setattr("shared.sync.place.belongs_in_list", lambda _: True)
