"""A write that asks for a Meet goes through without one where Google will have none."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from shared.errors import GoogleRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")
_ABOUT_THE_BODY = frozenset({"invalid", "badRequest", "invalidValue"})


def written_even_without_meet(write: Callable[[Mapping[str, object]], T], body: Mapping[str, object]) -> tuple[T, bool]:
    """Google's answer, and whether the Meet had to be left out: a calendar that takes none refuses the whole write.

    Only a body that asks for a Meet is tried again; if that is refused too, the Meet was not the reason.
    Source: https://developers.google.com/workspace/calendar/api/v3/reference/calendars (conferenceProperties)
    """
    try:
        return write(body), False
    except GoogleRefused as error:
        if body.get("conferenceData") is None or error.reason not in _ABOUT_THE_BODY:
            raise
        return write({name: value for name, value in body.items() if name != "conferenceData"}), True
