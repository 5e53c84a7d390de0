"""A CRM's webhook as a double of the sender: keeps every message, and answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.ports import WebhookMessage, WebhookReply


@dataclass(slots=True)
class KeptMessages:
    """Answers 200 unless told otherwise.

    Args:
        answers: What the next messages are answered, a status or why there is none; then `otherwise`.
        judge: Answers by the message instead, where it has an answer.
        during: Done while a message is under way.
    """

    answers: list[int | str] = field(default_factory=list)
    otherwise: int | str = 200
    judge: Callable[[WebhookMessage], int | str | None] = lambda message: None
    during: Callable[[], object] = lambda: None
    messages: list[WebhookMessage] = field(default_factory=list)

    def send(self, message: WebhookMessage) -> WebhookReply:
        self.messages.append(message)
        self.during()
        answer = self.judge(message)
        if answer is None:
            answer = self.answers.pop(0) if self.answers else self.otherwise
        if isinstance(answer, str):
            return WebhookReply(status=None, error=answer, duration_ms=1.0)
        return WebhookReply(status=answer, duration_ms=1.0)

    def changes(self) -> list[Any]:
        """What all messages told, in order."""
        return [change for message in self.messages for change in changes_of(message)]


def changes_of(message: WebhookMessage) -> list[Any]:
    """The changes of one message."""
    return list(json.loads(message.body)["data"]["changes"])
