"""Settings that cannot all be meant, whatever each says alone. Start at `contradictions`."""

from __future__ import annotations

from collections.abc import Iterator

from shared.errors import Fault
from shared.model.settings import Settings


def contradictions(settings: Settings, pointer: str = "/settings") -> list[Fault]:
    """Every contradiction of the settings as they would hold, at the name to change, with what to change.

    Args:
        pointer: Where the settings stand in the body.
    """
    return [Fault(f"{pointer}/{name}", detail) for name, detail in _faults(settings)]


def _faults(settings: Settings) -> Iterator[tuple[str, str]]:
    if settings.direction == "to_google" and settings.import_external != "off":
        detail = f"`{settings.import_external}` brings events in, and with direction `to_google` nothing comes in; "
        yield "import_external", detail + "send `off` as well, or another direction"
    if settings.direction == "to_google" and settings.private_events == "to_crm_only":
        yield "private_events", "with direction `to_google` nothing private would sync: send `skip`, which says so"
    if settings.direction == "from_google" and settings.private_events == "to_google_only":
        yield "private_events", "with direction `from_google` nothing private would sync: send `skip`, which says so"
