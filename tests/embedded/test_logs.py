"""A log line says what happened and to whom by key, and never repeats what is private."""

from __future__ import annotations

import io
import json

import flask
import pytest

from infra.logs import JsonLog, Level, request_trace, trace_headers
from shared.model.ids import key_of
from tests.embedded.conftest import SteppedClock

TRACE = "0af7651916cd43dd8448eb211c80319c"


def lines(
    clock: SteppedClock, outcome: str = "done", level: Level = "INFO", **fields: str | float | None
) -> list[dict[str, object]]:
    stream = io.StringIO()
    JsonLog(clock=clock, level=level, stream=stream).event("pull", outcome, **fields)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_the_fields_of_the_event(clock: SteppedClock) -> None:
    assert lines(clock, tenant="t1", changes=3, calendar=None) == [
        {
            "severity": "INFO",
            "time": "2026-07-01T12:00:00+00:00",
            "flow": "pull",
            "outcome": "done",
            "tenant": "t1",
            "changes": 3,
        }
    ]


@pytest.mark.parametrize(
    ("outcome", "severity"),
    [("done", "INFO"), ("retry", "WARNING"), ("bug", "ERROR"), ("idle", "DEBUG"), ("404", "INFO"), ("500", "ERROR")],
)
def test_the_outcome_decides_the_severity(clock: SteppedClock, outcome: str, severity: str) -> None:
    assert lines(clock, outcome, level="DEBUG")[0]["severity"] == severity


def test_lines_below_the_level_are_left_out(clock: SteppedClock) -> None:
    assert lines(clock, "done", level="WARNING") == []


@pytest.mark.parametrize(
    "value",
    [
        "anna@example.com",
        "Bearer abc",
        "ya29.abc",
        "1//0abc",
        "tdm_x_y_z",
        "eyJhbGciOi.J9",
    ],
)
def test_what_looks_private_is_replaced_by_its_key(clock: SteppedClock, value: str) -> None:
    assert lines(clock, calendar=value)[0]["calendar"] == f"key:{key_of(value)}"


def test_long_texts_are_cut(clock: SteppedClock) -> None:
    assert len(str(lines(clock, detail="x" * 1000)[0]["detail"])) == 301


@pytest.mark.parametrize(
    ("headers", "project", "trace"),
    [
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, None, TRACE),
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, "p", f"projects/p/traces/{TRACE}"),
        ({"X-Cloud-Trace-Context": f"{TRACE}/1;o=1"}, None, TRACE),
        ({"traceparent": "00-anna@example.com-x-01"}, None, None),
        ({}, None, None),
    ],
)
def test_the_trace_is_the_requests(headers: dict[str, str], project: str | None, trace: str | None) -> None:
    with flask.Flask("x").test_request_context(headers=headers):
        assert request_trace(project) == trace


@pytest.mark.parametrize(
    ("headers", "handed_on"),
    [
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, {"traceparent"}),
        ({"X-Cloud-Trace-Context": f"{TRACE}/1;o=1"}, {"X-Cloud-Trace-Context"}),
        ({"X-Cloud-Trace-Context": TRACE, "traceparent": "00-anna@example.com-x-01"}, {"X-Cloud-Trace-Context"}),
        ({"X-Cloud-Trace-Context": f"{TRACE}/1\tx"}, set()),
        ({}, set()),
    ],
)
def test_a_trace_is_handed_on_as_it_came(headers: dict[str, str], handed_on: set[str]) -> None:
    with flask.Flask("x").test_request_context(headers=headers):
        assert trace_headers() == {name: headers[name] for name in handed_on}


def test_outside_of_requests_there_is_no_trace() -> None:
    assert request_trace("p") is None


def test_a_line_is_one_write_so_that_nothing_stands_in_it(clock: SteppedClock) -> None:
    class Written(io.StringIO):
        def __init__(self) -> None:
            super().__init__()
            self.parts: list[str] = []

        def write(self, text: str) -> int:
            self.parts.append(text)
            return len(text)

    stream = Written()
    JsonLog(clock=clock, stream=stream).event("pull", "done")

    assert [part.endswith("}\n") for part in stream.parts] == [True]
