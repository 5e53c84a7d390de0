"""The queue port on Cloud Tasks: one RPC per enqueue, no retries. Nothing is connected before the first one.

Rates and retries are the queues' own, made from the same table by whoever deploys. A job is sent as a POST with an OIDC
token of Google's for one audience that all functions share, so it proves itself wherever it is taken.
Source: https://docs.cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2
"""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc
import msgspec
from google.api_core import exceptions as api
from google.auth.exceptions import GoogleAuthError
from google.cloud import tasks_v2 as tasks
from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

from infra.queues import MAX_PAYLOAD_BYTES, QUEUES, path_of
from shared.errors import Bug, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.ports import Job

DEADLINE_S = 5.0
LEAST_DISPATCH_S, MOST_DISPATCH_S = 15.0, 1800.0
NAME = re.compile(r"[A-Za-z0-9_-]{1,500}")


class CloudTasksQueue:
    """Jobs in the queues of one deployment.

    Args:
        project: The Google Cloud project's id.
        region: Where the queues are.
        env: Stands before the queues' names; deployments of one project differ in it.
        urls: Each job function's own address, without a slash at its end.
        account: The service account that jobs call as.
        audience: Whom the jobs' tokens are for.
        host: Host and port of a stand-in, which asks for no credentials; None: Google's service.
        trace: Headers with which a job belongs to the trace of who enqueues it.
    """

    def __init__(
        self,
        *,
        project: str,
        region: str,
        env: str,
        urls: Mapping[str, str],
        account: str,
        audience: str,
        host: str | None = None,
        trace: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._project, self._region, self._env = project, region, env
        self._urls = urls
        self._token = {"service_account_email": account, "audience": audience}
        self._host = host
        self._trace = trace
        self._lock = threading.Lock()
        self._connected: tasks.CloudTasksClient | None = None

    def close(self) -> None:
        """The connection is closed; the next call opens another one."""
        with self._lock:
            if self._connected is not None:
                self._connected.transport.close()  # type: ignore[no-untyped-call]
            self._connected = None

    def enqueue(self, job: Job) -> bool:
        request = self._request(job)
        try:
            self._client().create_task(request, retry=None, timeout=DEADLINE_S)
        except api.AlreadyExists:
            return False
        except api.InvalidArgument as fault:
            raise Bug(f"Cloud Tasks refuses a job for {job.function}: {fault.message}") from fault
        except api.NotFound as fault:
            raise StoreUnavailable(f"there is no queue {request.parent}: deploy it, or correct TANDEM_ENV") from fault
        except (api.PermissionDenied, api.Unauthenticated, GoogleAuthError) as fault:
            raise StoreUnavailable(
                "Cloud Tasks does not let us in: this function's service account needs roles/cloudtasks.enqueuer on "
                f"{request.parent} and roles/iam.serviceAccountUser on the jobs account"
            ) from fault
        except (api.GoogleAPICallError, api.RetryError) as fault:
            raise StoreUnavailable(f"Cloud Tasks did not answer ({type(fault).__name__}): try again later") from fault
        return True

    def _request(self, job: Job) -> tasks.CreateTaskRequest:
        limits = QUEUES.get(job.queue)
        if limits is None:
            raise Bug(f"there is no queue {job.queue}")
        if job.name is not None and not NAME.fullmatch(job.name):
            raise Bug("a job's name is 1 to 500 letters, digits, dashes and underscores")
        if job.function not in self._urls:
            raise Bug(f"nobody knows where {job.function} is: name its address in TANDEM_URLS")
        payload = msgspec.json.encode(job.payload)
        if len(payload) > MAX_PAYLOAD_BYTES:
            raise Bug(f"a job's payload has {len(payload)} bytes; {MAX_PAYLOAD_BYTES} are allowed, so carry ids")
        queue = queue_name(self._project, self._region, self._env, job.queue)
        deadline_s = min(max(limits.deadline_s, LEAST_DISPATCH_S), MOST_DISPATCH_S)
        task: dict[str, object] = {
            "http_request": {
                "http_method": tasks.HttpMethod.POST,
                "url": self._urls[job.function] + path_of(job.function),
                "headers": {**self._trace(), "Content-Type": "application/json"},
                "body": payload,
                "oidc_token": self._token,
            },
            "dispatch_deadline": timedelta(seconds=deadline_s),
        }
        if job.name is not None:
            task["name"] = f"{queue}/tasks/{job.name}"
        if job.not_before is not None:
            task["schedule_time"] = job.not_before
        return tasks.CreateTaskRequest(parent=queue, task=tasks.Task(task))

    def _client(self) -> tasks.CloudTasksClient:
        with self._lock:
            if self._connected is None:
                self._connected = connected(self._host)
            return self._connected


def connected(host: str | None) -> tasks.CloudTasksClient:
    """A client of Google's service, or of what stands in for it on this host and port."""
    if host is None:
        return tasks.CloudTasksClient()
    return tasks.CloudTasksClient(transport=CloudTasksGrpcTransport(channel=grpc.insecure_channel(host)))


def queue_name(project: str, region: str, env: str, queue: str) -> str:
    """The whole name of a deployment's queue."""
    return f"projects/{project}/locations/{region}/queues/{f'{env}-' if env else ''}{queue}"
