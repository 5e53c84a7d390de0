"""The function `deliver_changes` (/jobs/deliver-changes): a CRM is told. The work is in `shared.webhooks.deliver`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.jobs import answer_job
from shared.webhooks import deliver

if TYPE_CHECKING:
    from flask import Request, Response


def deliver_changes(request: Request) -> Response:
    """Do one round of deliveries."""
    return answer_job(request, "deliver_changes", deliver.DeliverPayload, deliver.deliver_changes)
