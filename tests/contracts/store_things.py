"""What the claims about stores are made of: documents in `things`, `notes` and `places`, and the indexes they use."""

from __future__ import annotations

from datetime import UTC, datetime

from infra.indexes import Index
from shared.ports import Document, Set, Store

CONTRACT_INDEXES = (
    Index(collection="things", fields=("n",)),
    Index(collection="things", fields=("colour", "n")),
    Index(collection="things", fields=("colour",)),
    Index(collection="things", fields=("at",)),
    Index(collection="things", fields=("colour", "at", "n")),
    Index(collection="things", fields=("deep.inner",)),
    Index(collection="things", fields=("tags",), array=True),
    Index(collection="places", fields=("due_at",), group=True),
)
NOON = datetime(2026, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)


def put(store: Store, path: str, **data: object) -> None:
    store.commit([Set(path=path, data=data)])


def read(store: Store, path: str) -> Document:
    document = store.get_many([path])[path]
    assert document is not None
    return document


def paths(documents: list[Document]) -> list[str]:
    return [document.path.rpartition("/")[2] for document in documents]
