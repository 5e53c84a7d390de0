"""What an outbound try does first, from the documents alone: Google is assumed to be as last confirmed. Pure.

If that assumption is wrong, the precondition of the write tells (412), and the try goes on from a get.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import msgspec

from shared.model.ids import CalendarId
from shared.model.task import Sync, Task
from shared.model.task_lists import home_of, is_list
from shared.sync.context import ENDED
from shared.sync.mapping import buried, next_generation, placed
from shared.sync.state import left_of_occurrences, unsent, with_state

if TYPE_CHECKING:
    from shared.sync.context import Context


class Rest(msgspec.Struct, frozen=True):
    """Nothing to do at Google; the document should read like this."""

    task: Task


class Place(msgspec.Struct, frozen=True):
    """An event is wanted and has no id yet: store this first."""

    task: Task


class Insert(msgspec.Struct, frozen=True):
    """Make the event under the stored id."""


class Update(msgspec.Struct, frozen=True):
    """Patch these fields, under the etag last confirmed."""

    send: frozenset[str]


class Revise(msgspec.Struct, frozen=True):
    """The series stands as it should; some of its occurrences do not yet."""


class LookAfter(msgspec.Struct, frozen=True):
    """The series was cut in Google: find out whether a later half has come of it."""


class Remove(msgspec.Struct, frozen=True):
    """Delete the event, under the etag last confirmed."""


class Move(msgspec.Struct, frozen=True):
    """Move the event to the calendar that the mapping names as target."""


class Leave(msgspec.Struct, frozen=True):
    """Delete the event here; it is made again in another account."""


class Look(msgspec.Struct, frozen=True):
    """Get the event first: nothing is confirmed of it, or something made us doubt."""


_RENDERED_INTO_TEXT = frozenset({"details", "done", "location"})

Plan: TypeAlias = Rest | Place | Insert | Update | Revise | LookAfter | Remove | Move | Leave | Look


def plan(task: Task, context: Context) -> Plan:
    """The first step of an outbound try."""
    sync = task.sync
    reason = context.unwanted(task)
    if reason is not None:
        return _ending(task, context, ended=reason in ENDED)
    if sync.event_id is None or sync.gone:
        return _placing(task, context)
    if leaves(sync):
        return Leave()
    if sync.verify or (sync.adopted and sync.etag is None):
        return Look()
    if sync.etag is None:
        return Insert()
    if sync.target is not None:
        return Move()
    send = unsent(task, context)
    if _needs_a_look(task, send, context):
        return Look()
    if send or sync.again is not None:
        return Update(send)
    if left := left_of_occurrences(task, context):
        needs = any(_needs_a_look(task, names, context) for names in left.values())
        return Look() if needs else Revise()
    if task.cut is not None:
        return LookAfter()
    meet_pending = sync.meet is not None and sync.meet.state == "pending"
    return Look() if meet_pending else Rest(with_state(task, context))


def leaves(sync: Sync) -> bool:
    """It is made anew elsewhere: nothing moves to another account, nor between calendars and lists or two lists."""
    return sync.target_connection is not None or (
        sync.target is not None and (is_list(sync.target) or is_list(sync.calendar))
    )


def _needs_a_look(task: Task, send: frozenset[str], context: Context) -> bool:
    """The patch would replace something of Google's that only a reading shows.

    Guests are replaced whole, so rooms, the organizer and fresh answers must be in the list; and what is rendered
    into a text that people wrote, and that is not taken from Google, must leave it as it stands.
    """
    if "attendees" in send and (task.sync.adopted or task.sync.responses):
        return True
    return bool(send & _RENDERED_INTO_TEXT) and not context.may_take(task)


def _ending(task: Task, context: Context, *, ended: bool) -> Plan:
    sync = task.sync
    if sync.event_id is None or sync.gone:
        return Rest(with_state(buried(task, confirmed=sync.gone), context))
    made_by_us = task.created_in == "crm" and not sync.adopted
    if not ended and not made_by_us:
        return Rest(with_state(task, context))
    # An etag does not prove that nobody edited an occurrence: a series is read whole before it goes (rule 33).
    return Look() if sync.etag is None or sync.verify or task.is_series else Remove()


def _placing(task: Task, context: Context) -> Plan:
    if task.sync.gone:
        return Place(with_state(next_generation(task, context), context))
    asked = task.content.calendar_id
    calendar = home_of(task.content, context.connection.calendar, context.connection.task_list)
    if isinstance(asked, str):
        calendar = context.connection.primary if asked == "primary" else CalendarId(asked)
    if calendar is None:
        return Rest(task)
    return Place(with_state(placed(task, context, calendar=calendar, generation=task.sync.generation), context))
