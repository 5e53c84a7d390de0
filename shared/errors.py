"""Every failure says who must act.

    TandemError
      RetryLater(after_s)   the queue         RateLimited, QuotaExceeded, GoogleUnavailable, AccessTokenRefused,
                                              ClientRefused, LostRace, StoreUnavailable
      StartOver             this run          SyncTokenExpired, PreconditionFailed
      NeedsHuman            the tenant's user GrantRevoked, ConnectionRests, ScopeMissing, CalendarGone, NoWriteAccess,
                                              BrakeHeld
      Refused               the caller        BadRequest, Invalid, UnknownKey, NotFound, Moved, Conflicting, Stale,
                                              TooLarge, CursorExpired, BadState, BadChannelToken, GoogleRefused
      Bug                   us                what cannot happen

What Google answers about one event, and a use case decides on, has its own small family inside these: `EventMissing`
(404), `EventDeleted` (410), `IdTaken` (409). A message names the cause and the remedy, never a token, a title or a
mail address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class TandemError(Exception):
    """Root of everything Tandem raises on purpose."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or "").split("\n", 1)[0])
        self.detail = str(self)


class RetryLater(TandemError):
    """The same work can succeed later, unchanged."""

    code = "retry_later"

    def __init__(self, detail: str = "", *, after_s: float | None = None) -> None:
        super().__init__(detail)
        self.after_s = after_s
        """Seconds that the other side asked for; None: the caller's own schedule."""


class RateLimited(RetryLater):
    """Google asks us to slow down for this user."""

    code = "rate_limited"


class QuotaExceeded(RateLimited):
    """Google's abuse limit for this user is reached; it lifts after hours, not seconds."""

    code = "quota_exceeded"


class GoogleUnavailable(RetryLater):
    """Google did not answer, or answered with a fault of its own."""

    code = "google_unavailable"


class AccessTokenRefused(RetryLater):
    """Google does not accept this access token (401); a new one helps once, then the grant is in doubt."""

    code = "access_token_refused"


class ClientRefused(RetryLater):
    """Google does not accept the OAuth client; its owner must correct the client id and secret."""

    code = "client_refused"


class LostRace(RetryLater):
    """Another writer changed a document between our read and our commit; nothing was written."""

    code = "lost_race"


class StoreUnavailable(RetryLater):
    """The store did not answer; nothing is known about the write."""

    code = "store_unavailable"


class StartOver(TandemError):
    """This run's view is stale; it starts again from the read."""

    code = "start_over"


class SyncTokenExpired(StartOver):
    """Google no longer knows this sync token (410 fullSyncRequired, or 400 for a foreign one)."""

    code = "sync_token_expired"


class PreconditionFailed(StartOver):
    """The event changed since the etag that was sent (412)."""

    code = "precondition_failed"


class NeedsHuman(TandemError):
    """Only a person can mend this."""

    code = "needs_human"


class GrantRevoked(NeedsHuman):
    """Google no longer accepts this connection's grant; its user must connect again."""

    code = "grant_revoked"


class ConnectionRests(NeedsHuman):
    """The connection is paused, not begun, or needs its user; what waits for it goes out when it works."""

    code = "connection_rests"

    def __init__(self, detail: str = "", *, paused: bool = False) -> None:
        super().__init__(detail)
        self.paused = paused


class ScopeMissing(NeedsHuman):
    """The user did not grant a permission that this needs; connect again and leave every box ticked."""

    code = "scope_missing"


class CalendarGone(NeedsHuman):
    """The calendar no longer exists or is no longer shared with this account; choose another one."""

    code = "calendar_gone"


class NoWriteAccess(NeedsHuman):
    """This account may only read the calendar; its owner must share it with the right to change events."""

    code = "no_write_access"


class BrakeHeld(NeedsHuman):
    """Tandem stopped before a mass change; confirm or discard it with `POST …/review`."""

    code = "brake_held"


class Refused(TandemError):
    """The caller asked for something that will never work as it was asked."""

    code = "refused"


class BadRequest(Refused):
    """The request cannot be read."""

    code = "bad_request"


class Fault(TandemError):
    """One fault of one field, carried by `Invalid`; never raised alone."""

    code = "fault"

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(detail)
        self.pointer = pointer
        """A JSON pointer into the request's body, or the name of a query parameter."""


class Invalid(Refused):
    """Some fields are not acceptable; `faults` names every one of them."""

    code = "invalid"

    def __init__(self, faults: Sequence[Fault], detail: str = "") -> None:
        super().__init__(detail or "; ".join(f"{fault.pointer or 'the body'}: {fault.detail}" for fault in faults))
        self.faults = tuple(faults)


class UnknownKey(Refused):
    """The API key is missing, malformed, unknown or revoked."""

    code = "unknown_key"


class NotFound(Refused):
    """There is nothing here, or it belongs to somebody else."""

    code = "not_found"


class Conflicting(Refused):
    """The request contradicts the state of what it names."""

    code = "conflict"


class Stale(Refused):
    """If-Match names another version than the current one."""

    code = "stale"

    def __init__(self, detail: str = "", *, current: object = None) -> None:
        super().__init__(detail)
        self.current = current


class TooLarge(Refused):
    """The body is larger than the contract allows."""

    code = "too_large"


class Moved(Refused):
    """The task was claimed under another id, or is one date of the series with that id by now."""

    code = "moved"

    def __init__(self, to: str, date: str | None = None) -> None:
        super().__init__()
        self.to = to
        self.date = date


class CursorExpired(Refused):
    """The cursor is older than the feed keeps changes; read the tasks and start with `cursor=now`."""

    code = "cursor_expired"


class BadState(Refused):
    """The OAuth state is forged, expired, used before, or from another browser."""

    code = "bad_state"


class BadChannelToken(Refused):
    """The channel token is absent, forged or expired."""

    code = "bad_channel_token"


class GoogleRefused(Refused):
    """Google refuses this for good; `reason` is Google's own word."""

    code = "google_refused"

    def __init__(self, detail: str = "", *, reason: str = "invalid") -> None:
        super().__init__(detail)
        self.reason = reason


class EventForbidden(GoogleRefused):
    """Google forbids this write on this event (403 `forbidden`): a purged tombstone, or a locked copy."""

    code = "event_forbidden"


class NotOrganizer(GoogleRefused):
    """Only the organizer may change shared fields of this event (403 `forbiddenForNonOrganizer`), or move it."""

    code = "not_organizer"


class EventMissing(GoogleRefused):
    """Google knows no event with this id in this calendar (404); that proves nothing about deletion."""

    code = "event_missing"


class EventDeleted(GoogleRefused):
    """The event is deleted already (410 `deleted`)."""

    code = "event_deleted"


class IdTaken(GoogleRefused):
    """The calendar has, or once had, an event with this id (409 `duplicate`)."""

    code = "id_taken"


class PushRefused(GoogleRefused):
    """Google will not push for this calendar or to this address; it is polled instead."""

    code = "push_refused"


class Bug(TandemError):
    """Something that cannot happen, happened; the job is kept and the log has its trace."""

    code = "bug"
