"""A deployment in which nothing is missing: what Terraform makes, put into the stand-ins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.cloud.firestore_admin_v1.types import Field, Index

from infra.queues import QUEUES
from tests.gcp.administration import FirestoreAdminServer, LookedAtTasks
from tests.gcp.cloud_tasks_server import Limits
from tests.gcp.google_keys import CertsServer, GoogleKey
from tests.gcp.secret_manager_server import SecretManagerServer
from tests.terraform.tables import Tables

DATABASE = "projects/p/databases/(default)/collectionGroups"
QUEUE = "projects/p/locations/europe-west1/queues/test-{}"


class Front:
    """What answers at the functions' addresses; `status` and `headers` can be changed."""

    def __init__(self) -> None:
        self.status = 200
        self.headers = {"X-Request-Id": "r"}
        front = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(front.status)
                for name, value in front.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_GET  # noqa: N815 - the base class's name

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator[None]:
        """It answers inside the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


@dataclass(slots=True, kw_only=True)
class Cloud:
    """The stand-ins of one deployment."""

    tasks: LookedAtTasks
    admin: FirestoreAdminServer
    secrets: SecretManagerServer
    front: Front
    certs: CertsServer

    def environment(self) -> dict[str, str]:
        """What leads to them."""
        return {
            "TANDEM_TASKS_HOST": self.tasks.host, "TANDEM_FIRESTORE_ADMIN_HOST": self.admin.host,
            "TANDEM_SECRETS_HOST": self.secrets.host, "TANDEM_OIDC_CERTS_URL": self.certs.url,
            "TANDEM_BASE_URL": self.front.url,
        }  # fmt: skip


@contextmanager
def sound_cloud(tables: Tables) -> Iterator[Cloud]:
    """Everything is as Terraform's tables say."""
    limits = {
        QUEUE.format(name): Limits(
            max_dispatches_per_second=each.dispatches_per_s, max_concurrent_dispatches=each.concurrent,
            max_attempts=each.attempts, min_backoff_s=each.min_backoff_s, max_backoff_s=each.max_backoff_s,
        )
        for name, each in tables.queues.items()
    }  # fmt: skip
    front = Front()
    with (
        LookedAtTasks(limits) as tasks,
        FirestoreAdminServer() as admin,
        SecretManagerServer() as secrets,
        CertsServer(GoogleKey()) as certs,
        front.serving(),
    ):
        _indexed(admin, tables)
        yield Cloud(tasks=tasks, admin=admin, secrets=secrets, front=front, certs=certs)


def _indexed(admin: FirestoreAdminServer, tables: Tables) -> None:
    ready, order = Index.State.READY, Index.IndexField.Order
    scopes = {True: Index.QueryScope.COLLECTION_GROUP, False: Index.QueryScope.COLLECTION}
    for number, each in enumerate(tables.indexes):
        if len(each.fields) > 1:
            parts = [Index.IndexField(field_path=name, order=order.ASCENDING) for name in (*each.fields, "__name__")]
            name = f"{DATABASE}/{each.collection}/indexes/{number}"
            admin.indexes[name] = Index(name=name, query_scope=scopes[each.group], fields=parts, state=ready)
        elif each.group:
            name = f"{DATABASE}/{each.collection}/fields/{each.fields[0]}"
            part = Index.IndexField(field_path=each.fields[0], order=order.ASCENDING)
            grouped = Index(query_scope=scopes[True], fields=[part], state=ready)
            admin.fields[name] = Field(name=name, index_config={"indexes": [grouped]})
    for collection, field in tables.backwards.items():
        parts = [
            Index.IndexField(field_path=field, order=order.DESCENDING),
            Index.IndexField(field_path="__name__", order=order.ASCENDING),
        ]
        name = f"{DATABASE}/{collection}/indexes/backwards"
        admin.indexes[name] = Index(name=name, query_scope=scopes[False], fields=parts, state=ready)
    for collection, names in tables.unindexed.items():
        for field in names:
            name = f"{DATABASE}/{collection}/fields/{field}"
            admin.fields[name] = Field(name=name, index_config={})
    for collection, field in tables.expiring.items():
        name = f"{DATABASE}/{collection}/fields/{field}"
        admin.fields[name] = Field(name=name, index_config={}, ttl_config={"state": Field.TtlConfig.State.ACTIVE})


def queue(name: str) -> str:
    """The whole name of one of the deployment's queues."""
    return QUEUE.format(next(each for each in QUEUES if each == name))
