"""What `doctor` finds in Firestore's administration: indexes, exemptions, and what ends, against those of the code.

Source: https://docs.cloud.google.com/firestore/docs/reference/rpc/google.firestore.admin.v1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import grpc
from google.api_core import exceptions as api
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore_admin_v1.services.firestore_admin import FirestoreAdminClient
from google.cloud.firestore_admin_v1.services.firestore_admin.transports import FirestoreAdminGrpcTransport
from google.cloud.firestore_admin_v1.types import Field, Index, ListFieldsRequest

from infra.doctor.findings import fault, well
from infra.exemptions import END, EXPIRING, out_of_indexes
from infra.indexes import BACKWARDS, INDEXES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.doctor.findings import Finding
    from infra.settings import Settings

ASK_S = 20.0
OVERRIDES = "indexConfig.usesAncestorConfig:false OR ttlConfig:*"
APPLY = "run `terraform apply`"
Composite: TypeAlias = tuple[str, bool, tuple[tuple[str, str], ...]]
"""Collection, whether for all of that name together, and the fields with their direction; the path is the last one."""


def indexes(settings: Settings) -> list[Finding]:
    """Whether Firestore has what the code's queries need."""
    if settings.firestore_emulator_host and not settings.firestore_admin_host:
        return [well("indexes", "not looked at: an emulator needs none")]
    try:
        with _connected(settings.firestore_admin_host) as client:
            groups = f"projects/{settings.google_cloud_project}/databases/{settings.database}/collectionGroups/-"
            composites = list(client.list_indexes(parent=groups, timeout=ASK_S))
            fields = list(client.list_fields(ListFieldsRequest(parent=groups, filter=OVERRIDES), timeout=ASK_S))
    except (api.PermissionDenied, api.Unauthenticated, GoogleAuthError):
        return [fault("indexes", "these credentials may not list them: give them the role roles/datastore.viewer")]
    except (api.GoogleAPICallError, api.RetryError) as failure:
        return [fault("indexes", f"Firestore does not list them ({type(failure).__name__}): try again later")]
    faults = [*_composites(composites), *_fields(fields)]
    return faults or [
        well("indexes", f"{len(composites)} composite ones, {len(fields)} fields with settings of their own")
    ]


def _composites(found: list[Index]) -> Iterator[Finding]:
    states = {_shape(index): index.state for index in found}
    for wanted in _wanted():
        state = states.get(wanted)
        if state is None:
            yield fault("indexes", f"{_named(wanted)} is missing, and what asks for it fails: {APPLY}")
        elif state == Index.State.NEEDS_REPAIR:
            yield fault("indexes", f"{_named(wanted)} could not be built: delete it in the console, and {APPLY}")
        elif state != Index.State.READY:
            yield fault("indexes", f"{_named(wanted)} is still being built: wait some minutes, and ask again")


def _fields(found: list[Field]) -> Iterator[Finding]:
    by_name = {_place(field.name): field for field in found}
    for collection, name in out_of_indexes():
        field = by_name.get((collection, name))
        if field is None or field.index_config.uses_ancestor_config or field.index_config.indexes:
            yield fault("indexes", f"{collection}.{name} is indexed, which costs at every write: {APPLY}")
    for collection in EXPIRING:
        field = by_name.get((collection, END))
        if field is None or not _ends(field):
            yield fault("expiry", f"documents of {collection} are never dropped: {APPLY}")
    for index in INDEXES:
        if index.group and len(index.fields) == 1:
            field = by_name.get((index.collection, index.fields[0]))
            if field is None or not any(_is_group(each) for each in field.index_config.indexes):
                yield fault("indexes", f"{index.name} is missing, and what asks for it fails: {APPLY}")


def _ends(field: Field) -> bool:
    return bool(Field.pb(field).HasField("ttl_config")) and field.ttl_config.state != Field.TtlConfig.State.NEEDS_REPAIR


def _is_group(index: Index) -> bool:
    return bool(index.query_scope == Index.QueryScope.COLLECTION_GROUP and index.state == Index.State.READY)


def _wanted() -> Iterator[Composite]:
    for index in INDEXES:
        if len(index.fields) > 1:
            first = (index.fields[0], "CONTAINS" if index.array else "ASCENDING")
            others = tuple((name, "ASCENDING") for name in index.fields[1:])
            yield index.collection, index.group, (first, *others, ("__name__", "ASCENDING"))
    for collection, name in BACKWARDS.items():
        yield collection, False, ((name, "DESCENDING"), ("__name__", "ASCENDING"))


def _shape(index: Index) -> Composite:
    fields = tuple(
        (each.field_path, Index.IndexField.Order(each.order).name if int(each.order) else "CONTAINS")
        for each in index.fields
    )
    collection = index.name.partition("/collectionGroups/")[2].partition("/")[0]
    if not fields or fields[-1][0] != "__name__":
        fields = (*fields, ("__name__", "ASCENDING"))
    return collection, index.query_scope == Index.QueryScope.COLLECTION_GROUP, fields


def _named(wanted: Composite) -> str:
    collection, group, fields = wanted
    return f"{'*' if group else ''}{collection}({', '.join(name for name, _ in fields[:-1])})"


def _place(name: str) -> tuple[str, str]:
    """Collection and field path of a field's whole name."""
    collection, _, path = name.partition("/collectionGroups/")[2].partition("/fields/")
    return collection, path.replace("`", "")


def _connected(host: str | None) -> FirestoreAdminClient:
    if host is None:
        return FirestoreAdminClient()
    return FirestoreAdminClient(transport=FirestoreAdminGrpcTransport(channel=grpc.insecure_channel(host)))
