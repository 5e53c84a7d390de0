r"""The decision table: what follows when one side, both, or none changed or deleted. Pure; check it by eye.

    crm \ google   unchanged      changed                     gone
    unchanged      Merged (none)  Merged (take)               by policy: CancelTask, Unlink or NextGeneration
    changed        Merged (send)  Merged (by field)           NextGeneration: an edit beats a delete
    gone           DeleteEvent    RestoreTask: an edit beats  Forget

An edit beats a delete only if the deleter had not received it, and only if it is one that the direction lets through.
A task without an event is `CreateEvent`; an event without a task is a foreign one and decided by `shared.sync.policy`.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

import msgspec

from shared.model.settings import GoogleDeletePolicy
from shared.sync.fields import Fields
from shared.sync.merge import Base, Merge, MergePolicy, changed_by_crm, changed_by_google, merge


class Living(msgspec.Struct, frozen=True):
    """A side has the record, with these canonical values.

    Args:
        edited: It changed an occurrence, and the other side has not received that: an edit of the series (rule 17).
    """

    fields: Fields
    edited: bool = False


class Gone(msgspec.Struct, frozen=True):
    """A side had the record and wants it, or has it, no longer."""


class Never(msgspec.Struct, frozen=True):
    """Google has never had an event for this task."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The settings that decide, with what this copy of the event allows."""

    merge: MergePolicy = MergePolicy()
    on_google_delete: GoogleDeletePolicy = "cancel_task"


class CreateEvent(msgspec.Struct, frozen=True):
    """Insert the event."""


class Merged(msgspec.Struct, frozen=True):
    """Both live: this goes where."""

    merge: Merge


class DeleteEvent(msgspec.Struct, frozen=True):
    """The CRM no longer wants the event and nobody changed it unseen."""


class RestoreTask(msgspec.Struct, frozen=True):
    """A person's unseen edit beats the CRM's deletion: the task comes back."""

    merge: Merge


class CancelTask(msgspec.Struct, frozen=True):
    """A person deleted the event and the policy says that the task is cancelled."""


class Unlink(msgspec.Struct, frozen=True):
    """A person deleted the event; the task goes on without one."""


class NextGeneration(msgspec.Struct, frozen=True, kw_only=True):
    """The event is gone and one is wanted again, under a new id (rule 13)."""

    edit_beat_delete: bool


class Forget(msgspec.Struct, frozen=True):
    """Nobody wants it and nobody has it."""


Decision: TypeAlias = CreateEvent | Merged | DeleteEvent | RestoreTask | CancelTask | Unlink | NextGeneration | Forget


def decide(crm: Living | Gone, google: Living | Gone | Never, base: Base, policy: Policy) -> Decision:
    """What follows from both sides and what they last agreed on."""
    match crm:
        case Living():
            return _of_a_living_task(crm, google, base, policy)
        case Gone():
            return _of_a_gone_task(google, base, policy.merge)
        case _ as unknown:
            assert_never(unknown)


def _of_a_living_task(ours: Living, google: Living | Gone | Never, base: Base, policy: Policy) -> Decision:
    match google:
        case Never():
            return CreateEvent()
        case Living(theirs):
            return Merged(merge(ours.fields, theirs, base, policy.merge))
        case Gone():
            if ours.edited or changed_by_crm(ours.fields, base) & policy.merge.may_send:
                return NextGeneration(edit_beat_delete=True)
            return _deleted_by_a_person(policy.on_google_delete)
        case _ as unknown:
            assert_never(unknown)


def _of_a_gone_task(google: Living | Gone | Never, base: Base, policy: MergePolicy) -> Decision:
    match google:
        case Living(theirs, edited):
            if edited or changed_by_google(theirs, base) & policy.may_take:
                return RestoreTask(merge({}, theirs, base, policy))
            return DeleteEvent()
        case Gone() | Never():
            return Forget()
        case _ as unknown:
            assert_never(unknown)


def _deleted_by_a_person(policy: GoogleDeletePolicy) -> Decision:
    match policy:
        case "cancel_task":
            return CancelTask()
        case "unlink":
            return Unlink()
        case "recreate":
            return NextGeneration(edit_beat_delete=False)
        case _ as unknown:
            assert_never(unknown)
