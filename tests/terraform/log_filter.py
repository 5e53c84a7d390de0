"""Reads as much of Cloud Logging's query language as the metrics use, and says whether a line is one that it counts.

Source: https://docs.cloud.google.com/logging/docs/view/logging-query-language
"""

from __future__ import annotations

import re
from collections.abc import Mapping

SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")
SPECIAL = {"severity", "time", "logging.googleapis.com/trace"}
"""Fields that Cloud Logging takes out of the line; the others are its `jsonPayload`."""
TERM = re.compile(r'(?P<field>severity|jsonPayload\.\w+)(?P<operator>>=|=|:)(?P<value>\*|\w+|"[^"]*"|\([^)]*\))')


def counts(query: str, line: Mapping[str, object]) -> bool:
    """The filter matches the line; one that says something else than conditions joined by AND is no filter of ours."""
    return all(_holds(term, line) for term in query.split(" AND "))


def _holds(term: str, line: Mapping[str, object]) -> bool:
    read = TERM.fullmatch(term)
    if read is None:
        raise ValueError(f"not understood: {term}")
    name, operator, value = read["field"].removeprefix("jsonPayload."), read["operator"], read["value"]
    if name == "severity":
        if operator != ">=":
            raise ValueError(f"not understood: {term}")
        return SEVERITIES.index(str(line["severity"])) >= SEVERITIES.index(value)
    if name in SPECIAL or name not in line:
        return False
    if operator == ":":
        return value == "*"
    return str(line[name]) in [each.strip('"') for each in value.strip("()").split(" OR ")]
