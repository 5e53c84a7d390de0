"""A person's choice between two versions of one occurrence, carried out on its series' document. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from msgspec.structs import replace

from shared.errors import NotFound
from shared.model.task import Task
from shared.sync.expansion import yielded
from shared.sync.fingerprint import fingerprint
from shared.sync.occurrence import own_content, replaced, told_by_crm
from shared.sync.said import changes_between, prints_of
from shared.sync.state import with_state
from shared.usecases.changes import OfOccurrence

if TYPE_CHECKING:
    from shared.sync.context import Context
    from shared.sync.fields import Value

Winner: TypeAlias = Literal["crm", "google"]


def occurrence_settled(
    task: Task, start: str, winners: Mapping[str, Winner], context: Context
) -> tuple[Task, OfOccurrence]:
    """Google's is taken as if it alone had changed; for the CRM's, base first becomes Google's (rule 3).

    Raises:
        NotFound: The series no longer has this occurrence.
    """
    slot = yielded(task.content, context.rendering(task), {start}).get(start)
    if slot is None:
        raise NotFound("the series has no occurrence with this original start any more")
    occurrence, said = task.occurrences[start], told_by_crm(task, slot, context)
    shown = {name: cast("Value", occurrence.conflict[name].google) for name in winners}
    theirs = {name: shown[name] for name, winner in winners.items() if winner == "google"}
    content = own_content(occurrence, said, theirs, None, context)
    now = told_by_crm(replaced(task, start, replace(occurrence, content=content)), slot, context)
    base = dict(occurrence.base)
    for name in winners:
        google = fingerprint(shown[name])
        base[name] = (now.halves[name] if name in theirs else google, google)
    changed = dict(changes_between(said.task.content, now.task.content))
    after = replace(
        occurrence,
        content=content,
        base=base,
        conflict={name: kept for name, kept in occurrence.conflict.items() if name not in winners},
        edits={name: edit for name, edit in occurrence.edits.items() if name not in theirs},
        sent={**occurrence.sent, **prints_of(now.task.content, changed)},
    )
    series = replace(replaced(task, start, after), version=task.version + 1, changed_at=context.now)
    return with_state(series, context), OfOccurrence(start=start, changed=changed)
