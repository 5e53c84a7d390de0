"""What a CRM keeps of persons that were erased: no more than which words about their tasks it must not believe.

An id that a pull gave may be born again, from the same event: for another user who has it too, or for the person come
back. That is another task, and what is told of it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from tests.simulation.crm import Heard


class _Left(msgspec.Struct, frozen=True):
    """Whose task it was; what was told up to then is of that one."""

    user: str
    until: datetime


class Forgotten:
    """The persons that are erased, and the ids of what were their tasks."""

    def __init__(self) -> None:
        self.persons: set[str] = set()
        self._left: dict[str, _Left] = {}
        self._until: dict[str, datetime] = {}
        """Who came back, and since when."""

    @property
    def tasks(self) -> set[str]:
        """Ids under which an erased person's task was known."""
        return set(self._left)

    def leaves(self, user: str, tasks: Collection[str], at: datetime) -> None:
        """The person is being erased."""
        self.persons.add(user)
        self._left |= dict.fromkeys(tasks, _Left(user, at))

    def returns(self, user: str, at: datetime) -> None:
        """The person is there again, after the erasure has ended; who was never erased was never gone."""
        if user not in self.persons:
            return
        self.persons.discard(user)
        self._until[user] = at
        self._left |= {task: _Left(user, at) for task, left in self._left.items() if left.user == user}

    def is_of_a_past_one(self, change: Heard, *, known: bool) -> bool:
        """The change tells of a task that went with its person, or will: one that a pull made while they are erased.

        Args:
            known: The CRM has the task, which it may have written since.
        """
        user = None if change.task is None else str(change.task.get("user_id"))
        left = self._left.get(change.task_id or "")
        if left is not None:
            return change.at <= left.until or user in self.persons
        return not known and (user in self.persons or (user in self._until and change.at <= self._until[user]))
