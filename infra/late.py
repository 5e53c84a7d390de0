"""Lets an import wait until it is needed: what a process never uses, it never loads."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from infra.structs import make_ready

if TYPE_CHECKING:
    from collections.abc import Callable


class Late:
    """Stands for an adapter whose library is imported at its first use: a refused request never pays for it."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: object | None = None

    def __getattr__(self, name: str) -> object:
        with self._lock:
            if self._made is None:
                self._made = self._make()
                make_ready()
        return getattr(self._made, name)
