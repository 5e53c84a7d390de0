"""docs/features.md as it should be: every feature with the scenarios that show it, found by their functions' names.

`make features` writes the page; a test holds it current. A scenario of row A14 is a function `test_a14_…`.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "features.md"
FOUND_IN = ("scenarios", "demo", "browser", "simulation", "gcp", "docs")
_CLAIM = re.compile(r"test_([ab])(\d\d)_\w+")

EXPECTED: dict[str, str] = {
    "A1": "what the CRM makes, changes and deletes stands so in Google, with one call a change",
    "A2": "what people change, move, resize or delete in Google reaches the CRM within seconds",
    "A3": "OAuth by one fixed address, through a relay that stores nothing",
    "A4": "both ways without a public HTTPS server, by polling",
    "A5": "a tenant's own Google OAuth client",
    "A6": "guided setup of the Google project, with this deployment's own addresses and a check",
    "A7": "direction: both, to Google, from Google",
    "A8": "which side wins a conflict, field by field",
    "A9": "hours and days that sync",
    "A10": "private events in four modes",
    "A11": "descriptions as clean HTML or as text",
    "A12": "recurring appointments made in the CRM",
    "A13": "recurring events made in Google: series, exceptions, 'this and following'",
    "A14": "several calendars, shared and read-only ones",
    "A15": "Google Tasks",
    "A16": "calendars watched one by one",
    "A17": "first export of all future tasks",
    "A18": "first import of all future events",
    "A19": "push notifications, renewed with overlap",
    "A20": "'sync now'",
    "A21": "disconnecting, reconnecting, change of account",
    "A22": "per task a switch and a target calendar; a changed target moves the event",
    "A23": "Google Meet",
    "A24": "Zoom links",
    "A25": "guests and their answers",
    "A26": "generated lines around the description",
    "A27": "colours by type",
    "A28": "reminders",
    "A29": "conflicts kept with both versions",
    "A30": "tokens encrypted, refreshed early and once, keys rotated",
    "A31": "consent bound to tenant, user and browser",
    "A32": "notifications that prove themselves",
    "A33": "regular renewal and sweeps; orphans healed or told",
    "A34": "many tasks at once; mappings of another system taken over",
    "A35": "settings page",
    "A36": "information page with setup steps",
    "A37": "structured logs without tokens, titles or mail addresses",
    "A38": "errors that name cause and remedy, in the user's language",
    "B1": "no duplicate and no lost edit, whatever crashes",
    "B2": "field-wise merge: disjoint edits never conflict",
    "B3": "one Google call and two commits a change",
    "B4": "a brake before mass changes",
    "B5": "a preview before the first sync",
    "B6": "deleted stays deleted after an expired token",
    "B7": "a lost grant is told once, and nothing that waits is lost",
    "B8": "done means something",
    "B9": "no mail to guests by accident, and no internal note",
    "B10": "a signed change feed that can be replayed",
    "B11": "portal links",
    "B12": "runs whole on one machine",
    "B13": "exports paced by Google's quota",
    "B14": "a history for each task",
    "B15": "pages in six languages",
    "B16": "deterministic simulation under faults",
    "B17": "a cost sheet from counted operations",
    "B18": "least-privilege scopes, and the granted ones checked",
}
"""Every row, in order."""

HEAD = """\
# What Tandem does, and where that is shown

Each row is driven end to end: through the public API on one side, and Google's API on the other. A scenario is named
after its row: `test_a14_…` shows A14. `make features` writes this page from those names.

| row | what | shown by |
|---|---|---|
"""


def scenarios() -> dict[str, list[Path]]:
    """Per row the files that have a scenario of it, by path from the root."""
    found: dict[str, set[Path]] = defaultdict(set)
    for folder in FOUND_IN:
        for path in (ROOT / "tests" / folder).rglob("test_*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                claim = _CLAIM.fullmatch(node.name) if isinstance(node, ast.FunctionDef) else None
                if claim is not None:
                    found[f"{claim[1].upper()}{int(claim[2])}"].add(path.relative_to(ROOT))
    return {row: sorted(paths) for row, paths in found.items()}


def page() -> str:
    """The whole page."""
    shown = scenarios()
    return HEAD + "".join(f"| {row} | {what} | {_cell(shown.get(row, []))} |\n" for row, what in EXPECTED.items())


def _cell(paths: list[Path]) -> str:
    return " ".join(f"[{path.stem}](../{path.as_posix()})" for path in paths) or "not shown yet"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
