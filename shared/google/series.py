"""How Google calls the members of a series. Ids are addresses: what belongs to what is told by the items' own fields.

Source: seen at Google; clients cannot choose ids with these characters
(https://developers.google.com/workspace/calendar/api/v3/reference/events, `id`).
"""

from __future__ import annotations

import re

_LATER_HALF = re.compile(r"_R(\d{4})(\d{2})(\d{2})(?:(T\d{6})Z?)?$", re.ASCII)


def family_of(event_id: str) -> str:
    """The id that a series was born with, of one of its masters; any other id is its own."""
    return _LATER_HALF.sub("", event_id)


def is_later_half(event_id: str) -> bool:
    """Whether this is a master that Google made when a person changed "this and following events".

    It is called after the series and its own first moment: `<id>_R20261214T090000`.
    """
    return _LATER_HALF.search(event_id) is not None


def cut_at(event_id: str) -> str | None:
    """The original start at which Google cut this later half off, wherever it begins by now; None: it is none."""
    found = _LATER_HALF.search(event_id)
    if found is None:
        return None
    year, month, day, time = found.groups()
    return f"{year}-{month}-{day}" if time is None else f"{year}{month}{day}{time}Z"


def instance_id(master: str, original_start: str) -> str:
    """The address of one occurrence: after the id that the series was born with, whichever half it is in."""
    return f"{family_of(master)}_{original_start.replace('-', '')}"
