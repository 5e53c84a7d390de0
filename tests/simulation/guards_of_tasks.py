"""Guards of one task and its event, switched off: base, marker, jobs, ids, deletions.

Each exchanges the function that is the guard wherever it is called; `test_guards.py` tells which trace goes wrong then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace

from shared.google.events import Event, Tombstone
from shared.ports import Job
from shared.sync import mapping, settle
from shared.sync import merged as merging
from shared.sync.context import Context
from shared.sync.fields import FIELDS
from shared.sync.fingerprint import fingerprint
from shared.sync.google_fields import google_fields
from shared.sync.marker import read_marker
from shared.sync.said import Said
from shared.sync.said import said as sorted_out
from shared.sync.state import with_state
from shared.usecases import jobs
from shared.usecases.family import Seen
from shared.usecases.inbound import arrivals, foreign, judge, outcome
from shared.usecases.outbound import remember
from shared.usecases.outbound.judging import Judging
from shared.usecases.outbound.trying import Done
from shared.usecases.tasks import delete_task
from tests.simulation.google_in_process import InProcessCalendar

if TYPE_CHECKING:
    import pytest

    from shared.model.task import Task
    from shared.sync.merged import Settled


SYNC, USE = "shared.sync", "shared.usecases"


def base_moves_with_the_whole_answer(patch: pytest.MonkeyPatch) -> None:
    """Rule 1: whatever Google shows counts as agreed."""
    real = settle.found

    def found(task: Task, event: Event, context: Context, *rest: Any) -> Settled:  # noqa: ANN401
        settled = real(task, event, context, *rest)
        crm, google = context.fields_of(settled.task), google_fields(event, context.rendering(task))
        base = {
            name: (fingerprint(crm.get(name, spec.default)), fingerprint(google.get(name, spec.default)))
            for name, spec in FIELDS.items()
        }
        after = replace(settled.task, sync=replace(settled.task.sync, base=base, state="synced"))
        return replace(settled, task=after, send=frozenset())

    patch.setattr(f"{USE}.inbound.judge.found", found)
    for module in ("attempt", "judging"):
        patch.setattr(f"{USE}.outbound.{module}.found", found)
    patch.setattr(f"{USE}.inbound.judge.with_state", lambda task, context, event=None: task)


def a_move_answers_with_the_base(patch: pytest.MonkeyPatch) -> None:
    """Rule 1 at a move: its answer is not merged, its values count as agreed."""
    real = settle.found

    def found(task: Task, event: Event, context: Context, *rest: Any) -> Settled:  # noqa: ANN401
        google = google_fields(event, context.rendering(task))
        base = {
            name: (task.sync.base.get(name, ("", ""))[0], fingerprint(google.get(name, spec.default)))
            for name, spec in FIELDS.items()
        }
        return real(replace(task, sync=replace(task.sync, base=base)), event, context, *rest)

    for module in ("attempt", "judging"):
        patch.setattr(f"{USE}.outbound.{module}.found", found)


def overruled_values_leave_base(patch: pytest.MonkeyPatch) -> None:
    """Rule 3: the etag is stored, but not that Google's value was known and decided against."""
    real = merging.merged

    def merged(task: Task, event: Event, google: Any, base: Any, merge: Any, *rest: Any) -> Settled:  # noqa: ANN401
        settled = real(task, event, google, base, merge, *rest)
        kept = {**settled.task.sync.base, **{name: base[name] for name in merge.overruled if name in base}}
        return replace(settled, task=replace(settled.task, sync=replace(settled.task.sync, base=kept)))

    patch.setattr(f"{SYNC}.settle.merged", merged)


def synced_is_set(patch: pytest.MonkeyPatch) -> None:
    """Rule 4: who took in an event calls its task synced."""

    def with_state(task: Task, context: Context, event: Event | None = None) -> Task:
        return replace(task, sync=replace(task.sync, state="synced", synced_version=task.version))

    for module in (f"{SYNC}.merged", f"{SYNC}.settle", f"{USE}.inbound.judge"):
        patch.setattr(f"{module}.with_state", with_state)


def what_differs_is_an_edit(patch: pytest.MonkeyPatch) -> None:
    """Rule 5: a CRM's field is an edit when it differs from what Tandem holds."""

    def said(content: Any, incoming: Any, sync: Any, read: Any) -> Said:  # noqa: ANN401
        return sorted_out(content, incoming, replace(sync, sent={}, unacked={}), read)

    patch.setattr(f"{USE}.tasks.put_task.said", said)


def the_marker_is_not_read(patch: pytest.MonkeyPatch) -> None:
    """Rule 6: what a dead job wrote is not told from what a person wrote."""
    patch.setattr(f"{SYNC}.settle.base_with", lambda base, marker: dict(base))


def a_new_etag_is_used_on_the_old_reading(patch: pytest.MonkeyPatch) -> None:
    """Rule 8: after a 412 the document is not read again."""
    patch.setattr(f"{USE}.outbound.judging.same_revision", lambda world, tenant, reading: True)


def what_is_in_memory_is_written(patch: pytest.MonkeyPatch) -> None:
    """Rule 9: a job that lost its race stores what it has in memory over what was written since."""

    def over_all(world: Any, tenant: Any, before: Any, after: Any, told: Any, _: Any) -> Any:  # noqa: ANN401
        return remember.task_writes(world, tenant, before, after, told, None)

    patch.setattr(f"{USE}.outbound.trying.task_writes", over_all)


def any_page_counts(patch: pytest.MonkeyPatch) -> None:
    """Rule 10: `updated` is not looked at; the page's item is decided as if it were now."""
    real = judge.living_here

    def living_here(page: Any, task: Task, revision: Any, item: Event, group: Any) -> Any:  # noqa: ANN401
        return real(page, replace(task, sync=replace(task.sync, updated=None)), revision, item, group)

    patch.setattr(f"{USE}.inbound.arrivals.living_here", living_here)


def tombstones_are_believed(patch: pytest.MonkeyPatch) -> None:
    """Rule 11: a tombstone of a page is judged as it stands there."""

    def gone_here(page: Any, task: Task, revision: Any, item: Tombstone) -> Any:  # noqa: ANN401
        if task.sync.gone or task.sync.calendar != page.place:
            return outcome.Outcome(item=item)
        return judge.judged(page, task, revision, item, item)

    patch.setattr(f"{USE}.inbound.arrivals.gone_here", gone_here)


def a_page_revives(patch: pytest.MonkeyPatch) -> None:
    """Rule 11 the other way: a living item of a page revives what is gone."""
    real = judge.living_here

    def living_here(page: Any, task: Task, revision: Any, item: Event, group: Any) -> Any:  # noqa: ANN401
        return real(cast("Any", _Answering(page, item)), task, revision, item, group)

    patch.setattr(f"{USE}.inbound.arrivals.living_here", living_here)


def names_lack_the_attempt(patch: pytest.MonkeyPatch) -> None:
    """Rule 12: a job's name ends in the version."""
    real = jobs.sync_task_job

    def named(*args: Any, **fields: Any) -> Job:  # noqa: ANN401
        return real(*args, **{**fields, "attempt": 0})

    for module in ("tasks.delete_task", "outbound.postpone", "outbound.trying", "inbound.outcome"):
        patch.setattr(f"{USE}.{module}.sync_task_job", named)


def again_is_not_noted(patch: pytest.MonkeyPatch) -> None:
    """Rule 13: a deletion taken back before it was confirmed leaves no note."""
    patch.setattr(f"{SYNC}.place._taken_back", lambda task, before, *, revived: task)


def a_404_is_a_deletion(patch: pytest.MonkeyPatch) -> None:
    """Rules 13 and 14: what was not found counts as confirmed gone."""

    def buried(task: Task, *, confirmed: bool) -> Task:
        return mapping.buried(task, confirmed=True)

    for module in (f"{USE}.outbound.judging", f"{SYNC}.plan"):
        patch.setattr(f"{module}.buried", buried)


def a_marker_is_believed_on_any_event(patch: pytest.MonkeyPatch) -> None:
    """Rule 7: what carries a marker counts as ours, whatever its id is."""
    real = foreign.adopted_or_imported

    def adopted_or_imported(page: Any, item: Event, known: Any, *rest: Any) -> outcome.Outcome:  # noqa: ANN401
        return real(page, item, known, *rest) if read_marker(item.private) is None else outcome.Outcome(item=item)

    patch.setattr(f"{USE}.inbound.arrivals.adopted_or_imported", adopted_or_imported)


def earlier_generations_are_let_live(patch: pytest.MonkeyPatch) -> None:
    """Rule 15: a living event of an earlier generation is nobody's business."""
    patch.setattr(arrivals.Arrivals, "is_superseded", lambda self, task, item: False)


def a_deleted_id_gives_way_to_the_next(patch: pytest.MonkeyPatch) -> None:
    """Rule 16: whoever finds its id deleted at the insert takes the next one, and asks nobody."""
    real = Judging._taken

    def taken(self: Judging) -> Done:
        if not isinstance(self.read(), Tombstone):
            return real(self)
        self.commit(with_state(mapping.next_generation(self.reading.task, self.context), self.context), ())
        return Done.AGAIN

    patch.setattr(Judging, "_taken", taken)


def a_conflict_counts_as_unseen(patch: pytest.MonkeyPatch) -> None:
    """Rule 17: a deletion is not told that the CRM has seen Google's side of the conflict."""
    real = delete_task._deleted

    def deleted(task: Task, world: Any) -> Task:  # noqa: ANN401
        return real(replace(task, sync=replace(task.sync, conflict={})), world)

    patch.setattr(f"{USE}.tasks.delete_task._deleted", deleted)


def events_are_deleted_whatever_was_done_to_them(patch: pytest.MonkeyPatch) -> None:
    """Rule 18: what goes to another account is deleted here without If-Match."""
    real = InProcessCalendar.delete

    def delete(self: InProcessCalendar, calendar_id: str, event_id: str, *, if_match: Any, notify: str) -> None:  # noqa: ANN401
        del if_match
        real(self, calendar_id, event_id, if_match=None, notify=notify)

    patch.setattr(InProcessCalendar, "delete", delete)


def superseded_events_are_deleted_unseen(patch: pytest.MonkeyPatch) -> None:
    """Rule 15: nobody asks whether a person edited it."""
    patch.setattr(f"{USE}.outbound.superseded._edited", lambda page, task, item: False)


class _Answering:
    """Arrivals whose get gives the page's item."""

    def __init__(self, real: arrivals.Arrivals, item: Event) -> None:
        self._real, self._item = real, item

    def get(self, event_id: str, place: str | None = None) -> Event:
        return self._item

    def look(self, task: Task) -> Seen:
        return Seen(event=self._item)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._real, name)
