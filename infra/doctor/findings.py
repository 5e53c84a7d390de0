"""What `doctor` says of one thing it looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at; one that is not well names its remedy."""

    well: bool
    what: str
    detail: str

    @property
    def line(self) -> str:
        """For a person to read."""
        return f"{'ok  ' if self.well else 'FAIL'}  {self.what}: {self.detail}"


def well(what: str, detail: str) -> Finding:
    """Nothing is to be done."""
    return Finding(well=True, what=what, detail=detail)


def fault(what: str, detail: str) -> Finding:
    """Something is wrong; the detail says what, and what helps."""
    return Finding(well=False, what=what, detail=detail)
