"""What of a CRM's write is an edit: a field that differs from what the CRM last sent or acknowledged (rule 5). Pure.

A CRM that writes whole records before it has seen a change from Google so undoes nothing, nor does one that has seen
an earlier change and not the latest. Start, end and time zone are one thing said in three fields: if one of them is an
edit, what was said of all three counts.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from shared.model.content import CONTENT_NAMES, Content
from shared.sync.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from shared.model.task import Occurrence, Sync, Unacknowledged

TIME_NAMES = ("start", "end", "time_zone")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A write of the CRM, sorted out.

    Args:
        content: The task's content afterwards.
        changed: Contract fields that the write really edits.
        sent: Per contract field, what the CRM has last sent or acknowledged afterwards.
        unacked: What the CRM has still not acknowledged.
    """

    content: Content
    changed: frozenset[str]
    sent: dict[str, str]
    unacked: dict[str, Unacknowledged]


def said(content: Content, incoming: Content, sync: Sync | Occurrence, read: Callable[[datetime, str], bool]) -> Said:
    """Sort out which of the incoming fields are edits.

    Args:
        content: The task's content as it is.
        incoming: What the CRM sends; unset fields are not part of the write.
        read: Whether the CRM has read on past the change with this time and id.
    """
    sent, unacked = acknowledged(sync, read)
    given = {name: value for name in CONTENT_NAMES if (value := getattr(incoming, name)) is not UNSET}
    if "updated_at" in given:
        content = replace(content, updated_at=given.pop("updated_at"))
    prints = {name: print_of(name, value, incoming, content) for name, value in given.items()}
    told = {(name, print_) for entry in unacked.values() for name, print_ in entry.fields.items()}
    edits = {name for name, print_ in prints.items() if print_ != sent.get(name) and (name, print_) not in told}
    if edits & set(TIME_NAMES):
        edits |= given.keys() & set(TIME_NAMES)
    changed = {name for name in edits if prints[name] != print_of(name, getattr(content, name), content, content)}
    after = replace(content, **{name: given[name] for name in changed})
    unacked = _unanswered(unacked, prints, edits)
    return Said(
        content=after,
        changed=frozenset(changed),
        sent={**sent, **prints},
        unacked={change: entry for change, entry in unacked.items() if entry.fields},
    )


def _unanswered(
    unacked: Mapping[str, Unacknowledged], prints: Mapping[str, str], edits: AbstractSet[str]
) -> dict[str, Unacknowledged]:
    """What is still unacknowledged: an edit answers all changes of its field, a value that was told that one.

    A stale repetition is no answer: once the CRM has read of the change, the old value is an edit again.
    """
    left: dict[str, Unacknowledged] = {}
    answered = set(edits)
    for change, entry in sorted(unacked.items(), key=lambda item: (item[1].at, item[0]), reverse=True):
        answered |= {name for name, print_ in entry.fields.items() if prints.get(name) == print_}
        left[change] = replace(
            entry, fields={name: print_ for name, print_ in entry.fields.items() if name not in answered}
        )
    return dict(reversed(left.items()))


def acknowledged(
    sync: Sync | Occurrence, read: Callable[[datetime, str], bool]
) -> tuple[dict[str, str], dict[str, Unacknowledged]]:
    """`sent` with everything the CRM has read on past, and what is left."""
    sent, left = dict(sync.sent), dict(sync.unacked)
    for change, entry in sorted(left.items(), key=lambda item: (item[1].at, item[0])):
        if read(entry.at, change):
            sent |= entry.fields
            del left[change]
    return sent, left


def prints_of(content: Content, names: Iterable[str]) -> dict[str, str]:
    """Fingerprints of a content's fields, as `sent` and `unacked` keep them."""
    return {name: print_of(name, getattr(content, name), content, content) for name in names}


def print_of(name: str, value: object, beside: Content, fallback: Content) -> str:
    """The fingerprint of one field as said; instants are compared as instants, text without its line ends and forms."""
    if value is UNSET or value is None:
        return fingerprint(None)
    if name in {"start", "end"} and isinstance(value, str):
        return fingerprint(_instant(value, _first(beside.time_zone, fallback.time_zone)))
    if isinstance(value, str):
        return fingerprint(unicodedata.normalize("NFC", value.replace("\r\n", "\n")).rstrip())
    return fingerprint(msgspec.to_builtins(value))


def _instant(text: str, zone: object) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) <= len("2026-11-21"):
        return text
    try:
        return moment.astimezone(UTC).isoformat() if moment.tzinfo else f"{moment.isoformat()}@{zone}"
    except OverflowError:  # before the year 1 or after 9999 in UTC: no calendar holds it, and its check says so
        return text


def _first(*values: object) -> object:
    return next((value for value in values if isinstance(value, str)), None)


def changes_between(before: Content, after: Content) -> dict[str, tuple[object, object]]:
    """Per contract field that differs, the value before and after, as JSON."""
    old, new = _json(before), _json(after)
    return {name: (old.get(name), new.get(name)) for name in CONTENT_NAMES if old.get(name) != new.get(name)}


def _json(content: Content) -> Mapping[str, object]:
    built = msgspec.to_builtins(content)
    return built if isinstance(built, dict) else {}
