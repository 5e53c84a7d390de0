"""What OAuth hands over: a client, tokens, and whose they are. Kept only encrypted; never logged."""

from __future__ import annotations

from datetime import datetime

import msgspec

SCOPE_EVENTS = "https://www.googleapis.com/auth/calendar.events"
SCOPE_CALENDARS = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
SCOPE_TASKS = "https://www.googleapis.com/auth/tasks"
CALENDAR_SCOPES = ("openid", "email", SCOPE_EVENTS, SCOPE_CALENDARS)
"""What every connection asks for, the smallest that the product needs."""


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A Google OAuth client: the operator's, or a tenant's own."""

    client_id: str
    client_secret: str


RELAYED = Client(client_id="", client_secret="")
"""Stands for the operator's client where a relay holds it in our place."""


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is asked to consent to, and where their browser goes then.

    Args:
        state: Comes back as it is.
        challenge: Of the PKCE verifier, by S256.
        login_hint: The account to offer first.
    """

    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str
    login_hint: str | None = None


class OAuthApp(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tenant's own client, as stored.

    Args:
        secret_ref: What `Secrets` gave for its secret; opens only for this document.
        used_at: When a connection was last made with it; written in the same commit, so that a removal that runs at
            the same time loses the race.
    """

    schema: int = 1
    id: str
    name: str
    client_id: str
    secret_ref: str
    created_at: datetime
    used_at: datetime | None = None


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """One token answer; `refresh_token` is None when Google sent none (keep the old one)."""

    access_token: str
    expires_at: datetime
    scopes: tuple[str, ...]
    refresh_token: str | None = None


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """The Google account: `sub` is its key for ever, the mail address may change."""

    sub: str
    email: str
