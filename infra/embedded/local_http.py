"""Calls this machine's own job functions as Cloud Tasks and Cloud Scheduler call them: a POST with headers and a token.

Source: https://docs.cloud.google.com/tasks/docs/creating-http-target-tasks
"""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

from infra.embedded.dispatch import Answer
from infra.queues import QUEUES, path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.embedded.queue import Taken
    from infra.jobs_auth import LocalJobTokens

SCHEDULED_DEADLINE_S = 180.0


class LocalHttp:
    """Sends jobs and scheduled calls to a port of the loopback address.

    Args:
        port: Where the functions are served.
        tokens: Makes what the functions ask for.
    """

    def __init__(self, port: int, tokens: LocalJobTokens) -> None:
        self._port = port
        self._tokens = tokens

    def send(self, job: Taken) -> Answer:
        """One try of one job."""
        headers = {
            "User-Agent": "Google-Cloud-Tasks",
            "X-CloudTasks-QueueName": job.queue,
            "X-CloudTasks-TaskName": job.name or str(job.id),
            "X-CloudTasks-TaskRetryCount": str(job.tries - 1),
            "X-CloudTasks-TaskExecutionCount": str(job.tries - 1),
            "X-CloudTasks-TaskETA": f"{job.eta.timestamp():.6f}",
        }
        if job.status is not None:
            headers["X-CloudTasks-TaskPreviousResponse"] = str(job.status)
        return self._post(path_of(job.function), job.payload, headers, QUEUES[job.queue].deadline_s)

    def call(self, path: str) -> Answer:
        """One scheduled call."""
        return self._post(path, b"{}", {"User-Agent": "Google-Cloud-Scheduler"}, SCHEDULED_DEADLINE_S)

    def _post(self, path: str, body: bytes, headers: Mapping[str, str], deadline_s: float) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=deadline_s)
        always = {"Authorization": self._tokens.mint(), "Content-Type": "application/json"}
        try:
            connection.request("POST", path, body=body, headers={**headers, **always})
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            return Answer(status=None)
        finally:
            connection.close()
        asked = response.getheader("Retry-After", "")
        return Answer(status=response.status, retry_after_s=float(asked) if asked.isdecimal() else 0.0)
