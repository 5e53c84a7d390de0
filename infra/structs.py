"""Makes struct classes ready before threads use them. Start at `make_ready`.

msgspec works a class out at its first decoding, and shows the half-done result to other threads meanwhile: a process
whose first two requests met there would end with a segmentation fault (seen with msgspec 0.22.0).
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_lock = threading.Lock()
_ready: set[type[msgspec.Struct]] = set()


def make_ready() -> None:
    """Every struct class that is loaded by now can be decoded by any number of threads; a second call costs little."""
    with _lock:
        for kind in list(_below(msgspec.Struct)):
            if kind in _ready:
                continue
            # What holds a port, or a name for type checkers only, cannot be decoded, so nobody decodes it.
            with suppress(NameError, TypeError):
                msgspec.json.Decoder(kind)
            _ready.add(kind)


def _below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for child in type.__subclasses__(kind):
        yield child
        yield from _below(child)
