"""What Firestore is told of single fields: which it keeps out of its indexes, and which ends a document.

Firestore indexes every field by itself, each entry of a map too, and every entry costs a write. Terraform declares
exactly these, and `doctor` compares; the indexes that queries need are in `indexes.py`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COLLECTIONS = (
    "calendars", "changes", "connections", "deliveries", "feed", "keys", "latest_runs", "oauth_apps", "oauth_states",
    "pages", "portal_sessions", "runs", "sweeps", "tasks", "tenants", "users", "webhook",
)  # fmt: skip
"""The last names of all collections."""

STAMP = "_commit"
"""A field that the Firestore store puts into every document; it grows with every write and nobody asks for it."""

END = "expires_at"
EXPIRING = ("changes", "deliveries", "oauth_states", "pages", "portal_sessions", "runs", "tasks")
"""Documents of these collections are dropped some time after the moment in `END`; whoever reads one checks it too."""

UNINDEXED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "changes": ("changed", "task"),
        "connections": ("access_token", "refresh_token", "settings", "settings_before"),
        "deliveries": ("body", "entries", "tries"),
        "pages": ("items",),
        "runs": ("checkpoint", "options", "spent", "totals"),
        "tasks": (
            "content", "occurrences", "sync.base", "sync.by_hand", "sync.conflict", "sync.edits", "sync.responses",
            "sync.sent", "sync.stamps", "sync.unacked", "sync.views",
        ),
        "tenants": ("brand", "settings"),
        "users": ("connections",),
        "webhook": ("secrets",),
    }
)  # fmt: skip
"""Maps and lists that grow, and ciphertexts, by collection; no query asks for them."""


def out_of_indexes() -> list[tuple[str, str]]:
    """Collection and field of everything that is kept out of indexes, ends and stamps included."""
    named = [(collection, name) for collection, names in UNINDEXED.items() for name in names]
    ends = [(collection, END) for collection in EXPIRING]
    return sorted({*named, *ends, *((collection, STAMP) for collection in COLLECTIONS)})
