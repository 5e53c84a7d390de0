"""Google's failures to ours, once, by status *and* reason. Start at `classify`; every row of Google's table is a test.

An answer that does not come from Google's API (a proxy's page, an empty body) proves nothing about an event, so a 404
or 410 without Google's error object is `GoogleUnavailable`, never "missing" or "deleted".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, TypeAlias

import msgspec

from shared.errors import (
    AccessTokenRefused,
    CalendarGone,
    EventDeleted,
    EventForbidden,
    EventMissing,
    GoogleRefused,
    GoogleUnavailable,
    IdTaken,
    NotOrganizer,
    NoWriteAccess,
    PreconditionFailed,
    PushRefused,
    QuotaExceeded,
    RateLimited,
    ScopeMissing,
    SyncTokenExpired,
    TandemError,
)
from shared.google.wire import listing, mapping, word

About: TypeAlias = Literal["event", "insert", "list", "watch", "channel", "account"]
"""What was asked for: one event, a new event, a calendar's events, a channel to open or to stop, the calendar list."""

RATE_REASONS = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
QUOTA_REASONS = frozenset({"quotaExceeded", "dailyLimitExceeded", "variableTermLimitExceeded"})
PUSH_REASONS = frozenset({
    "pushNotSupportedForRequestedResource", "push.webhookUrlNotHttps", "push.webhookUrlUnauthorized",
    "push.channelTypeNotSupported", "webhookUrlNotHttps", "webhookUrlUnauthorized",
})  # fmt: skip
NOT_TO_BE_MOVED = (
    "Only the organizer may move this meeting to another calendar; set calendar_id to the calendar that it is in."
)
SWITCHED_OFF = frozenset({"accessNotConfigured", "SERVICE_DISABLED"})


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What an error answer said; `from_google` is False when it holds no error object of Google's."""

    status: int
    reasons: tuple[str, ...] = ()
    message: str = ""
    location: str | None = None
    retry_after_s: float | None = None
    from_google: bool = False

    @property
    def reason(self) -> str:
        """Google's first word for it."""
        return self.reasons[0] if self.reasons else ""

    def says(self, *words: str) -> bool:
        """Whether any of Google's reasons is one of these."""
        return not set(words).isdisjoint(self.reasons)


def classify(status: int, body: bytes | str, headers: Mapping[str, str], *, about: About = "event") -> TandemError:
    """The error that an answer of the Calendar API means; who must act is in its type.

    Args:
        headers: Lower-case names; `retry-after` is honoured though Google does not document it.
        about: What was asked for, since one 404 means an event and another a calendar.

    Source: https://developers.google.com/workspace/calendar/api/guides/errors
    """
    failure = read_failure(status, body, headers)
    match status:
        case 401 if about == "watch" and failure.says(*PUSH_REASONS):
            return _push_refused(failure)
        case 401:
            return AccessTokenRefused("Google does not accept the access token; it is refreshed once.")
        case 403:
            return _forbidden(failure, about)
        case 412:
            return PreconditionFailed()
        case 429:
            return RateLimited(after_s=failure.retry_after_s)
        case 408:
            return _unavailable(failure)
    if 400 <= status < 500 and failure.from_google:
        return _refused(failure, about)
    return _unavailable(failure)


def read_failure(status: int, body: bytes | str, headers: Mapping[str, str]) -> Failure:
    """What an error answer says, whatever its shape: Calendar's own, the front end's, or none of Google's."""
    try:
        error = mapping(msgspec.json.decode(body)).get("error")
    except (msgspec.DecodeError, UnicodeDecodeError):
        error = None
    fields = mapping(error)
    details = [mapping(item) for item in [*listing(fields, "errors"), *listing(fields, "details")]]
    return Failure(
        status=status,
        reasons=tuple(reason for item in details if (reason := word(item, "reason"))),
        message=word(fields, "message") or "",
        location=next((place for item in details if (place := word(item, "location"))), None),
        retry_after_s=retry_after_of(headers),
        from_google=bool(fields),
    )


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as the answer asks: a number, or a date measured against the answer's own `date`."""
    asked = headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        until, now = parsedate_to_datetime(asked), parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    return max(0.0, (_aware(until) - _aware(now)).total_seconds())


def _forbidden(failure: Failure, about: About) -> TandemError:
    if failure.says(*QUOTA_REASONS):
        return QuotaExceeded(after_s=failure.retry_after_s)
    if failure.says(*RATE_REASONS):
        return RateLimited(after_s=failure.retry_after_s)
    if failure.says(*SWITCHED_OFF):
        return GoogleUnavailable(
            "The Calendar API is switched off in the OAuth client's Google project; enable it there."
        )
    if failure.says("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"):
        return ScopeMissing()
    if failure.says("requiredAccessLevel"):
        return CalendarGone() if about in {"list", "watch"} else NoWriteAccess()
    if failure.says("forbiddenForNonOrganizer"):
        return NotOrganizer(reason="forbiddenForNonOrganizer")
    if failure.says("cannotChangeOrganizer"):
        return NotOrganizer(NOT_TO_BE_MOVED, reason="cannotChangeOrganizer")
    if failure.says("notACalendarUser"):
        return CalendarGone(
            "This Google account does not use Google Calendar; switch it on or connect another account."
        )
    if failure.says("forbidden"):
        return CalendarGone() if about in {"list", "watch"} else EventForbidden(reason="forbidden")
    if not failure.from_google:
        return _unavailable(failure)
    return _for_good(failure)


def _refused(failure: Failure, about: About) -> TandemError:
    match failure.status:
        case 404:
            return _missing(failure, about)
        case 409 if failure.says("conflict"):
            return RateLimited("Another write to this calendar is under way.", after_s=failure.retry_after_s)
        case 409 if failure.says("duplicate") or about == "insert":
            return IdTaken(reason="duplicate")
        case 410 if failure.says("fullSyncRequired", "updatedMinTooLongAgo") or about == "list":
            return SyncTokenExpired()
        case 410:
            return EventDeleted(reason="deleted")
        case 400 if about == "list" and _is_about_the_token(failure):
            return SyncTokenExpired("Google does not know this sync token.")
        case _ if failure.says(*PUSH_REASONS):
            return _push_refused(failure)
    return _for_good(failure)


def _missing(failure: Failure, about: About) -> TandemError:
    match about:
        case "list" | "watch" | "insert":
            return CalendarGone()
        case "channel":
            return EventMissing("Google knows no such channel.", reason="notFound")
        case "event":
            return EventMissing(reason="notFound")
        case "account":
            return _unavailable(failure)


def _is_about_the_token(failure: Failure) -> bool:
    return failure.location == "syncToken" or "sync token" in failure.message.lower()


def _push_refused(failure: Failure) -> PushRefused:
    return PushRefused(_detail(failure), reason=failure.reason)


def _for_good(failure: Failure) -> GoogleRefused:
    return GoogleRefused(_detail(failure), reason=failure.reason or str(failure.status))


def _unavailable(failure: Failure) -> GoogleUnavailable:
    source = "Google" if failure.from_google else "Something that is not Google's API"
    return GoogleUnavailable(
        f"{source} answered {failure.status}; it is tried again later.", after_s=failure.retry_after_s
    )


_PERSONAL = re.compile(r"""\S+@\S+|https?://\S+|".*?(?:"|$)|(?<!\w)'.*?(?:'(?!\w)|$)""")


def _detail(failure: Failure) -> str:
    """Google's sentence without what it may quote: mail addresses, titles, links."""
    text = _PERSONAL.sub("…", failure.message[:300])
    where = f" at {failure.location}" if failure.location else ""
    return f"Google refused this ({failure.reason or failure.status}{where}): {text.strip() or 'no reason was given.'}"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
