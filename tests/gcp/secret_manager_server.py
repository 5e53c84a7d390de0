"""Secret Manager as tests have it: what the real client asks by gRPC, kept in memory. Written from Google's documents.

Source: https://docs.cloud.google.com/secret-manager/docs/reference/rpc/google.cloud.secretmanager.v1
"""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import grpc
from google.cloud.secretmanager_v1.types import resources, service
from google.protobuf.empty_pb2 import Empty

STUB = "google.cloud.secretmanager.v1.SecretManagerService"
SECRET_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
LARGEST = 64 * 1024
Message = Any
"""One of the classes behind the client's wrappers, which carry no types."""


class SecretManagerServer:
    """Secrets by their whole names, each with its versions' bytes; a context manager. `disabled` names versions."""

    def __init__(self) -> None:
        self.secrets: dict[str, list[bytes]] = {}
        self.disabled: set[str] = set()
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(4))
        handlers: dict[str, tuple[Any, Any, Any]] = {
            "CreateSecret": (self._create, service.CreateSecretRequest, resources.Secret.pb()),
            "AddSecretVersion": (self._add, service.AddSecretVersionRequest, resources.SecretVersion.pb()),
            "AccessSecretVersion": (
                self._access,
                service.AccessSecretVersionRequest,
                service.AccessSecretVersionResponse.pb(),
            ),
            "DeleteSecret": (self._delete, service.DeleteSecretRequest, Empty),
        }
        methods = {
            name: grpc.unary_unary_rpc_method_handler(
                method, request_deserializer=asked.pb().FromString, response_serializer=answer.SerializeToString
            )
            for name, (method, asked, answer) in handlers.items()
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(STUB, methods),))
        self.host = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(None).wait()

    def _create(self, request: Message, context: grpc.ServicerContext) -> Message:
        name = f"{request.parent}/secrets/{request.secret_id}"
        if not SECRET_ID.fullmatch(request.secret_id) or not request.secret.HasField("replication"):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "secret_id and replication are required.")
        with self._lock:
            if name in self.secrets:
                context.abort(grpc.StatusCode.ALREADY_EXISTS, f"Secret [{name}] already exists.")
            self.secrets[name] = []
        return resources.Secret.pb()(name=name)

    def _add(self, request: Message, context: grpc.ServicerContext) -> Message:
        if len(request.payload.data) > LARGEST:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "The payload is larger than 65536 bytes.")
        with self._lock:
            versions = self._versions(request.parent, context)
            versions.append(request.payload.data)
            return resources.SecretVersion.pb()(name=f"{request.parent}/versions/{len(versions)}")

    def _access(self, request: Message, context: grpc.ServicerContext) -> Message:
        secret, _, version = request.name.partition("/versions/")
        with self._lock:
            versions = self._versions(secret, context)
            number = len(versions) if version == "latest" else int(version)
            if not 1 <= number <= len(versions):
                context.abort(grpc.StatusCode.NOT_FOUND, f"Secret Version [{request.name}] not found.")
            if request.name in self.disabled:
                context.abort(
                    grpc.StatusCode.FAILED_PRECONDITION, f"Secret Version [{request.name}] is in DISABLED state."
                )
            return service.AccessSecretVersionResponse.pb()(
                name=request.name, payload=resources.SecretPayload.pb()(data=versions[number - 1])
            )

    def _delete(self, request: Message, context: grpc.ServicerContext) -> Message:
        with self._lock:
            self._versions(request.name, context)
            del self.secrets[request.name]
        return Empty()

    def _versions(self, secret: str, context: grpc.ServicerContext) -> list[bytes]:
        if secret not in self.secrets:
            context.abort(grpc.StatusCode.NOT_FOUND, f"Secret [{secret}] not found.")
        return self.secrets[secret]
