"""The single dates of a series in the demo CRM: which come next, and one of them moved or called off.

Start at `upcoming` and `change`; both speak Tandem's public API.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from infra.embedded.demo.crm import Crm, Impossible
from infra.embedded.demo.times import shifted, spoken

if TYPE_CHECKING:
    from infra.embedded.demo.calls import Answer

SHOWN = 6
LATER = timedelta(hours=1)


def upcoming(crm: Crm, id_: str) -> list[dict[str, Any]]:
    """The next dates of a series within a year, those that are called off among them.

    Raises:
        Unreachable, Impossible: They cannot be had.
    """
    found = _good(crm.tandem.call("GET", _place(id_), query={"limit": SHOWN})).document
    return [
        {
            "start": each["original_start"],
            "title": each["title"] or "Untitled",
            "when": spoken(each),
            "own": each["overridden"],
            "cancelled": each["cancelled"],
        }
        for each in found["data"]
    ]


def change(crm: Crm, id_: str, start: str, kind: str) -> None:
    """One date is an hour later than it was, called off, or takes place again as its series says.

    Raises:
        Unreachable, Impossible: It is not.
    """
    place = _place(id_, start)
    if kind == "cancel":
        _good(crm.tandem.call("DELETE", place))
    elif kind == "later":
        one = _good(crm.tandem.call("GET", place)).document
        _good(crm.tandem.call("PUT", place, shifted(one, LATER)))
    elif kind == "back":
        _good(crm.tandem.call("PUT", place, {}))
    else:
        raise Impossible(f"a date cannot be changed to {kind}")


def repeats(fields: dict[str, Any]) -> str:
    """How often, in words; empty: once."""
    rule = next((line for line in fields.get("recurrence") or () if line.upper().startswith("RRULE")), "")
    if not rule:
        return ""
    parts = dict(part.split("=", 1) for part in rule.partition(":")[2].split(";") if "=" in part)
    word = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}.get(parts.get("FREQ", ""))
    if word is None:
        return "repeats"
    number = parts.get("INTERVAL", "1")
    return f"every {word}" if number == "1" else f"every {number} {word}s"


def _place(id_: str, start: str | None = None) -> str:
    return f"/v1/tasks/{quote(id_, safe='')}/occurrences" + (f"/{start}" if start else "")


def _good(answer: Answer) -> Answer:
    if not answer.good:
        raise Impossible(answer.complaint)
    return answer
