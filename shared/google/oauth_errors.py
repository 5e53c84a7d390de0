"""The failures of Google's token endpoint to ours. Nothing of a token, code or secret is ever quoted."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from shared.errors import ClientRefused, GoogleRefused, GoogleUnavailable, GrantRevoked, RateLimited, TandemError
from shared.google.errors import retry_after_of
from shared.google.wire import mapping, word

CLIENT_REASONS = frozenset(
    {"invalid_client", "unauthorized_client", "deleted_client", "disabled_client", "org_internal"}
)
"""Google no longer accepts the client: the operator's matter, no user can mend it by connecting again."""
PASSING_REASONS = frozenset({"temporarily_unavailable", "server_error", "internal_failure", "backend_error"})


def classify_oauth(status: int, body: bytes | str, headers: Mapping[str, str]) -> TandemError:
    """The error that an answer of the token endpoint means.

    Args:
        headers: Lower-case names.

    Source: https://developers.google.com/identity/protocols/oauth2/web-server#offline
    """
    after_s = retry_after_of(headers)
    try:
        reason = word(mapping(msgspec.json.decode(body)), "error")
    except (msgspec.DecodeError, UnicodeDecodeError):
        reason = None
    if status == 429 or reason in {"rate_limit_exceeded", "slow_down"}:
        return RateLimited("Google asks for fewer token requests.", after_s=after_s)
    if status >= 500 or reason is None or reason in PASSING_REASONS:
        return GoogleUnavailable(
            f"Google's token endpoint answered {status}; it is tried again later.", after_s=after_s
        )
    if reason in {"invalid_grant", "admin_policy_enforced"}:
        return GrantRevoked()
    if reason in CLIENT_REASONS:
        return ClientRefused(f"Google does not accept the OAuth client ({reason}): check its client id and secret.")
    return GoogleRefused(f"Google's token endpoint refused the request ({reason}).", reason=reason)
