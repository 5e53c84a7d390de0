"""The Firestore store joins the contract, on the real emulator."""

from collections.abc import Iterator

import pytest

from infra.gcp.firestore import FirestoreStore
from shared.ports import Set, Store
from tests.contracts.store_contract import StoreContract
from tests.emulator import RunningEmulator


class TestFirestoreStore(StoreContract):
    @pytest.fixture
    def store(self, firestore_emulator: RunningEmulator) -> Iterator[FirestoreStore]:
        with firestore_emulator.store() as made:
            yield made

    def test_a_reader_sees_both_documents_of_a_commit_or_neither(self, store: Store) -> None:
        """Both are read by one request; what Firestore promises of it, the emulator does not keep under a race.

        The answers of one BatchGetDocuments hold as of the last one's time; the emulator reads one after the other.
        https://docs.cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#batchgetdocumentsresponse
        """
        assert isinstance(store, FirestoreStore)
        store.commit([Set(path="things/a", data={"n": 1}), Set(path="things/b", data={"n": 1})])
        client = store._client()
        asked: list[int] = []
        read = client.batch_get_documents

        def counted(request: object, **options: object) -> object:
            asked.append(len(request.documents))  # type: ignore[attr-defined]
            return read(request, **options)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(client, "batch_get_documents", counted)
            found = store.get_many(["things/a", "things/b"])

        assert [document and document.data for document in found.values()] == [{"n": 1}, {"n": 1}]
        assert asked == [2]
