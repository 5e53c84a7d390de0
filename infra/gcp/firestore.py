"""The store port on Firestore: every method one RPC, every write conditional, no interactive transactions, no retries.

Nothing is connected before the first call. Values, writes and queries become messages in the files beside this one.
"""

from __future__ import annotations

import threading
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import grpc
from google.api_core import exceptions as api
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport
from google.cloud.firestore_v1.types import firestore
from google.cloud.firestore_v1.types import query as query_types

from infra.exemptions import STAMP
from infra.gcp.firestore_queries import conditions_of, holds_nothing, parent_of, query_of
from infra.gcp.firestore_values import Message, decoded, moment
from infra.gcp.firestore_writes import revision_of, write_of
from shared.errors import Bug, LostRace, StoreUnavailable
from shared.ports import Document, Must, Patch, Revision

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from shared.ports import Query, Write

COMMIT_DEADLINE_S = 5.0
READ_DEADLINE_S = 20.0
HORIZON_S = 10.0
"""A commit that is given up after its deadline carries no older time than this when it is seen at last."""
LOST = (api.AlreadyExists, api.FailedPrecondition, api.Aborted)

GetRequest, CommitRequest = firestore.BatchGetDocumentsRequest, firestore.CommitRequest
QueryRequest, CountRequest = firestore.RunQueryRequest, firestore.RunAggregationQueryRequest
AggregationMessage = query_types.StructuredAggregationQuery.pb()


class FirestoreStore:
    """Documents with revisions in one Firestore database, Native mode.

    Args:
        project: The Google Cloud project's id.
        database: The database's id within it.
        emulator: Host and port of an emulator, which asks for no credentials; None: Google's service, with the
            credentials of the environment.
        horizon_s: Shorter only on an emulator, whose commits are seen at once.
    """

    def __init__(
        self,
        *,
        project: str,
        database: str = "(default)",
        emulator: str | None = None,
        horizon_s: float = HORIZON_S,
    ) -> None:
        self._database = f"projects/{project}/databases/{database}"
        self._root = f"{self._database}/documents/"
        self._emulator = emulator
        self._horizon_s = horizon_s
        self._metadata = [("google-cloud-resource-prefix", self._database)]
        if emulator:
            self._metadata.append(("authorization", "Bearer owner"))
        self._lock = threading.Lock()
        self._connected: FirestoreClient | None = None

    def close(self) -> None:
        """The connection is closed; the next call opens another one."""
        with self._lock:
            if self._connected is not None:
                self._connected.transport.close()  # type: ignore[no-untyped-call]
            self._connected = None

    def get_many(self, paths: Sequence[str]) -> dict[str, Document | None]:
        if not paths:
            return {}
        names = [self._root + path for path in dict.fromkeys(paths)]
        request = GetRequest.wrap(GetRequest.pb()(database=self._database, documents=names))
        found: dict[str, Document] = {}
        with _told_as_ours():
            for answer in self._client().batch_get_documents(
                request, retry=None, timeout=READ_DEADLINE_S, metadata=self._metadata
            ):
                message = firestore.BatchGetDocumentsResponse.pb(answer)
                if message.WhichOneof("result") == "found":
                    document = self._document(message.found)
                    found[document.path] = document
        return {path: found.get(path) for path in paths}

    def query(self, query: Query) -> list[Document]:
        wanted = query_of(query, root=self._root)
        if holds_nothing(query):
            return []
        parent = parent_of(query, root=self._root)
        request = QueryRequest.wrap(QueryRequest.pb()(parent=parent, structured_query=wanted))
        with _told_as_ours():
            answers = self._client().run_query(request, retry=None, timeout=READ_DEADLINE_S, metadata=self._metadata)
            messages = [firestore.RunQueryResponse.pb(answer) for answer in answers]
        return [self._document(message.document) for message in messages if message.HasField("document")]

    def count(self, query: Query) -> int:
        counted = AggregationMessage(structured_query=conditions_of(query))
        if holds_nothing(query):
            return 0
        counted.aggregations.add(alias="n").count.SetInParent()
        parent = parent_of(query, root=self._root)
        request = CountRequest.wrap(CountRequest.pb()(parent=parent, structured_aggregation_query=counted))
        with _told_as_ours():
            answers = self._client().run_aggregation_query(
                request, retry=None, timeout=READ_DEADLINE_S, metadata=self._metadata
            )
            messages = [firestore.RunAggregationQueryResponse.pb(answer) for answer in answers]
        return sum(message.result.aggregate_fields["n"].integer_value for message in messages)

    def commit(self, writes: Sequence[Write]) -> datetime:
        stamp = uuid.uuid4().hex[:12]
        messages = [write_of(each, root=self._root, stamp=stamp) for each in writes]
        request = CommitRequest.wrap(CommitRequest.pb()(database=self._database, writes=messages))
        with _told_as_ours(), _races_told(writes):
            answer = self._client().commit(request, retry=None, timeout=COMMIT_DEADLINE_S, metadata=self._metadata)
        message = firestore.CommitResponse.pb(answer)
        filled = (value for result in message.write_results for value in result.transform_results)
        server_time = next(filled, None)
        return moment(message.commit_time if server_time is None else server_time.timestamp_value)

    def horizon_s(self) -> float:
        return self._horizon_s

    def _client(self) -> FirestoreClient:
        with self._lock:
            if self._connected is None:
                self._connected = (
                    FirestoreClient(transport=_transport(self._emulator)) if self._emulator else (FirestoreClient())
                )
            return self._connected

    def _document(self, message: Message) -> Document:
        data = decoded(message.fields)
        data.pop(STAMP, None)
        path = message.name.removeprefix(self._root)
        return Document(path=path, data=data, revision=revision_of(message.update_time))


def _transport(emulator: str) -> FirestoreGrpcTransport:
    unlimited = [("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)]
    return FirestoreGrpcTransport(channel=grpc.insecure_channel(emulator, options=unlimited))


@contextmanager
def _told_as_ours() -> Iterator[None]:
    """What Firestore says is raised in our words."""
    try:
        yield
    except (api.InvalidArgument, api.FailedPrecondition, api.OutOfRange) as fault:
        raise Bug(f"Firestore refuses what it was asked: {fault.message}") from fault
    except GoogleAuthError as fault:
        raise StoreUnavailable(
            "there are no credentials for Firestore: on Google Cloud a service account gives them, elsewhere "
            "`gcloud auth application-default login`"
        ) from fault
    except (api.PermissionDenied, api.Unauthenticated) as fault:
        raise StoreUnavailable(
            "Firestore does not let us in: give this function's service account the role roles/datastore.user"
        ) from fault
    except api.NotFound as fault:
        raise StoreUnavailable("there is no such Firestore database: see TANDEM_DATABASE") from fault
    except (api.GoogleAPICallError, api.RetryError) as fault:
        raise StoreUnavailable(f"Firestore did not answer ({type(fault).__name__}): try again later") from fault


@contextmanager
def _races_told(writes: Sequence[Write]) -> Iterator[None]:
    """A precondition that does not hold is a lost race; a database that is not there is none."""
    try:
        yield
    except LOST as fault:
        raise LostRace("a document was changed, made or deleted by another writer") from fault
    except api.NotFound as fault:
        if any(
            isinstance(each, Patch) or isinstance(each.must, Revision) or each.must is Must.EXIST for each in writes
        ):
            raise LostRace("a document does not exist any more") from fault
        raise
