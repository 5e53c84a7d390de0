"""The guards of rules 28 and 34 to 36, about series that a person splits, switched off one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.google.series import family_of
from shared.sync import dropped

if TYPE_CHECKING:
    import pytest

SYNC, USE = "shared.sync", "shared.usecases"


def the_later_half_is_imported(patch: pytest.MonkeyPatch) -> None:
    """Rule 35: nobody keeps what the series was before it was cut."""
    patch.setattr(f"{SYNC}.merged.with_cut", lambda before, after, carried, context: after)


def beyond_the_end_is_gone(patch: pytest.MonkeyPatch) -> None:
    """Rule 36: what the series has no more is dropped with the commit that takes its end."""
    real = dropped.without_the_unyielded

    def gone(before: Any, after: Any, rendering: Any, *, park: bool) -> Any:  # noqa: ANN401
        del park
        return real(before, after, rendering, park=False)

    patch.setattr(f"{SYNC}.settle.without_the_unyielded", gone)


def occurrences_stay_behind(patch: pytest.MonkeyPatch) -> None:
    """Rule 36: the later half is made without its occurrences, and the old one keeps them."""
    patch.setattr(f"{SYNC}.halves._from", lambda first, original_start: False)
    patch.setattr(f"{SYNC}.halves.settled_down", lambda origin, context: (origin, ()))


def names_tell_the_series(patch: pytest.MonkeyPatch) -> None:
    """Rule 28: which series an exception is of is cut out of its id."""

    def key_of(item: Any) -> str:  # noqa: ANN401
        return item.id if item.recurring_event_id is None else family_of(item.id.partition("_")[0])

    def exceptions_of(master: str, items: Any) -> dict[str, Any]:  # noqa: ANN401
        return {each.original_start: each for each in items if each.id != master and key_of(each) == master}

    patch.setattr(f"{USE}.inbound.groups._key_of", key_of)
    patch.setattr(f"{USE}.family.exceptions_of", exceptions_of)


def a_shared_uid_makes_a_view(patch: pytest.MonkeyPatch) -> None:
    """Rule 34: a new master is looked up by its iCalUID."""
    patch.setattr(f"{USE}.inbound.arrivals.half_arrived", lambda arrivals, group, decided: None)
