"""A title and the check mark that a finished task may carry before it."""

from __future__ import annotations

import re

from shared.sync.text import one_line

CHECK = "✓"
_CHECKED = re.compile(rf"\A(?:{CHECK}(?:\s+|$))+")


def title_of(text: str | None) -> str | None:
    """The title on one line, without check marks before it; None when nothing is left.

    Marks are taken off on both sides and under every setting, so that an event marked under an earlier setting is not
    renamed, and a mark never doubles.
    """
    return _CHECKED.sub("", one_line(text) or "") or None


def is_checked(text: str | None) -> bool:
    """Whether the title begins with a check mark."""
    return _CHECKED.match(one_line(text) or "") is not None


def checked(title: str | None) -> str:
    """The title with its check mark."""
    return f"{CHECK} {title}" if title else CHECK
