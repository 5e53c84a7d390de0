"""What stages open is closed behind the test that asked for them, or at the end of the run. Start at `closed_later`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar


class Closable(Protocol):
    """Holds a file or a connection until it is closed."""

    def close(self) -> None:
        """It holds nothing any more; a second time changes nothing."""


T = TypeVar("T", bound=Closable)
_OPEN: list[Closable] = []


def closed_later(opened: T) -> T:
    """The same, and closed at the end of the innermost `closing` that is under way."""
    _OPEN.append(opened)
    return opened


@contextmanager
def closing() -> Iterator[None]:
    """What is opened for later inside is closed at the end, the latest first; what was open before stays so."""
    before = len(_OPEN)
    try:
        yield
    finally:
        while len(_OPEN) > before:
            _OPEN.pop().close()
