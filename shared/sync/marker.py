"""The marker: one private property on the event by which a job that died between Google and its commit is understood.

It names the write (rule 6) and, for each field sent, the fingerprint of what was sent. It is a note to ourselves, never
authority: it is believed only on the event that the mapping names, under a binding that a copy made by a person lacks
(rule 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.model.ids import digest_of
from shared.sync.fields import BY_MARKER_KEY, FIELDS
from shared.sync.merge import Base

if TYPE_CHECKING:
    from shared.model.ids import TenantId
    from shared.model.task import Task

PROPERTY = "tandem"
_CANCELLED = "k"
"""The key of an occurrence's cancellation, which is no field of an event."""
LIMIT = 1024
"""Google cuts longer values silently: https://developers.google.com/workspace/calendar/api/guides/extended-properties"""


class Marker(msgspec.Struct, frozen=True, kw_only=True):
    """What the last write of ours on this event was."""

    binding: str
    write_id: str
    fields: dict[str, str]

    def text(self) -> str:
        """As stored on the event, at most 1,024 characters."""
        sent = ",".join(f"{_key(name)}={print_}" for name, print_ in sorted(self.fields.items()))
        return f"1|{self.binding}|{self.write_id}|{sent}"


def read_marker(private: Mapping[str, str] | None) -> Marker | None:
    """The marker among an event's private properties; None if there is none that we wrote."""
    parts = (private or {}).get(PROPERTY, "").split("|")
    if len(parts) != 4 or parts[0] != "1":
        return None
    pairs = (pair.partition("=") for pair in parts[3].split(",") if pair)
    names = {**BY_MARKER_KEY, _CANCELLED: "cancelled"}
    fields = {names[key]: print_ for key, _, print_ in pairs if key in names}
    return Marker(binding=parts[1], write_id=parts[2], fields=fields)


def binding_of(deployment: str, tenant: TenantId, task: Task, original_start: str | None = None) -> str:
    """Ties a marker to this task, this generation and this event's id.

    Args:
        original_start: Of an occurrence's marker: one without it was copied from the series, and is none (rule 32).
    """
    sync = task.sync
    parts = (deployment, tenant, task.id, sync.generation, sync.event_id or "")
    named = () if original_start is None else (original_start,)
    return digest_of("marker", *parts, *named, length=12)


def insert_id(task: Task) -> str:
    """The write id of an insert: the generation, plus `again`."""
    return f"g{task.sync.generation}{_again(task)}"


def patch_id(task: Task, if_match: str) -> str:
    """The write id of a patch: the etag it was conditional on, plus `again`."""
    return f"p{digest_of(if_match, length=12)}{_again(task)}"


def takes_back(marker: Marker | None, task: Task) -> bool:
    """The marker proves that the write which took back a deletion or a move has happened (rule 13)."""
    return marker is not None and task.sync.again is not None and marker.write_id.endswith(_again(task))


def unconfirmed(marker: Marker | None, task: Task, binding: str) -> Marker | None:
    """The marker, if it is ours and tells of a write that the mapping has not confirmed."""
    if marker is None or marker.binding != binding or marker.write_id == task.sync.confirmed:
        return None
    return marker


def recalled(task: Task, own: Marker | None) -> Task:
    """A task out of a backup takes the last write of ours for confirmed, without its fields: they count as Google's.

    The document may be older than that write, and then holds the CRM's older words. Believed, the marker would send
    these out as the CRM's newest.
    """
    if not task.sync.restored:
        return task
    confirmed = task.sync.confirmed if own is None else own.write_id
    return replace(task, sync=replace(task.sync, restored=False, confirmed=confirmed))


def base_with(base: Base, marker: Marker | None) -> dict[str, tuple[str, str]]:
    """Base, with an unconfirmed marker's fingerprints standing in on both halves."""
    told = {name: (print_, print_) for name, print_ in marker.fields.items()} if marker else {}
    return {**base, **told}


def marker_for(binding: str, write_id: str, sent: Mapping[str, str], carried: Marker | None) -> Marker:
    """The marker of a write: what it sends, and what an unconfirmed earlier write sent."""
    return Marker(binding=binding, write_id=write_id, fields={**(carried.fields if carried else {}), **sent})


def _key(name: str) -> str:
    return _CANCELLED if name == "cancelled" else FIELDS[name].marker_key


def _again(task: Task) -> str:
    return "" if task.sync.again is None else f".{task.sync.again}"


def marked(body: Mapping[str, object], marker: Marker) -> dict[str, object]:
    """A request body with the marker in it."""
    return {**body, "extendedProperties": {"private": {PROPERTY: marker.text()}}}
