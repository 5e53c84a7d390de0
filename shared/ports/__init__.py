"""What the use cases need from the world, as protocols; adapters live in `infra`.

Each port has one contract class in `tests/contracts` that every adapter joins. Data in documents is plain JSON plus
aware UTC datetimes (microseconds kept). Nothing here retries: a failure is told once, in the words of `shared.errors`.
"""

from __future__ import annotations

from shared.ports.google import Calendar, Google, OAuth
from shared.ports.machine import Cipher, Clock, Ids, Job, Log, Queue, Secrets, SigningKeys
from shared.ports.store import (
    DROP,
    SERVER_TIME,
    Delete,
    Document,
    Drop,
    Filter,
    Must,
    Operator,
    Patch,
    Precondition,
    Query,
    Revision,
    Server,
    Set,
    Store,
    Write,
)
from shared.ports.webhook import WebhookMessage, WebhookReply, WebhookSender

__all__ = [
    "DROP",
    "SERVER_TIME",
    "Calendar",
    "Cipher",
    "Clock",
    "Delete",
    "Document",
    "Drop",
    "Filter",
    "Google",
    "Ids",
    "Job",
    "Log",
    "Must",
    "OAuth",
    "Operator",
    "Patch",
    "Precondition",
    "Query",
    "Queue",
    "Revision",
    "Secrets",
    "Server",
    "Set",
    "SigningKeys",
    "Store",
    "WebhookMessage",
    "WebhookReply",
    "WebhookSender",
    "Write",
]
