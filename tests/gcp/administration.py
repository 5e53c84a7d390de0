"""What administers Google Cloud, as tests have it: queues that can be looked at, and Firestore's indexes.

Written from Google's documents; what a deployment should have is put there by whoever makes it.
Source: https://docs.cloud.google.com/firestore/docs/reference/rpc/google.firestore.admin.v1
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import grpc
from google.cloud.firestore_admin_v1.types import field as fields
from google.cloud.firestore_admin_v1.types import firestore_admin, index
from google.cloud.tasks_v2.types import cloudtasks
from google.cloud.tasks_v2.types import queue as queues
from google.iam.v1 import iam_policy_pb2 as iam

from tests.gcp.cloud_tasks_server import STUB as TASKS
from tests.gcp.cloud_tasks_server import CloudTasksServer, Limits

FIRESTORE = "google.firestore.admin.v1.FirestoreAdmin"
ALL = re.compile(r"projects/[^/]+/databases/[^/]+/collectionGroups/-")
Message = Any
"""One of the classes behind the clients' wrappers, which carry no types."""


class LookedAtTasks(CloudTasksServer):
    """Cloud Tasks whose queues can be read: `paused` names some, `allowed` is what the caller may do."""

    def __init__(self, queues: Mapping[str, Limits]) -> None:
        super().__init__(queues, now=lambda: datetime.now(UTC))
        self.paused: set[str] = set()
        self.allowed: set[str] = {"cloudtasks.tasks.create"}
        methods = {
            "GetQueue": grpc.unary_unary_rpc_method_handler(
                self._get,
                request_deserializer=cloudtasks.GetQueueRequest.pb().FromString,
                response_serializer=_serialized,
            ),
            "TestIamPermissions": grpc.unary_unary_rpc_method_handler(
                self._test,
                request_deserializer=iam.TestIamPermissionsRequest.FromString,
                response_serializer=_serialized,
            ),
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(TASKS, methods),))

    def _get(self, request: Message, context: grpc.ServicerContext) -> Message:
        limits = self.queues.get(request.name)
        if limits is None:
            context.abort(grpc.StatusCode.NOT_FOUND, "Queue does not exist.")
            raise AssertionError
        rates = {
            "max_dispatches_per_second": limits.max_dispatches_per_second,
            "max_concurrent_dispatches": limits.max_concurrent_dispatches,
        }
        retries = {
            "max_attempts": limits.max_attempts,
            "min_backoff": timedelta(seconds=limits.min_backoff_s),
            "max_backoff": timedelta(seconds=limits.max_backoff_s),
        }
        state = queues.Queue.State.PAUSED if request.name in self.paused else queues.Queue.State.RUNNING
        return queues.Queue.pb(queues.Queue(name=request.name, rate_limits=rates, retry_config=retries, state=state))

    def _test(self, request: Message, context: grpc.ServicerContext) -> Message:
        return iam.TestIamPermissionsResponse(
            permissions=[each for each in request.permissions if each in self.allowed]
        )


class FirestoreAdminServer:
    """Indexes and fields by their whole names; a context manager. `refuses` is what every call is answered instead."""

    def __init__(self) -> None:
        self.indexes: dict[str, index.Index] = {}
        self.fields: dict[str, fields.Field] = {}
        self.refuses: grpc.StatusCode | None = None
        self._server = grpc.server(ThreadPoolExecutor(2))
        asked: dict[str, tuple[Any, Any]] = {
            "ListIndexes": (self._indexes, firestore_admin.ListIndexesRequest),
            "ListFields": (self._fields, firestore_admin.ListFieldsRequest),
        }
        methods = {
            name: grpc.unary_unary_rpc_method_handler(
                method, request_deserializer=kind.pb().FromString, response_serializer=_serialized
            )
            for name, (method, kind) in asked.items()
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(FIRESTORE, methods),))
        self.host = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(None).wait()

    def _indexes(self, request: Message, context: grpc.ServicerContext) -> Message:
        self._checked(request.parent, context)
        return firestore_admin.ListIndexesResponse.pb(
            firestore_admin.ListIndexesResponse(indexes=list(self.indexes.values()))
        )

    def _fields(self, request: Message, context: grpc.ServicerContext) -> Message:
        self._checked(request.parent, context)
        if not request.filter:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "Only fields that have been overridden can be listed.")
        return firestore_admin.ListFieldsResponse.pb(
            firestore_admin.ListFieldsResponse(fields=list(self.fields.values()))
        )

    def _checked(self, parent: str, context: grpc.ServicerContext) -> None:
        if self.refuses is not None:
            context.abort(self.refuses, "Missing or insufficient permissions.")
        if not ALL.fullmatch(parent):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"Invalid parent {parent}.")


def _serialized(message: Message) -> bytes:
    return bytes(message.SerializeToString())
