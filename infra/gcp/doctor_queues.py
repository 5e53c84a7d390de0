"""What `doctor` finds in Cloud Tasks: every queue with the rates and retries of the code, running, and open to us.

Source: https://docs.cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from google.api_core import exceptions as api
from google.auth.exceptions import GoogleAuthError
from google.cloud.tasks_v2.types import Queue

from infra.doctor.findings import fault, well
from infra.gcp.cloud_tasks import connected, queue_name
from infra.queues import QUEUES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from google.cloud.tasks_v2 import CloudTasksClient

    from infra.doctor.findings import Finding
    from infra.queues import QueueLimits
    from infra.settings import Settings

ASK_S = 10.0
ENQUEUE = "cloudtasks.tasks.create"


def queues(settings: Settings) -> Iterator[Finding]:
    """One finding a queue; one in all where the credentials open none."""
    project, region = settings.google_cloud_project or "", settings.region or ""
    try:
        with connected(settings.tasks_host) as client:
            for name, limits in QUEUES.items():
                yield _looked_at(client, queue_name(project, region, settings.env, name), limits)
    except (api.PermissionDenied, api.Unauthenticated, GoogleAuthError):
        yield fault("queues", "these credentials may not look at them: give them the role roles/cloudtasks.viewer")
    except (api.GoogleAPICallError, api.RetryError) as failure:
        yield fault("queues", f"Cloud Tasks did not answer ({type(failure).__name__}): try again later")


def _looked_at(client: CloudTasksClient, name: str, limits: QueueLimits) -> Finding:
    short = name.rpartition("/")[2]
    try:
        queue = client.get_queue(name=name, timeout=ASK_S)
    except api.NotFound:
        return fault("queues", f"there is no {name}: run `terraform apply`, or correct TANDEM_ENV and TANDEM_REGION")
    if queue.state != Queue.State.RUNNING:
        said = Queue.State(queue.state).name.lower()
        resume = f"gcloud tasks queues resume {short} --location={name.split('/')[3]}"
        return fault("queues", f"{short} is {said}, so its jobs wait: `{resume}`")
    if different := _differences(queue, limits):
        return fault("queues", f"{short} has {', '.join(different)}: run `terraform apply`")
    asked = {"resource": name, "permissions": [ENQUEUE]}
    if ENQUEUE not in client.test_iam_permissions(asked, timeout=ASK_S).permissions:
        return fault("queues", f"these credentials may not add jobs to {short}: give them roles/cloudtasks.enqueuer")
    return well("queues", f"{short} runs, {limits.dispatches_per_s:g} a second, {limits.concurrent} at once")


def _differences(queue: Queue, limits: QueueLimits) -> list[str]:
    rates, retries = queue.rate_limits, queue.retry_config
    found = {
        "dispatches a second": (rates.max_dispatches_per_second, limits.dispatches_per_s),
        "dispatches at once": (rates.max_concurrent_dispatches, limits.concurrent),
        "attempts": (retries.max_attempts, limits.attempts),
        "seconds of first backoff": (_seconds(retries.min_backoff), limits.min_backoff_s),
        "seconds of last backoff": (_seconds(retries.max_backoff), limits.max_backoff_s),
    }
    return [f"{is_:g} {what} and should have {should:g}" for what, (is_, should) in found.items() if is_ != should]


def _seconds(span: object) -> float:
    """Protobuf's durations are shown as Python's."""
    return cast("timedelta", span).total_seconds()
