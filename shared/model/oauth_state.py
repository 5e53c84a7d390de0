"""One consent under way, as stored for ten minutes: from `/oauth/start` to `/oauth/callback`, once, in one browser."""

from __future__ import annotations

from datetime import datetime

import msgspec

from shared.model.ids import ConnectionId, TenantId


class OAuthState(msgspec.Struct, frozen=True, kw_only=True):
    """What the callback must find; its document's name is a digest of the state that travels.

    Args:
        browser: A digest of the cookie that this browser holds.
        verifier: The PKCE verifier, a ciphertext bound to this document's path.
        scopes: What was asked for.
        expires_at: Checked on reading; the store drops the document some time later.
    """

    schema: int = 1
    tenant: TenantId
    connection: ConnectionId
    browser: str
    verifier: str
    scopes: tuple[str, ...]
    redirect_uri: str
    expires_at: datetime
