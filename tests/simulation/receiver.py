"""The address that deliveries go to: each tenant's CRM behind it, which answers as the weather says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from shared.ports import WebhookReply

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.ports import WebhookMessage
    from tests.simulation.crm import Crm

Mood: TypeAlias = Literal["takes", "fails", "takes_and_fails", "late", "gone"]


class Receiver:
    """Hands each message to the CRM whose address it names; `moods` are what the next ones meet, then all is well."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        self.crms: dict[str, Crm] = {}
        self.moods: list[Mood] = []
        self.misled: list[str] = []
        """Addresses of messages that nobody listens to."""
        self._pass_time = pass_time

    def send(self, message: WebhookMessage) -> WebhookReply:
        """The CRM does with it what its mood is."""
        crm = self.crms.get(message.url)
        if crm is None:
            self.misled.append(message.url)
            return WebhookReply(status=404, duration_ms=1.0)
        match self.moods.pop(0) if self.moods else "takes":
            case "takes":
                crm.take(message.body)
            case "fails":
                return WebhookReply(status=500, duration_ms=1.0)
            case "takes_and_fails":
                crm.take(message.body)
                return WebhookReply(status=None, error="timeout", duration_ms=10_000.0)
            case "late":
                self._pass_time(9.0)
                crm.take(message.body)
            case "gone":
                return WebhookReply(status=410, duration_ms=1.0)
        return WebhookReply(status=200, duration_ms=1.0)
