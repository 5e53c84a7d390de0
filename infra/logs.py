"""The log port: one JSON line per event on standard output, as Cloud Logging reads it. Never content or tokens.

A value that could be a mail address or a key is replaced by its document key, so that lines can still be matched.
Source: https://docs.cloud.google.com/logging/docs/structured-logging
"""

from __future__ import annotations

import re
import sys
import threading
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from shared.model.ids import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from shared.ports import Clock

Level: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
LEVELS: tuple[Level, ...] = ("DEBUG", "INFO", "WARNING", "ERROR")
TRACE = re.compile("[0-9a-f]{32}")
TRACEPARENT, GOOGLES_TRACE = "traceparent", "X-Cloud-Trace-Context"
TRACE_HEADER = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|[0-9a-f]{32}(/\d{1,20})?(;o=\d)?")
MAX_TEXT = 300
ERRORS = frozenset({"bug", "failed", "given_up", "unavailable"})
WARNINGS = frozenset(
    {"again", "held", "left_to_sweep", "refused", "retry", "revoked", "scanned", "suspended", "unreadable"}
)
ENDING = frozenset({"request_id", "duration_ms"})
QUIET = frozenset({"idle", "nothing", "nothing_due"})
SECRET_SIGNS = ("@", "tdm_", "ya29.", "1//", "Bearer ", "eyJ", "whsec_", "GOCSPX-")


class JsonLog:
    """Writes events as lines.

    Args:
        clock: Stamps each line.
        level: Events below it are left out.
        stream: Where lines go; standard output as it is at each line by default.
        trace: The current request's trace, or None.
        counts: What the current request has cost until now; the line that ends it, with its id and duration, tells it.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        level: Level = "INFO",
        stream: TextIO | None = None,
        trace: Callable[[], str | None] = lambda: None,
        counts: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._clock = clock
        self._least = LEVELS.index(level)
        self._stream = stream
        self._trace = trace
        self._counts = counts
        self._whole_lines = threading.Lock()

    def event(self, flow: str, outcome: str, **fields: str | float | None) -> None:
        severity = severity_of(outcome)
        if LEVELS.index(severity) < self._least:
            return
        line: dict[str, str | float] = {
            "severity": severity,
            "time": self._clock.now().isoformat(),
            "flow": flow,
            "outcome": outcome,
        }
        line |= {name: harmless(value) for name, value in fields.items() if value is not None}
        if fields.keys() >= ENDING:
            line |= self._counts()
        if trace := self._trace():
            line["logging.googleapis.com/trace"] = trace
        written = f"{msgspec.json.encode(line).decode()}\n"
        stream = self._stream or sys.stdout
        with self._whole_lines:
            # One write: whatever else this process prints stands before the line or behind it, never in it.
            stream.write(written)
            stream.flush()


def severity_of(outcome: str) -> Level:
    """How much an outcome matters; one that is a number is an HTTP status."""
    if outcome in ERRORS:
        return "ERROR"
    if outcome in WARNINGS:
        return "WARNING"
    if outcome.isdecimal():
        return "ERROR" if outcome >= "500" else "INFO"
    return "DEBUG" if outcome in QUIET else "INFO"


def harmless(value: str | float) -> str | float:
    """The value, cut to a line's length; what looks like an address, token or key is replaced by its document key."""
    if not isinstance(value, str):
        return value
    if any(sign in value for sign in SECRET_SIGNS):
        return f"key:{key_of(value)}"
    return value if len(value) <= MAX_TEXT else f"{value[:MAX_TEXT]}…"


def trace_headers() -> dict[str, str]:
    """What hands the current request's trace on to what it calls; empty outside of requests and where there is none."""
    from flask import has_request_context, request

    if not has_request_context():
        return {}
    given = ((name, request.headers.get(name, "")) for name in (TRACEPARENT, GOOGLES_TRACE))
    return {name: value for name, value in given if TRACE_HEADER.fullmatch(value)}


def request_trace(project: str | None) -> str | None:
    """The trace that the current request belongs to, by its W3C or Google header; None outside of requests.

    Source: https://www.w3.org/TR/trace-context/#traceparent-header
    """
    from flask import has_request_context, request

    if not has_request_context():
        return None
    parts = request.headers.get(TRACEPARENT, "").split("-")
    trace = parts[1] if len(parts) == 4 else request.headers.get(GOOGLES_TRACE, "").partition("/")[0]
    if not TRACE.fullmatch(trace):
        return None
    return f"projects/{project}/traces/{trace}" if project else trace
