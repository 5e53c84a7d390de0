"""Which pinned packages a clone of the advisory database names; reads files only.

Source: https://github.com/pypa/advisory-database, in the format of https://ossf.github.io/osv-schema/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from packaging.version import InvalidVersion, Version

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakness:
    """An advisory that holds for a pinned version."""

    package: str
    version: str
    advisory: str
    fixed: str | None


def pins(texts: Iterable[str]) -> list[tuple[str, str]]:
    """Canonical name and version of every pin in these requirements files."""
    found = {(re.sub(r"[-_.]+", "-", name).lower(), version) for text in texts for name, version in PIN.findall(text)}
    return sorted(found)


def known_to_be_weak(pinned: Iterable[tuple[str, str]], database: Path) -> list[Weakness]:
    """Every advisory that holds for a pin.

    Args:
        pinned: Canonical names and versions.
        database: A clone of the advisory database.

    Raises:
        FileNotFoundError: There is no database.
    """
    if not (database / "vulns").is_dir():
        raise FileNotFoundError(f"{database} is no clone of the advisory database: it has no folder vulns")
    found: list[Weakness] = []
    for package, version in pinned:
        for path in sorted((database / "vulns" / package).glob("*.yaml")):
            advisory = yaml.safe_load(path.read_text("utf-8"))
            found += _of(advisory, package, version)
    return found


def _of(advisory: Mapping[str, Any], package: str, version: str) -> Iterator[Weakness]:
    """At most one weakness: the advisory names the version, or a range that it lies in."""
    if advisory.get("withdrawn"):
        return
    for affected in advisory.get("affected", ()):
        for events in [each["events"] for each in affected.get("ranges", ()) if each["type"] == "ECOSYSTEM"]:
            fixed = next((str(event["fixed"]) for event in reversed(events) if "fixed" in event), None)
            if version in map(str, affected.get("versions", ())) or within(version, events):
                yield Weakness(package=package, version=version, advisory=str(advisory["id"]), fixed=fixed)
                return


def within(version: str, events: Iterable[Mapping[str, str]]) -> bool:
    """The version lies in a stretch that the events open and close; one that cannot be compared is taken to."""
    inside = False
    try:
        at = Version(version)
        for event in events:
            if "introduced" in event and at >= Version(str(event["introduced"])):
                inside = True
            if ("fixed" in event and at >= Version(str(event["fixed"]))) or (
                "last_affected" in event and at > Version(str(event["last_affected"]))
            ):
                inside = False
    except InvalidVersion:
        return True
    return inside
