"""Live pages: one server-sent event per change. Start at `changes`."""

import time
from collections.abc import Iterator

from infra.simulator.desk import Desk


def changes(desk: Desk, *, beat_s: float = 15.0) -> Iterator[str]:
    """Give one server-sent event per change of the world, and a beat when nothing happens."""
    with desk.doing() as google:
        seen = google.version
    yield f"event: version\ndata: {seen}\n\n"
    while True:
        deadline = time.monotonic() + beat_s
        heard = desk.rings
        version = desk.google.version
        while version == seen and time.monotonic() < deadline:
            desk.wait(1.0, heard=heard)
            if desk.closed:
                return
            heard = desk.rings
            version = desk.google.version
        if version == seen:
            yield ": still here\n\n"
            continue
        seen = version
        yield f"event: version\ndata: {seen}\n\n"
