"""What each code means and what helps: for pages about errors, and beside problems that callers read. Words only.

The cause is the first line that the error's class says of itself; codes without a class have theirs here.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared import errors
from shared.errors import Fault, TandemError

_AGAIN = "Send the same call again after the seconds in Retry-After; it is safe to repeat. Nothing was changed."
_RECONNECT = (
    "Ask the user to connect again: POST /v1/connections/{id}/authorize gives an authorize_url. Choose the same Google "
    "account. What waits meanwhile goes out afterwards."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A code that callers meet: why it is there, and what to do."""

    code: str
    cause: str
    remedy: str


_REMEDIES = {
    # The caller
    "bad_request": "Send JSON in UTF-8 with the Content-Length it has; an If-Match is a version in quotes, or `*`.",
    "unknown_key": "Send `Authorization: Bearer tdm_…` with a key of the tenant. A lost key cannot be shown again: "
    "make "
    "another one with POST /v1/keys, or with `tenants create` on the command line.",
    "not_found": "Check the id and the address, and that the key belongs to the tenant whose thing this is.",
    "moved": "Follow the Location header and keep the new id: the old one answers for 30 days after the claim.",
    "conflict": "The detail says what stands in the way. Read the thing again, put that right, and send the call "
    "again.",
    "cursor_expired": "Read the tasks anew with GET /v1/tasks, and go on with the feed from `cursor=now`. Read the "
    "feed "
    "at least every 30 days.",
    "stale": "The current task is in `current`: apply the change to it and send it with its version in If-Match.",
    "too_large": "A task may have 64 KiB, a batch 500 tasks and 8 MiB, any other body 1 MiB. Send less at once.",
    "invalid": "`errors` names every fault at once, each with a JSON pointer or a parameter's name. Mend them all.",
    "bad_state": "Open the connection's authorize_url again, in one browser, and finish within ten minutes.",
    "bad_channel_token": "Nothing need be done: a notification that Google did not send was turned away.",
    # The queue, or the caller, later
    "retry_later": _AGAIN,
    "lost_race": _AGAIN,
    "store_unavailable": "Send the same call again after the seconds in Retry-After. If it was a write, it may have "
    "been "
    "carried out; repeating it is safe.",
    "rate_limited": "Wait for the seconds in Retry-After. Tandem slows down by itself for what it sends.",
    "quota_exceeded": "Google lifts this after hours. Tasks wait and go out by themselves; nothing is lost.",
    "google_unavailable": "Send the call again after the seconds in Retry-After. Tasks wait and go out by themselves.",
    "access_token_refused": "Send the call again after the seconds in Retry-After. If it stays, ask the user to "
    "connect "
    "again: POST /v1/connections/{id}/authorize.",
    "client_refused": "Compare client id and secret with those that Google's console shows: PATCH "
    "/v1/oauth_apps/{id} for "
    "a tenant's own app, TANDEM_OAUTH_CLIENT_ID and TANDEM_OAUTH_CLIENT_SECRET for the operator's.",
    "start_over": _AGAIN,
    "sync_token_expired": _AGAIN,
    "precondition_failed": _AGAIN,
    # The tenant's user
    "needs_human": "The detail says what a person must do.",
    "grant_revoked": _RECONNECT,
    "needs_reconnect": _RECONNECT,
    "scope_missing": "Ask the user to connect again, leaving every box on Google's page ticked: POST "
    "/v1/connections/{id}/authorize. A setting that needs more, as google_tasks does, can also be set back.",
    "other_account": "Connect with the same Google account as before, or remove the connection first and make a new "
    "one.",
    "calendar_gone": "Choose another calendar: PATCH /v1/connections/{id} with settings.calendar_id, or for a list of "
    "Google Tasks with settings.google_tasks. Once a calendar is shared "
    "with the account again, PUT /v1/connections/{id}/calendars/{calendar_id} sends what waited.",
    "no_write_access": "Ask the calendar's owner to share it with the right to change events, then send what waited "
    "with PUT /v1/connections/{id}/calendars/{calendar_id}; or choose another calendar: PATCH /v1/connections/{id} "
    "with settings.calendar_id.",
    "connection_rests": "Resume it with PATCH /v1/connections/{id} and `paused: false`, or have its user connect "
    "again; what waits for it goes out then.",
    "brake_held": "Look at the held list with GET /v1/runs/{run_id}, then confirm or discard it: POST "
    "/v1/connections/{id}/review.",
    "needs_review": "Look at the held list and confirm or discard it: POST /v1/connections/{id}/review.",
    "likely_duplicate": "Adopt the event with PUT /v1/tasks/{id} and its event_id, which the detail names; or have "
    "both with `sync: true`.",
    # What Google refuses for good
    "meet_refused": "The event stands, without a Meet. Let the account's administrator allow Meet, or send another "
    "link as zoom_url. To ask again, send conference null, and then google_meet.",
    "other_conference": "The conference that a person's add-on made stays. To have a Meet instead, take that one off "
    "in Google; then send conference null, and then google_meet.",
    "google_refused": "The detail has Google's reason. Change what it names in the task, and write the task again.",
    "event_forbidden": "Google does not let this account change the event. Change it in Google, or unlink the task by "
    "`sync: false`.",
    "not_organizer": "Only the meeting's organizer may change this. Ask them, or change the copy of theirs; a task "
    "that was to move stays once its calendar_id names the calendar it is in.",
    "event_missing": "Check event_id and calendar_id: this calendar of the connected account has no such event.",
    "event_deleted": "Write the task again without event_id, and an event is made.",
    "id_taken": "Write the task again; the next try has an id of its own.",
    "push_refused": "Nothing need be done: the calendar is polled. To be pushed to, serve Tandem at a public https "
    "address.",
    # Without a class
    "method_not_allowed": "Use one of the methods in the Allow header.",
    "internal": "Report it to the operator with the request_id; the log has the place under it. Repeating is safe.",
    "webhook_failing": "The receiver must answer 2xx: GET /v1/webhook/deliveries tells what it answers instead.",
    "webhook_off": "The receiver answered 410, which switches the webhook off: mend it, and set it again with PUT "
    "/v1/webhook.",
}

_CAUSES = {
    "method_not_allowed": "This address does not know this method.",
    "internal": "Tandem failed; it is not the caller's fault.",
    "likely_duplicate": "An event with the task's title stood at its time when the calendar was connected.",
    "meet_refused": "Google made no Meet for a task's event.",
    "other_conference": "A conference of another maker, such as Zoom, stands in the event, and an event has one.",
    "needs_reconnect": "Google no longer accepts this connection's grant, or its user took it back.",
    "needs_review": "Tandem stopped before a mass change.",
    "other_account": "The user tried to reconnect with another Google account than the connected one.",
    "webhook_failing": "Deliveries to the webhook do not succeed; they are tried for three days.",
    "webhook_off": "The webhook is switched off.",
}

_INSIDE = frozenset({"error", "fault", "refused", "bug"})
"""Codes that no caller of the API reads: faults go by `invalid`, bugs by `internal`."""


def known_codes() -> dict[str, Known]:
    """Every code that an answer of the API can hold, with cause and remedy."""
    causes = {kind.code: _first_line(kind) for kind in _kinds() if kind.code not in _INSIDE} | _CAUSES
    return {code: Known(code=code, cause=cause, remedy=_REMEDIES[code]) for code, cause in sorted(causes.items())}


def remedy_of(code: str) -> str:
    """What helps against this code; for one that only Google knows, where to look."""
    return _REMEDIES.get(code, "look at the task's or the connection's error for what Google answered")


def _kinds() -> list[type[TandemError]]:
    found = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, TandemError)]
    return [kind for kind in found if kind is not Fault]


def _first_line(kind: type[TandemError]) -> str:
    return (kind.__doc__ or "").partition("\n")[0]
