"""Guards of a series and its occurrences, switched off; `test_guards.py` tells which trace goes wrong then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from shared.google.events import Tombstone
from shared.sync import exceptions, marker, occurrence, shown
from shared.sync.fingerprint import fingerprint
from shared.sync.occurrence import CANCELLED, IS_CANCELLED, Told
from shared.usecases.family import Seen
from shared.usecases.inbound import arrivals, judge
from shared.usecases.outbound import remember

if TYPE_CHECKING:
    import pytest

    from shared.model.task import Occurrence, Task

SYNC, USE = "shared.sync", "shared.usecases"


def exceptions_are_judged_alone(patch: pytest.MonkeyPatch) -> None:
    """Rule 30: an exception is judged before its master, by what is known of the series from earlier."""
    real, really_found = shown.shown, exceptions.exceptions_found

    def alone(*given: Any) -> shown.Shown:  # noqa: ANN401
        return replace(real(*given), inherits=frozenset())

    def found(before: Task, task: Task, *rest: Any) -> Any:  # noqa: ANN401
        judged, told = really_found(before, before, *rest)
        return replace(task, occurrences=judged.occurrences), told

    patch.setattr(f"{SYNC}.exceptions.shown", alone)
    patch.setattr(f"{SYNC}.settle.exceptions_found", found)


def a_pull_overwrites_what_it_did_not_read(patch: pytest.MonkeyPatch) -> None:
    """Rule 27: the series is stored though one of its occurrences was written since it was read."""

    def unguarded(world: Any, tenant: Any, before: Any, after: Any, told: Any, _: Any) -> Any:  # noqa: ANN401
        return remember.task_writes(world, tenant, before, after, told, None)

    patch.setattr(f"{USE}.inbound.judge.task_writes", unguarded)


def copied_markers_count(patch: pytest.MonkeyPatch) -> None:
    """Rule 32: what Google copied from the series is believed on an occurrence."""

    def of_the_series(deployment: str, tenant: Any, task: Task, original_start: str | None = None) -> str:  # noqa: ANN401
        return marker.binding_of(deployment, tenant, task)

    patch.setattr(f"{SYNC}.shown.binding_of", of_the_series)


def occurrences_have_effective_values(patch: pytest.MonkeyPatch) -> None:
    """Rule 29: what an occurrence inherits counts as its own value."""
    real = occurrence.told_by_crm

    def told_by_crm(*given: Any) -> Told:  # noqa: ANN401
        told = real(*given)
        return replace(told, halves=told.halves | {name: fingerprint(value) for name, value in told.values.items()})

    for module in ("exceptions", "occurrence_state"):
        patch.setattr(f"{SYNC}.{module}.told_by_crm", told_by_crm)


def inheritance_is_believed(patch: pytest.MonkeyPatch) -> None:
    """Rule 31: a change of the series is not carried to its exceptions."""
    patch.setattr(f"{SYNC}.state.stale_of", lambda task, context: {})
    patch.setattr(f"{USE}.outbound.attempt.stale_of", lambda task, context: {})


def the_master_alone_is_read(patch: pytest.MonkeyPatch) -> None:
    """Rule 33: a series is deleted by what its master shows."""
    patch.setattr(
        f"{USE}.outbound.judging.look", lambda calendar, place, task: _alone(calendar.get(place, task.sync.event_id))
    )


def _alone(got: Any) -> Any:  # noqa: ANN401
    return got if isinstance(got, Tombstone) else Seen(event=got)


def tombstones_of_exceptions_count_without_a_master(patch: pytest.MonkeyPatch) -> None:
    """Rule 30: an occurrence counts as cancelled though its series is gone."""
    real = arrivals.Arrivals._of_group

    def cancelled(known: Occurrence) -> Occurrence:
        return replace(known, cancelled=True, base={**known.base, CANCELLED: (IS_CANCELLED, IS_CANCELLED)})

    def of_group(self: arrivals.Arrivals, group: Any, *rest: Any) -> Any:  # noqa: ANN401
        def gone_here(page: Any, task: Task, revision: Any, item: Tombstone) -> Any:  # noqa: ANN401
            there = {start: cancelled(task.occurrences[start]) for start in group.exceptions(task)}
            return kept(page, replace(task, occurrences={**task.occurrences, **there}), revision, item)

        kept = judge.gone_here
        with patch.context() as inner:
            inner.setattr(f"{USE}.inbound.arrivals.gone_here", gone_here)
            return real(self, group, *rest)

    patch.setattr(arrivals.Arrivals, "_of_group", of_group)


def edits_of_occurrences_do_not_count(patch: pytest.MonkeyPatch) -> None:
    """Rule 33: an unsent edit of an occurrence is no edit of its series."""
    patch.setattr(f"{SYNC}.settle.has_unsent_edit", lambda task, context: False)


def cancelled_occurrences_count_as_edits(patch: pytest.MonkeyPatch) -> None:
    """Rule 33: that a person cancelled an occurrence counts as an edit of the series."""
    real = shown.edited_in_google

    def edited(task: Task, master: Any, listed: Any, context: Any) -> bool:  # noqa: ANN401
        gone = any(isinstance(each, Tombstone) for each in listed.values())
        return gone or real(task, master, listed, context)

    patch.setattr(f"{SYNC}.settle.edited_in_google", edited)


def occurrences_keep_their_base(patch: pytest.MonkeyPatch) -> None:
    """Rule 28: what Google showed of an earlier generation's occurrences counts for the next one's."""
    patch.setattr(f"{SYNC}.mapping.unsent_occurrences", dict)
