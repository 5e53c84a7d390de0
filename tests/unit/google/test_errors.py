"""Every documented failure of Google's, by status and reason."""

import json

import pytest

from shared import errors
from shared.google.errors import About, classify
from shared.google.oauth_errors import classify_oauth


def body(domain: str, reason: str, message: str = "Message.", code: int = 400, **more: str) -> bytes:
    fault = {"domain": domain, "reason": reason, "message": message, **more}
    return json.dumps({"error": {"errors": [fault], "code": code, "message": message}}).encode()


SCOPES = b"""{"error": {"code": 403, "message": "Request had insufficient authentication scopes.",
 "errors": [{"message": "Insufficient Permission", "domain": "global", "reason": "insufficientPermissions"}],
 "status": "PERMISSION_DENIED",
 "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
  "domain": "googleapis.com"}]}}"""
SCOPES_BY_DETAILS = b"""{"error": {"code": 403, "message": "Request had insufficient authentication scopes.",
 "status": "PERMISSION_DENIED", "details": [{"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}"""

ROWS: list[tuple[int, bytes, About, type[errors.TandemError]]] = [
    (400, body("calendar", "timeRangeEmpty", "The specified time range is empty."), "event", errors.GoogleRefused),
    (400, body("global", "invalid", "Invalid resource id value."), "insert", errors.GoogleRefused),
    (400, body("global", "required", "Missing end time."), "insert", errors.GoogleRefused),
    (400, body("global", "badRequest", "Bad Request"), "event", errors.GoogleRefused),
    (400, body("global", "invalidParameter"), "event", errors.GoogleRefused),
    (400, body("global", "invalid", "Invalid sync token value."), "list", errors.SyncTokenExpired),
    (400, body("global", "invalid", "Bad.", location="syncToken"), "list", errors.SyncTokenExpired),
    (400, body("global", "invalid", "Invalid page token."), "list", errors.GoogleRefused),
    (400, body("calendar", "pushNotSupportedForRequestedResource"), "watch", errors.PushRefused),
    (400, body("global", "push.webhookUrlNotHttps"), "watch", errors.PushRefused),
    (400, body("global", "push.channelTypeNotSupported"), "watch", errors.PushRefused),
    (400, body("global", "channelIdNotUnique"), "watch", errors.GoogleRefused),
    (401, body("global", "authError", "Invalid Credentials"), "event", errors.AccessTokenRefused),
    (401, body("global", "required", "Login Required."), "list", errors.AccessTokenRefused),
    (401, body("global", "push.webhookUrlUnauthorized"), "watch", errors.PushRefused),
    (401, b"", "event", errors.AccessTokenRefused),
    (403, body("usageLimits", "userRateLimitExceeded"), "event", errors.RateLimited),
    (403, body("usageLimits", "rateLimitExceeded"), "event", errors.RateLimited),
    (429, body("usageLimits", "rateLimitExceeded"), "event", errors.RateLimited),
    (429, b"slow down", "event", errors.RateLimited),
    (403, body("usageLimits", "quotaExceeded"), "event", errors.QuotaExceeded),
    (403, body("usageLimits", "dailyLimitExceeded"), "event", errors.QuotaExceeded),
    (403, body("usageLimits", "accessNotConfigured"), "event", errors.GoogleUnavailable),
    (403, body("calendar", "forbiddenForNonOrganizer"), "event", errors.NotOrganizer),
    (403, body("calendar", "cannotChangeOrganizer"), "event", errors.NotOrganizer),
    (403, body("calendar", "forbiddenForServiceAccounts"), "event", errors.GoogleRefused),
    (403, SCOPES, "event", errors.ScopeMissing),
    (403, SCOPES_BY_DETAILS, "account", errors.ScopeMissing),
    (403, body("calendar", "requiredAccessLevel"), "event", errors.NoWriteAccess),
    (403, body("calendar", "requiredAccessLevel"), "insert", errors.NoWriteAccess),
    (403, body("calendar", "requiredAccessLevel"), "list", errors.CalendarGone),
    (403, body("calendar", "notACalendarUser"), "account", errors.CalendarGone),
    (403, body("global", "forbidden", "Forbidden"), "event", errors.EventForbidden),
    (403, body("global", "forbidden", "Forbidden"), "list", errors.CalendarGone),
    (403, b"<html>no</html>", "event", errors.GoogleUnavailable),
    (404, body("global", "notFound", "Not Found"), "event", errors.EventMissing),
    (404, body("global", "notFound", "Not Found"), "insert", errors.CalendarGone),
    (404, body("global", "notFound", "Not Found"), "list", errors.CalendarGone),
    (404, body("global", "notFound", "Not Found"), "watch", errors.CalendarGone),
    (404, body("global", "notFound", "Channel 'x' not found for project '7'"), "channel", errors.EventMissing),
    (404, b'{"error": {"code": 404, "message": "Not Found"}}', "event", errors.EventMissing),
    (404, b"<html>no such page</html>", "event", errors.GoogleUnavailable),
    (404, b"", "event", errors.GoogleUnavailable),
    (409, body("global", "duplicate", "The requested identifier already exists."), "insert", errors.IdTaken),
    (409, body("global", "conflict", "Conflict"), "event", errors.RateLimited),
    (410, body("calendar", "fullSyncRequired", location="syncToken"), "list", errors.SyncTokenExpired),
    (410, body("calendar", "updatedMinTooLongAgo"), "list", errors.SyncTokenExpired),
    (410, body("global", "deleted", "Resource has been deleted"), "event", errors.EventDeleted),
    (410, b"gone", "event", errors.GoogleUnavailable),
    (412, body("global", "conditionNotMet", location="If-Match"), "event", errors.PreconditionFailed),
    (418, body("global", "teapot"), "event", errors.GoogleRefused),
    (302, b"", "event", errors.GoogleUnavailable),
    (408, b"", "event", errors.GoogleUnavailable),
    (500, body("global", "backendError", "Backend Error"), "event", errors.GoogleUnavailable),
    (502, b"<html>bad gateway</html>", "event", errors.GoogleUnavailable),
    (503, body("global", "backendError"), "event", errors.GoogleUnavailable),
    (504, b"\xff\xfe", "event", errors.GoogleUnavailable),
]


@pytest.mark.parametrize(("status", "answer", "about", "expected"), ROWS)
def test_a_failure_is_the_error_that_says_who_must_act(
    status: int, answer: bytes, about: About, expected: type[errors.TandemError]
) -> None:
    assert type(classify(status, answer, {}, about=about)) is expected


@pytest.mark.parametrize("shape", [b"[]", b"null", b"7", b'{"error": "text"}', b'{"error": {"errors": [7]}}', b"{"])
def test_an_answer_of_another_shape_is_no_crash(shape: bytes) -> None:
    assert isinstance(classify(400, shape, {}), errors.TandemError)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "17"}, 17.0),
        (
            {"retry-after": "Fri, 20 Nov 2026 10:00:30 GMT", "date": "Fri, 20 Nov 2026 10:00:00 GMT"},
            30.0,
        ),
        (
            {"retry-after": "Fri, 20 Nov 2026 09:00:00 GMT", "date": "Fri, 20 Nov 2026 10:00:00 GMT"},
            0.0,
        ),
        ({"retry-after": "Fri, 20 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
    ],
)
@pytest.mark.parametrize("status", [403, 429, 503])
def test_retry_after_is_honoured_where_google_sends_it(
    status: int, headers: dict[str, str], expected: float | None
) -> None:
    error = classify(status, body("usageLimits", "rateLimitExceeded"), headers)

    assert isinstance(error, errors.RetryLater)
    assert error.after_s == expected


def test_a_refusal_keeps_googles_word_and_sentence() -> None:
    error = classify(400, body("calendar", "timeRangeEmpty", "The specified time range is empty."), {})

    assert isinstance(error, errors.GoogleRefused)
    assert error.reason == "timeRangeEmpty"
    assert "The specified time range is empty." in error.detail


def test_a_refusal_quotes_no_mail_address_title_or_link() -> None:
    sentence = "Invalid attendee anna@example.com in 'Secret merger' or \"Plan B\" at https://crm.example.com/7 here."

    detail = classify(400, body("global", "invalid", sentence), {}).detail

    for private in ("anna", "merger", "Plan", "crm.example"):
        assert private not in detail
    assert "Invalid attendee" in detail


OAUTH_ROWS: list[tuple[int, bytes, type[errors.TandemError]]] = [
    (
        400,
        b'{"error": "invalid_grant", "error_description": "Token has been expired or revoked."}',
        errors.GrantRevoked,
    ),
    (400, b'{"error": "invalid_grant", "error_subtype": "invalid_rapt"}', errors.GrantRevoked),
    (400, b'{"error": "admin_policy_enforced"}', errors.GrantRevoked),
    (401, b'{"error": "invalid_client", "error_description": "Unauthorized"}', errors.ClientRefused),
    (401, b'{"error": "deleted_client"}', errors.ClientRefused),
    (403, b'{"error": "org_internal"}', errors.ClientRefused),
    (400, b'{"error": "unauthorized_client"}', errors.ClientRefused),
    (400, b'{"error": "invalid_request"}', errors.GoogleRefused),
    (400, b'{"error": "redirect_uri_mismatch"}', errors.GoogleRefused),
    (400, b'{"error": "invalid_scope"}', errors.GoogleRefused),
    (400, b'{"error": "use_dpop_nonce"}', errors.GoogleRefused),
    (429, b'{"error": "rate_limit_exceeded"}', errors.RateLimited),
    (400, b'{"error": "temporarily_unavailable"}', errors.GoogleUnavailable),
    (500, b'{"error": "internal_failure"}', errors.GoogleUnavailable),
    (503, b"", errors.GoogleUnavailable),
    (400, b"<html>captive portal</html>", errors.GoogleUnavailable),
    (404, b"\xff", errors.GoogleUnavailable),
]


@pytest.mark.parametrize(("status", "answer", "expected"), OAUTH_ROWS)
def test_a_token_failure_is_the_error_that_says_who_must_act(
    status: int, answer: bytes, expected: type[errors.TandemError]
) -> None:
    assert type(classify_oauth(status, answer, {})) is expected


def test_every_token_failure_is_kept_free_of_googles_own_text() -> None:
    answer = b'{"error": "invalid_request", "error_description": "refresh_token 1//abc is odd"}'

    assert "1//abc" not in classify_oauth(400, answer, {}).detail
