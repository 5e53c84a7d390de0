"""What is wrong with a write of a task, every fault at once. Pure.

Faults are looked for in the task as it would be, so that a PATCH is checked against what is stored; but only those are
told that the write brings in, so that a CRM that sends its whole record is not stopped by what came from Google.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from msgspec import UNSET

from shared.errors import Fault
from shared.model.content import CONTENT_NAMES, Content
from shared.sync.checks import check_content

_TIMES = frozenset({"start", "end", "time_zone", "recurrence"})


def faults_of_write(incoming: Content, after: Content, changed: AbstractSet[str], *, new: bool) -> list[Fault]:
    """The write's faults, with JSON pointers into it; empty when it can be stored.

    Args:
        incoming: As sent; unset fields are not part of it.
        after: The content as it would be.
        changed: The fields that the write changes.
        new: There is no such task yet, so that all that was sent counts.
    """
    brought = {name for name in CONTENT_NAMES if getattr(incoming, name) is not UNSET} if new else changed
    concerned = brought | _TIMES if brought & _TIMES else brought
    faults = [] if after.user_id or not new else [Fault("/user_id", "a new task needs the user it belongs to")]
    return faults + [fault for fault in check_content(after) if fault.pointer.split("/")[1] in concerned]
