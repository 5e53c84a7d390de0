"""What only Google can say of an event: etag, links, answers, Meet, and when a value was first seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.google.series import family_of, is_later_half
from shared.model.ids import EventId
from shared.model.task import Task
from shared.sync.fingerprint import DEFAULTS, fingerprint
from shared.sync.mapping import uid_key, uid_of, with_keys
from shared.sync.meeting import meet_after
from shared.sync.merge import Base, changed_by_google

if TYPE_CHECKING:
    from datetime import datetime

    from shared.google.events import Event
    from shared.sync.fields import Fields
    from shared.sync.marker import Marker
    from shared.sync.merge import Merge


def observed(task: Task, event: Event, marker: Marker | None) -> Task:
    """The task with what only Google can say of its event: etag, links, answers, Meet. Base is not touched.

    The etag of a version that is withheld is not stored: nobody knows what it says (rule 3).
    """
    sync = task.sync
    keyed = with_keys(sync, *(uid_key(uid) for uid in uids_of(event)[:1]))
    answers = answers_in(event)
    return replace(
        task,
        sync=replace(
            keyed,
            etag=sync.etag if event.withheld else event.etag,
            updated=sync.updated if event.withheld else event.updated,
            ical_uid=event.ical_uid or sync.ical_uid,
            organizer=event.organizer_self,
            confirmed=marker.write_id if marker else sync.confirmed,
            html_link=event.html_link or sync.html_link,
            responses=answers if event.guests_complete else {**sync.responses, **answers},
            meet=meet_after(sync.meet, event),
            kept=False,
            verify=False,
            missing=0,
            looks=0,
        ),
    )


def uids_of(event: Event) -> list[str]:
    """What is the same in all copies of the event, most telling first; an occurrence shares its series' iCalUID.

    Until its series was split it had the one of the whole series, and a copy may have been read then.
    """
    if event.ical_uid is None:
        return []
    if event.original_start is None:
        return [event.ical_uid]
    whole = uid_of_whole(event)
    before = [] if whole is None else [f"{whole} {event.original_start}"]
    return [f"{event.ical_uid} {event.original_start}", *before, event.ical_uid]


def uid_of_whole(event: Event) -> str | None:
    """The iCalUID of the series that a date's later half was cut off from, where Google made that; None: of no half."""
    master = event.recurring_event_id
    return uid_of(EventId(family_of(master))) if master is not None and is_later_half(master) else None


def answers_in(event: Event) -> dict[str, str]:
    """Each guest's answer, by address; neither the organizer's nor rooms'."""
    return {guest.email: guest.response for guest in event.guests if not guest.organizer and not guest.resource}


def with_color_by_hand(task: Task, google: Fields, base: Base) -> Task:
    """A colour that a person chose stays theirs, whatever types and settings say, until the CRM says another one."""
    if "color" not in changed_by_google(google, base) or "color" in task.sync.edits:
        return task
    color = google["color"]
    return replace(task, sync=replace(task.sync, by_hand={"color": color if isinstance(color, str) else None}))


def with_color_of_the_crm(task: Task) -> Task:
    """What the CRM says of its colour counts from now on, over what a person chose and what the event had before.

    An import agrees that an event stays as it is though its task's type has another colour. The same colour said by the
    CRM would then look like no change.
    """
    ours, theirs = task.sync.base.get("color", ("", ""))
    base = {name: pair for name, pair in task.sync.base.items() if name != "color" or ours == theirs}
    return replace(task, sync=replace(task.sync, by_hand={}, base=base))


def stamps_after(task: Task, event: Event, google: Fields, merge: Merge) -> dict[str, tuple[str, datetime]]:
    """Per changed field, when the value that Google has was first seen there (rule 43)."""
    if event.updated is None:
        return dict(task.sync.stamps)
    open_fields = merge.conflicts | merge.take | merge.overruled | merge.unheard
    kept = {name: stamp for name, stamp in task.sync.stamps.items() if stamp[0] == print_in(google, name)}
    fresh = {name: (print_in(google, name), event.updated) for name in open_fields if name not in kept}
    return {**kept, **fresh}


def print_in(fields: Fields, name: str) -> str:
    """The fingerprint of a field's value, its default if it is not said."""
    return fingerprint(fields[name]) if name in fields else DEFAULTS[name]
