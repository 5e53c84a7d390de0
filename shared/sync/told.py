"""What the CRM must be told of a change to a task, as a value; the use case turns it into an entry of the feed."""

from __future__ import annotations

import msgspec

from shared.model.change import Kind, Origin


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One entry to write in the commit of the change.

    Args:
        kind: None: only the task's history hears of it.
        action: In plain words, for the history: what happened.
        policy: The rule or setting that decided, if one did.
        detail: What Google answered, or what else a person would ask; nothing personal.
        occurrence: Of which occurrence it is told, by its original start; `changed` then holds what differs, and
            `prints` what the CRM has to acknowledge, both by contract field.
    """

    kind: Kind | None
    origin: Origin
    action: str
    policy: str | None = None
    detail: str | None = None
    occurrence: str | None = None
    changed: dict[str, tuple[object, object]] = msgspec.field(default_factory=dict)
    prints: dict[str, str] = msgspec.field(default_factory=dict)
