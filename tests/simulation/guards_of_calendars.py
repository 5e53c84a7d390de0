"""Guards of calendars, users and clocks, switched off: full lists, imports, the feed, moves, views, the brake.

Each exchanges the function that is the guard wherever it is called; `test_guards.py` tells which trace goes wrong then.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from shared.google.events import Event, Tombstone
from shared.model.ids import EventId
from shared.model.settings import settings_of
from shared.ports import Job
from shared.sync import plan, settle
from shared.sync.context import Context
from shared.sync.fingerprint import fingerprint
from shared.usecases import jobs
from shared.usecases.connecting import channels
from shared.usecases.inbound import arrivals, judge, outcome, views

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from shared.model.task import Task
    from shared.ports import Document
    from shared.sync.merged import Settled


SYNC, USE = "shared.sync", "shared.usecases"


def a_full_list_shows_everything(patch: pytest.MonkeyPatch) -> None:
    """Rule 20: what a full list did not show is not asked about."""
    patch.setattr(f"{USE}.inbound.pull.not_shown", lambda page: [])


def what_a_full_list_lacks_is_deleted(patch: pytest.MonkeyPatch) -> None:
    """Rule 20: a 404 after a full list is a deletion, whoever confirmed what."""
    real = arrivals.Arrivals.look

    def look(self: arrivals.Arrivals, task: Task) -> Any:  # noqa: ANN401
        return real(self, task) or Tombstone(id=EventId(str(task.sync.event_id)))

    def lost(task: Task, tombstone: Any, context: Context) -> Settled:  # noqa: ANN401
        known = replace(task, sync=replace(task.sync, etag=task.sync.etag or "?", base=_agreed(task, context)))
        return settle.lost(known, tombstone, context)

    patch.setattr(arrivals.Arrivals, "look", look)
    patch.setattr(f"{USE}.inbound.judge.lost", lost)


def imports_have_no_precondition(patch: pytest.MonkeyPatch) -> None:
    """Rule 22: an imported task is made under an id of its own, whoever else is making one."""
    count = iter(range(1_000_000))
    patch.setattr(f"{USE}.inbound.foreign.stub_of", lambda *_: [])
    patch.setattr(f"{USE}.inbound.foreign.imported_id", lambda tenant, event: f"g_{next(count)}")


def versions_stand_still(patch: pytest.MonkeyPatch) -> None:
    """Rule 23: what Google changed carries the version that the CRM's last write had."""

    def edited(task: Task, context: Context, *, content: Any) -> Task:  # noqa: ANN401
        return replace(task, content=content, changed_at=context.now)

    for module in ("merged", "settle"):
        patch.setattr(f"{SYNC}.{module}.edited", edited)


def nothing_stays_invisible(patch: pytest.MonkeyPatch) -> None:
    """Rule 24: the feed reads up to now."""
    patch.setattr("tests.simulation.memory_store.MemoryStore.horizon_s", lambda self: 0.0)


def no_guard_for_slow_clocks(patch: pytest.MonkeyPatch) -> None:
    """Rule 25: a bucket's pull starts at its end."""
    real = jobs.pull_job

    def pull_job(*args: Any, options: Any, **rest: Any) -> Job:  # noqa: ANN401
        job = real(*args, options=options, **rest)
        return replace(job, not_before=job.not_before and job.not_before - timedelta(seconds=options.guard_s))

    patch.setattr("tests.simulation.sim.pull_job", pull_job)


def no_pull_after_the_watch(patch: pytest.MonkeyPatch) -> None:
    """Rule 26: the last pull was before the watch answered."""

    def nothing(*args: Any, **fields: Any) -> Job:  # noqa: ANN401
        return replace(jobs.pull_now_job(*args, **fields), function="deliver_changes", queue="deliver")

    patch.setattr(channels, "pull_now_job", nothing)


def mappings_are_found_by_calendar(patch: pytest.MonkeyPatch) -> None:
    """Rule 38: an item is looked up by calendar and event id."""
    real = arrivals.Arrivals._mappings

    def found(self: arrivals.Arrivals, ids: Any) -> dict[str, Document]:  # noqa: ANN401
        documents: Mapping[str, Document] = real(self, ids)
        return {key: each for key, each in documents.items() if _calendar_in(each) == self.place}

    patch.setattr(arrivals.Arrivals, "_mappings", found)
    patch.setattr(f"{USE}.inbound.foreign._organizers", lambda page, task, revision, item: outcome.Outcome(item=item))


def nobody_looks_elsewhere(patch: pytest.MonkeyPatch) -> None:
    """Rule 39: a tombstone is judged where it lies."""
    patch.setattr(f"{USE}.outbound.attempt.look_elsewhere", lambda *args: None)
    for module in ("inbound.judge", "outbound.judging"):
        patch.setattr(f"{USE}.{module}.look_elsewhere", lambda *args: None)
        patch.setattr(f"{USE}.{module}.other_calendars", lambda *args: [])


def a_new_place_is_believed(patch: pytest.MonkeyPatch) -> None:
    """Rule 40: no get follows when the mapping names another calendar."""

    def planned(task: Task, context: Context) -> plan.Plan:
        return plan.plan(replace(task, sync=replace(task.sync, verify=False)), context)

    patch.setattr(f"{USE}.outbound.attempt.plan", planned)


def nobody_inherits(patch: pytest.MonkeyPatch) -> None:
    """Rule 41: when the owner's copy goes, its task goes by policy."""
    patch.setattr(f"{SYNC}.settle.heir_of", lambda task: None)
    patch.setattr(f"{SYNC}.copies.heir_of", lambda task: None)
    patch.setattr(f"{USE}.inbound.foreign.copied", lambda page, task, revision, item: outcome.Outcome(item=item))


def copies_only_show(patch: pytest.MonkeyPatch) -> None:
    """Rule 41: a copy that finds its task without an owner does not own it."""
    patch.setattr(f"{USE}.inbound.foreign.owner_changed", lambda task, connection, view: task)


def the_first_copy_owns(patch: pytest.MonkeyPatch) -> None:
    """Rule 41: the organiser's copy does not take over."""
    real = views.view_linked

    def view_linked(page: Any, task: Task, revision: Any, item: Event) -> Any:  # noqa: ANN401
        return real(page, task, revision, replace(item, organizer_self=False))

    patch.setattr(f"{USE}.inbound.foreign.view_linked", view_linked)


def what_is_held_is_carried_out(patch: pytest.MonkeyPatch) -> None:
    """Rule 42: once the list is kept, pulls go on as ever."""
    patch.setattr(f"{USE}.inbound.pull.brake_holds", lambda **counts: False)
    patch.setattr(outcome.Outcome, "inferred", property(lambda self: False))


def changed_settings_act_at_once(patch: pytest.MonkeyPatch) -> None:
    """Rule 42: what pulls and jobs do follows from settings that nobody has weighed."""

    def in_force(tenant: Any, connection: Any) -> Any:  # noqa: ANN401
        return settings_of(tenant.settings, connection.settings)

    patch.setattr(f"{USE}.reading.in_force", in_force)


def the_list_is_carried_out(patch: pytest.MonkeyPatch) -> None:
    """Rule 42: what is on the list is done, whatever happened since."""

    def living_here(page: Any, task: Task, revision: Any, item: Event, group: Any) -> Any:  # noqa: ANN401
        return judge.judged(page, replace(task, sync=replace(task.sync, looks=1)), revision, item, None)

    def lost(task: Task, tombstone: Any, context: Context) -> Settled:  # noqa: ANN401
        return settle.lost(replace(task, sync=replace(task.sync, base=_agreed(task, context))), tombstone, context)

    patch.setattr(f"{USE}.inbound.arrivals.living_here", living_here)
    patch.setattr(f"{USE}.inbound.judge.lost", lost)


def stamps_are_not_kept(patch: pytest.MonkeyPatch) -> None:
    """Rule 43: Google's stamp is the `updated` of what was read last."""
    patch.setattr(f"{SYNC}.merged.stamps_after", lambda task, event, google, merge: {})


def burnt_ids_are_tried_again(patch: pytest.MonkeyPatch) -> None:
    """Rule 44: an id that Google refuses and does not show stays the task's."""
    for module in (f"{USE}.outbound.judging", f"{SYNC}.settle"):
        patch.setattr(f"{module}.next_generation", lambda task, context: task)


def _agreed(task: Task, context: Context) -> dict[str, tuple[str, str]]:
    return {name: (fingerprint(value), fingerprint(value)) for name, value in context.fields_of(task).items()}


def _calendar_in(document: Document) -> object:
    sync = document.data.get("sync")
    return sync.get("calendar") if isinstance(sync, dict) else None
