"""`If-Match` as the version it asks for (RFC 9110, 13.1.1). A tag that no version can have never matches."""

from __future__ import annotations

import re

import msgspec

from shared.errors import BadRequest

NO_VERSION = -1
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What a write requires: a version, or only that there is something (`*`)."""

    version: int | None = None
    must_exist: bool = False


def condition_of(if_match: str | None) -> Condition:
    """The condition of an If-Match header; none without one.

    Raises:
        BadRequest: It is no entity tag, or several.
    """
    if if_match is None:
        return Condition()
    text = if_match.strip()
    if text == "*":
        return Condition(must_exist=True)
    tag = _TAG.fullmatch(text)
    if tag is None:
        message = 'If-Match takes one version in quotation marks, such as "7", or *'
        raise BadRequest(message)
    weak, value = tag.groups()
    # Weak tags never match here: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
    known = weak is None and re.fullmatch(r"[0-9]{1,18}", value)
    return Condition(version=int(value) if known else NO_VERSION)
