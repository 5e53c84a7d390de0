"""Cloud Tasks as tests have it: the real client's gRPC on one side, HTTP calls with OIDC tokens on the other.

Written from Google's documents and from nothing of ours. `send_due` does one round in the caller's thread, for tests
with their own clock; inside `sending` tasks go out as they become due, many at once, within their queues' limits.
Source: https://docs.cloud.google.com/tasks/docs/reference/rpc/google.cloud.tasks.v2
"""

from __future__ import annotations

import re
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from itertools import count
from types import TracebackType
from typing import Any, NoReturn, Self

import grpc
from google.cloud.tasks_v2.types import cloudtasks
from google.cloud.tasks_v2.types import task as types

from tests.gcp.google_keys import GoogleKey

TASK_NAME = re.compile(
    r"(?P<queue>projects/[^/]+/locations/[^/]+/queues/[A-Za-z0-9-]{1,100})/tasks/[A-Za-z0-9_-]{1,500}"
)
TOMBSTONE = timedelta(hours=24)
LARGEST = 100 * 1024
FURTHEST = timedelta(days=30)
MOST_AT_ONCE = 48
ROUND_S = 0.02
STUB = "google.cloud.tasks.v2.CloudTasks"
Message = Any
"""One of the classes behind the client's wrappers, which carry no types."""


@dataclass(kw_only=True)
class Limits:
    """A queue's settings, as Cloud Tasks names them; its defaults are Cloud Tasks'."""

    max_dispatches_per_second: float = 500.0
    max_concurrent_dispatches: int = 1000
    max_attempts: int = 100
    min_backoff_s: float = 0.1
    max_backoff_s: float = 3600.0
    max_doublings: int = 16
    tokens: float = 1.0
    filled_at: datetime | None = None
    under_way: int = 0
    most_under_way: int = 0

    def take(self, now: datetime) -> bool:
        """One more task may start now: tokens flow in at the rate, up to a second's worth."""
        if self.under_way >= self.max_concurrent_dispatches:
            return False
        passed_s = (now - self.filled_at).total_seconds() if self.filled_at else 1.0
        most = max(1.0, min(self.max_dispatches_per_second, float(self.max_concurrent_dispatches)))
        self.tokens, self.filled_at = min(most, self.tokens + passed_s * self.max_dispatches_per_second), now
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        return True

    def backoff(self, failures: int) -> timedelta:
        """How long a task waits after so many failures."""
        return timedelta(
            seconds=min(self.max_backoff_s, self.min_backoff_s * 2.0 ** min(failures - 1, self.max_doublings))
        )


@dataclass(kw_only=True)
class Held:
    """A task that is not done yet."""

    queue: str
    task: Message
    eta: datetime
    run_at: datetime
    tries: int = 0
    responses: int = 0
    previous: int | None = None
    sent: bool = False
    """It is under way at this moment."""
    statuses: list[int | None] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The last part of its name."""
        return str(self.task.name.rpartition("/")[2])


class CloudTasksServer:
    """Queues by their whole names; a context manager.

    Args:
        queues: Whole names and settings.
        now: The time it goes by.
        key: Signs the OIDC tokens.
    """

    def __init__(
        self, queues: Mapping[str, Limits], *, now: Callable[[], datetime], key: GoogleKey | None = None
    ) -> None:
        self.queues = dict(queues)
        self.held: dict[str, Held] = {}
        self.tombstones: dict[str, datetime] = {}
        self.away = False
        """Every enqueue is answered with UNAVAILABLE."""
        self._now, self._key = now, key or GoogleKey()
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(4))
        handler = grpc.unary_unary_rpc_method_handler(
            self._create,
            request_deserializer=cloudtasks.CreateTaskRequest.pb().FromString,
            response_serializer=types.Task.pb().SerializeToString,
        )
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(STUB, {"CreateTask": handler}),))
        self.host = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(None).wait()

    def due(self) -> list[Held]:
        """What could be sent now, earliest first."""
        with self._lock:
            waiting = (each for each in self.held.values() if each.run_at <= self._now() and not each.sent)
            return sorted(waiting, key=lambda it: it.run_at)

    def send_due(self) -> int:
        """Every due task that its queue's rate allows is sent and settled, one after another; how many."""
        sent = 0
        for held in self.due():
            if self._taken(held):
                self._dispatch(held)
                sent += 1
        return sent

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Inside, tasks are sent as they become due, many at once; at the end those under way are waited for."""
        ending = threading.Event()
        with ThreadPoolExecutor(MOST_AT_ONCE) as pool:

            def rounds() -> None:
                while not ending.wait(ROUND_S):
                    for held in self.due():
                        if self._taken(held):
                            pool.submit(self._dispatch, held)

            thread = threading.Thread(target=rounds, daemon=True)
            thread.start()
            try:
                yield
            finally:
                ending.set()
                thread.join()

    def _taken(self, held: Held) -> bool:
        with self._lock:
            held.sent = not held.sent and self.queues[held.queue].take(self._now())
            return held.sent

    def _dispatch(self, held: Held) -> None:
        self.settle(held, self._sent(held))
        with self._lock:
            held.sent = False
            self.queues[held.queue].under_way -= 1

    def settle(self, held: Held, status: int | None) -> None:
        """The task was answered so; None: not at all."""
        limits = self.queues[held.queue]
        held.tries += 1
        held.statuses.append(status)
        held.responses += status is not None
        with self._lock:
            if (status is not None and 200 <= status < 300) or held.tries >= limits.max_attempts:
                del self.held[held.task.name]
                self.tombstones[held.task.name] = self._now() + TOMBSTONE
            else:
                held.previous, held.run_at = status, self._now() + limits.backoff(held.tries)

    def _sent(self, held: Held) -> int | None:
        wanted = held.task.http_request
        headers = {
            **wanted.headers,
            "User-Agent": "Google-Cloud-Tasks",
            "X-CloudTasks-QueueName": held.queue.rpartition("/")[2],
            "X-CloudTasks-TaskName": held.id,
            "X-CloudTasks-TaskRetryCount": str(held.tries),
            "X-CloudTasks-TaskExecutionCount": str(held.responses),
            "X-CloudTasks-TaskETA": f"{held.eta.timestamp():.6f}",
        }
        if held.previous is not None:
            headers["X-CloudTasks-TaskPreviousResponse"] = str(held.previous)
        if token := wanted.oidc_token.service_account_email:
            audience = wanted.oidc_token.audience or wanted.url
            minted = self._key.of_job(account=token, audience=audience, now=datetime.now(UTC))
            headers["Authorization"] = f"Bearer {minted}"
        request = urllib.request.Request(wanted.url, data=wanted.body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=held.task.dispatch_deadline.seconds or 600) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code
        except (OSError, HTTPException):
            return None

    def _create(self, request: Message, context: grpc.ServicerContext) -> Message:
        task, queue, now = types.Task.pb()(), request.parent, self._now()
        task.CopyFrom(request.task)

        def refuse(code: grpc.StatusCode, text: str) -> NoReturn:
            context.abort(code, text)
            raise AssertionError

        if self.away:
            refuse(grpc.StatusCode.UNAVAILABLE, "The service is currently unavailable.")
        if queue not in self.queues:
            refuse(grpc.StatusCode.NOT_FOUND, "Queue does not exist.")
        if not task.HasField("http_request") or not task.http_request.url.startswith(("http://", "https://")):
            refuse(grpc.StatusCode.INVALID_ARGUMENT, "HttpRequest.url is required and must begin with http.")
        if len(task.SerializeToString()) > LARGEST:
            refuse(grpc.StatusCode.INVALID_ARGUMENT, "Task size too large.")
        if task.HasField("dispatch_deadline") and not 15 <= task.dispatch_deadline.seconds <= 1800:
            refuse(grpc.StatusCode.INVALID_ARGUMENT, "Task.dispatchDeadline must be between [15s, 30m].")
        eta = task.schedule_time.ToDatetime(tzinfo=UTC) if task.HasField("schedule_time") else now
        if eta > now + FURTHEST:
            refuse(grpc.StatusCode.INVALID_ARGUMENT, "Task.scheduleTime is too far in the future.")
        with self._lock:
            task.name = task.name or f"{queue}/tasks/{next(self._numbers):020d}"
            named = TASK_NAME.fullmatch(task.name)
            if named is None or named["queue"] != queue:
                refuse(grpc.StatusCode.INVALID_ARGUMENT, "Task name is malformed or of another queue.")
            if task.name in self.held or self.tombstones.get(task.name, now) > now:
                refuse(grpc.StatusCode.ALREADY_EXISTS, "Requested entity already exists")
            self.held[task.name] = Held(queue=queue, task=task, eta=eta, run_at=max(eta, now))
        return task
