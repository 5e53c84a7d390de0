"""Compares an answer with the one that a page shows: fields may be left out, `…` stands for anything."""

from __future__ import annotations

import json
import re

ANYTHING = "…"


def differences(shown: object, got: object, where: str = "") -> list[str]:
    """What the page shows and the answer does not hold.

    The entries shown of a list must come in their order; others may be between them. An empty list must be empty.
    """
    match shown, got:
        case dict(), dict():
            faults: list[str] = []
            for name, value in shown.items():
                if name in got:
                    faults += differences(value, got[name], f"{where}/{name}")
                else:
                    faults.append(f"{where}/{name} is missing")
            return faults
        case [], [*others]:
            return [f"{where} is not empty: {others!r:.200}"] if others else []
        case [*entries], [*others]:
            waiting = iter(others)
            for number, entry in enumerate(entries):
                if all(differences(entry, other) for other in waiting):
                    return [f"{where}/{number} is in none of the entries left: {others!r:.600}"]
            return []
        case str(), str():
            return [] if text_matches(shown, got) else [f"{where} is {got!r:.200}, shown as {shown!r}"]
        case _:
            return [] if shown == got and type(shown) is type(got) else [f"{where} is {got!r:.200}, shown as {shown!r}"]


def text_matches(shown: str, got: str) -> bool:
    """The text, with anything where the page has `…`."""
    return re.fullmatch(".*".join(map(re.escape, shown.split(ANYTHING))), got, re.DOTALL) is not None


def printed_differences(kind: str, shown: str, printed: str) -> list[str]:
    """What a block of this kind shows and the commands did not print."""
    if kind == "text":
        lines = printed.splitlines()
        return [
            f"no line is {line!r}: {lines}"
            for line in shown.splitlines()
            if not any(text_matches(line, each) for each in lines)
        ]
    try:
        return differences(json.loads(shown), json.loads(printed))
    except ValueError:
        return [f"no JSON was printed: {printed!r:.600}"]
