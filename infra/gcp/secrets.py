"""The secrets port on Secret Manager, for tenants' own OAuth clients. Nothing is connected before the first call.

Each secret is one of its own, named for its document and by chance, with one version: a newer one leaves the one before
readable until it is forgotten. The deployment's own keys are not here; they come with the environment.
Source: https://docs.cloud.google.com/secret-manager/docs/reference/rpc/google.cloud.secretmanager.v1
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import grpc
from google.api_core import exceptions as api
from google.auth.exceptions import GoogleAuthError
from google.cloud import secretmanager_v1 as secretmanager
from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
    SecretManagerServiceGrpcTransport,
)

from shared.errors import Bug, GoogleUnavailable, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

DEADLINE_S = 10.0
_SCHEME = "secretmanager:"
_VERSION = "1"


class SecretManagerSecrets:
    """The reference is the name of a secret, which begins with what its document's path makes of it.

    Args:
        project: The Google Cloud project's id.
        env: Stands before the secrets' names; deployments of one project differ in it.
        host: Host and port of a stand-in, which asks for no credentials; None: Google's service.
    """

    def __init__(self, *, project: str, env: str, host: str | None = None) -> None:
        self._project = f"projects/{project}"
        self._prefix = f"{env}-tenant-" if env else "tenant-"
        self._host = host
        self._lock = threading.Lock()
        self._connected: secretmanager.SecretManagerServiceClient | None = None

    def close(self) -> None:
        """The connection is closed; the next call opens another one."""
        with self._lock:
            if self._connected is not None:
                self._connected.transport.close()  # type: ignore[no-untyped-call]
            self._connected = None

    def keep(self, path: str, secret: str) -> str:
        name = f"{self._begins(path)}{uuid.uuid4().hex[:16]}"
        empty = {"replication": {"automatic": {}}, "labels": {"tandem": "tenant"}}
        made = secretmanager.CreateSecretRequest(parent=self._project, secret_id=name, secret=empty)
        filled = secretmanager.AddSecretVersionRequest(
            parent=f"{self._project}/secrets/{name}", payload={"data": secret.encode()}
        )
        with _told_as_ours():
            self._client().create_secret(made, retry=None, timeout=DEADLINE_S)
            try:
                self._client().add_secret_version(filled, retry=None, timeout=DEADLINE_S)
            except api.GoogleAPICallError:
                self._delete(name)
                raise
        return _SCHEME + name

    def read(self, path: str, reference: str) -> str:
        name = self._named(path, reference)
        if name is None:
            raise Bug(f"the secret of {path} is kept elsewhere than in Secret Manager here: set it again")
        wanted = secretmanager.AccessSecretVersionRequest(name=f"{self._project}/secrets/{name}/versions/{_VERSION}")
        with _told_as_ours():
            try:
                found = self._client().access_secret_version(wanted, retry=None, timeout=DEADLINE_S)
            except (api.NotFound, api.FailedPrecondition) as fault:
                raise NotFound(
                    f"the client secret of {path} is gone from Secret Manager, or its version is disabled: enable "
                    f"version {_VERSION} of {name}, or set the secret again"
                ) from fault
        return bytes(found.payload.data).decode()

    def forget(self, path: str, reference: str) -> None:
        name = self._named(path, reference)
        if name is not None:
            with _told_as_ours():
                self._delete(name)

    def try_reading(self) -> None:
        """Nothing happens when these credentials may open tenants' secrets; the one that is asked for is nobody's.

        Raises:
            GoogleUnavailable: They may not, or Secret Manager does not answer.
        """
        nobodys = f"{self._project}/secrets/{self._prefix}doctor/versions/{_VERSION}"
        with _told_as_ours():
            try:
                wanted = secretmanager.AccessSecretVersionRequest(name=nobodys)
                self._client().access_secret_version(wanted, retry=None, timeout=DEADLINE_S)
            except api.NotFound:
                return

    def _delete(self, name: str) -> None:
        gone = secretmanager.DeleteSecretRequest(name=f"{self._project}/secrets/{name}")
        try:
            self._client().delete_secret(gone, retry=None, timeout=DEADLINE_S)
        except api.NotFound:
            return

    def _begins(self, path: str) -> str:
        return f"{self._prefix}{hashlib.sha256(path.encode()).hexdigest()[:32]}-"

    def _named(self, path: str, reference: str) -> str | None:
        """The secret's name; None when the reference is another document's, or another keeper's."""
        return reference.removeprefix(_SCHEME) if reference.startswith(_SCHEME + self._begins(path)) else None

    def _client(self) -> secretmanager.SecretManagerServiceClient:
        with self._lock:
            if self._connected is None:
                self._connected = (
                    secretmanager.SecretManagerServiceClient(
                        transport=SecretManagerServiceGrpcTransport(channel=grpc.insecure_channel(self._host))
                    )
                    if self._host
                    else secretmanager.SecretManagerServiceClient()
                )
            return self._connected


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """What Secret Manager says is raised in our words."""
    try:
        yield
    except (api.PermissionDenied, api.Unauthenticated, GoogleAuthError) as fault:
        raise GoogleUnavailable(
            "Secret Manager does not let us in: give this function's service account its rights on tenants' secrets"
        ) from fault
    except (api.GoogleAPICallError, api.RetryError) as fault:
        raise GoogleUnavailable(f"Secret Manager did not answer ({type(fault).__name__}): try again later") from fault
