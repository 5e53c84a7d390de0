"""A link to the portal, as stored for ten minutes and opened once."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from shared.model.ids import TenantId, UserId

Language: TypeAlias = Literal["en", "fr", "it", "de", "es", "pl"]
"""What the pages speak."""


class PortalSession(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whom the link lets in; its document's name is a digest of the token that travels.

    Args:
        return_url: Where the CRM wants its user back.
        language: None: as the browser prefers.
        expires_at: Checked on reading; the store drops the document some time later.
    """

    schema: int = 1
    tenant: TenantId
    user: UserId
    return_url: str | None = None
    language: Language | None = None
    expires_at: datetime
