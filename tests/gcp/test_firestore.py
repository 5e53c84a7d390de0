"""The Firestore store beyond the contract: what it asks of Firestore, and how it tells what Firestore refuses."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from google.api_core import exceptions as api
from google.auth.exceptions import RefreshError

from infra.gcp import firestore as adapter
from infra.gcp.firestore import FirestoreStore
from shared.errors import Bug, LostRace, StoreUnavailable, TandemError
from shared.ports import Delete, Filter, Must, Patch, Query, Revision, Set, Store, Write
from tests.emulator import RunningEmulator

WHOLE = Query(collection="things")
CALLS: dict[str, Callable[[Store], object]] = {
    "get_many": lambda store: store.get_many(["things/a", "things/b", "things/a"]),
    "query": lambda store: store.query(WHOLE),
    "count": lambda store: store.count(WHOLE),
    "commit": lambda store: store.commit([Set(path="things/a", data={}), Delete(path="things/b")]),
}
RPCS = ("batch_get_documents", "run_query", "run_aggregation_query", "commit")


@pytest.fixture
def store(firestore_emulator: RunningEmulator) -> Iterator[FirestoreStore]:
    with firestore_emulator.store() as made:
        yield made


@pytest.fixture
def asked(store: FirestoreStore, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Every RPC with its options, in order."""
    seen: list[tuple[str, dict[str, Any]]] = []
    client = store._client()

    def counted(name: str, call: Callable[..., object]) -> Callable[..., object]:
        def counting(request: object, **options: object) -> object:
            seen.append((name, options))
            return call(request, **options)

        return counting

    for name in RPCS:
        monkeypatch.setattr(client, name, counted(name, getattr(client, name)))
    return seen


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FirestoreStore]:
    """Makes a store whose every call Firestore answers with a failure of this kind and message."""

    def made(kind: type[Exception], message: str) -> FirestoreStore:
        def fail(*_: object, **__: object) -> object:
            raise kind(message)

        store = FirestoreStore(project="p", emulator="127.0.0.1:9")
        for name in RPCS:
            monkeypatch.setattr(store._client(), name, fail)
        return store

    return made


@pytest.mark.parametrize(("call", "rpc"), list(zip(CALLS.values(), RPCS, strict=True)), ids=list(CALLS))
def test_every_method_is_one_rpc(
    store: FirestoreStore, asked: list[tuple[str, dict[str, Any]]], call: Callable[[Store], object], rpc: str
) -> None:
    call(store)

    assert [name for name, _ in asked] == [rpc]


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_no_rpc_repeats_itself_or_waits_without_end(
    store: FirestoreStore, asked: list[tuple[str, dict[str, Any]]], call: Callable[[Store], object]
) -> None:
    call(store)

    ((_, options),) = asked
    assert options["retry"] is None
    assert 0 < options["timeout"] <= 20


def test_a_commit_is_given_up_well_before_the_horizon(
    store: FirestoreStore, asked: list[tuple[str, dict[str, Any]]]
) -> None:
    CALLS["commit"](store)

    ((_, options),) = asked
    assert options["timeout"] * 2 <= store.horizon_s()


def test_nothing_is_asked_where_nothing_can_be_found(
    store: FirestoreStore, asked: list[tuple[str, dict[str, Any]]]
) -> None:
    nothing = (Filter("n", "<", None), Filter("n", "in", [None]))

    found = [store.query(Query(collection="things", filters=(each,))) for each in nothing]
    counted = [store.count(Query(collection="things", filters=(each,))) for each in nothing]

    assert (found, counted, store.get_many([]), asked) == ([[], []], [0, 0], {}, [])


def test_a_store_is_made_without_a_connection_or_credentials() -> None:
    store = FirestoreStore(project="p")

    assert store._connected is None


def test_a_closed_store_connects_again(store: FirestoreStore) -> None:
    store.commit([Set(path="things/a", data={"n": 1})])
    store.close()

    assert store.count(WHOLE) == 1


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
def test_nobody_listening_is_told_as_unavailable(call: Callable[[Store], object]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        store = FirestoreStore(project="p", emulator=f"127.0.0.1:{taken.getsockname()[1]}")

        with pytest.raises(StoreUnavailable):
            call(store)
    store.close()


def test_a_commit_without_an_answer_is_told_as_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "COMMIT_DEADLINE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = FirestoreStore(project="p", emulator=f"127.0.0.1:{silent.getsockname()[1]}")

        with pytest.raises(StoreUnavailable, match="DeadlineExceeded"):
            CALLS["commit"](store)
        store.close()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (api.AlreadyExists, LostRace),
        (api.FailedPrecondition, LostRace),
        (api.Aborted, LostRace),
        (api.InvalidArgument, Bug),
        (api.ServiceUnavailable, StoreUnavailable),
        (api.DeadlineExceeded, StoreUnavailable),
        (api.ResourceExhausted, StoreUnavailable),
        (api.InternalServerError, StoreUnavailable),
        (api.Cancelled, StoreUnavailable),
        (api.PermissionDenied, StoreUnavailable),
        (RefreshError, StoreUnavailable),
    ],
    ids=lambda kind: kind.__name__,
)
def test_what_firestore_says_of_a_commit(
    refusing: Callable[..., FirestoreStore], fault: type[Exception], expected: type[TandemError]
) -> None:
    store = refusing(fault, "said")

    with pytest.raises(TandemError) as caught:
        CALLS["commit"](store)

    assert type(caught.value) is expected


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (Patch(path="things/a", fields={"n": 1}), LostRace),
        (Set(path="things/a", data={}, must=Must.EXIST), LostRace),
        (Set(path="things/a", data={}, must=Revision("1.0")), LostRace),
        (Delete(path="things/a", must=Must.EXIST), LostRace),
        (Set(path="things/a", data={}), StoreUnavailable),
        (Set(path="things/a", data={}, must=Must.BE_ABSENT), StoreUnavailable),
    ],
)
def test_not_found_is_a_lost_race_only_where_something_had_to_exist(
    refusing: Callable[..., FirestoreStore], write: Write, expected: type[TandemError]
) -> None:
    store = refusing(api.NotFound, "no entity, or no database")

    with pytest.raises(expected):
        store.commit([write])


def test_a_missing_index_is_a_bug_that_says_what_firestore_said(
    refusing: Callable[..., FirestoreStore],
) -> None:
    store = refusing(api.FailedPrecondition, "The query requires an index")

    with pytest.raises(Bug, match="requires an index"):
        store.query(WHOLE)


def test_missing_permissions_are_told_with_the_role_that_is_missing(
    refusing: Callable[..., FirestoreStore],
) -> None:
    store = refusing(api.PermissionDenied, "Missing or insufficient permissions.")

    with pytest.raises(StoreUnavailable, match=r"roles/datastore\.user"):
        store.query(WHOLE)


def test_a_patch_that_names_a_map_and_a_part_of_it_is_refused(store: FirestoreStore) -> None:
    with pytest.raises(Bug, match="name one of them"):
        store.commit([Patch(path="things/a", fields={"deep": {"x": 1}, "deep.y": 2})])


def test_an_order_by_a_field_that_is_pinned_changes_nothing(store: FirestoreStore) -> None:
    store.commit([Set(path=f"things/{name}", data={"n": 1}) for name in "abc"])
    query = Query(collection="things", filters=(Filter("n", "==", 1),), order=("n",), after=(1, "things/a"))

    assert [each.path for each in store.query(query)] == ["things/b", "things/c"]
