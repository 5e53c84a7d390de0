"""What the doctor says, in few words."""

from __future__ import annotations

from infra.doctor.findings import Finding
from infra.embedded import doctor


def faults() -> list[str]:
    return [f"{finding.what}: {finding.detail}" for finding in doctor.examined() if not finding.well]


def said(what: str) -> list[Finding]:
    return [finding for finding in doctor.examined() if finding.what == what]


def the_fault(what: str) -> str:
    """The only fault there is."""
    (found,) = faults()
    assert found.startswith(f"{what}: ")
    return found
