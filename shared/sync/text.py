"""Plain text in the one form in which it is compared: composed, without invisible marks, without loose blanks."""

from __future__ import annotations

import re
import unicodedata

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile("[\t\u00a0\u202f]")
_INVISIBLE = re.compile(
    "[\x00-\x09\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060-\u2064\ufeff\ud800-\udfff\ufffe\uffff]"
)
_EMPTY_LINES = re.compile(r"\n{3,}")


_UNSENDABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def sendable(text: str) -> str:
    """The text without what no JSON or HTML can carry, and with one kind of line break."""
    return _UNSENDABLE.sub("", _BREAKS.sub("\n", text))


def plain(text: str) -> str:
    """The text with one kind of line break and spaces as its only blanks.

    Control characters, zero-width spaces and halves of surrogate pairs are gone; joiners, which scripts and emoji need,
    stay.
    """
    return _INVISIBLE.sub("", _BLANKS.sub(" ", _BREAKS.sub("\n", text)))


def composed(text: str) -> str:
    """The text in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", text)


def one_line(text: str | None) -> str | None:
    """The text on one line with single spaces; None when nothing is left."""
    return composed(" ".join(plain(text or "").split())) or None


def paragraphs(text: str | None) -> str | None:
    """The text without blanks at line ends, one empty line in a row at most and none around; None: nothing is left."""
    lines = (line.rstrip() for line in composed(plain(text or "")).split("\n"))
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip() or None
