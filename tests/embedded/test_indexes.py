"""The list of indexes, and the judge that holds every test's queries to it."""

from infra.indexes import INDEXES
from shared.ports import Filter, Query
from tests.queries import answered, is_indexed


def test_no_index_is_declared_twice() -> None:
    names = [index.name for index in INDEXES]

    assert sorted(names) == sorted(set(names))


def test_a_query_that_firestore_would_refuse_is_found_out() -> None:
    asked = Query(collection="tenants/t/tasks", filters=(Filter("owner", "==", "u"),), order=("listed.start",))

    assert answered(asked) is None


def test_a_group_needs_an_index_of_its_own() -> None:
    by_status = Filter("status", "==", "active")

    assert answered(Query(collection="connections", group=True, filters=(by_status,))) is None
    assert answered(Query(collection="tenants/t/connections", filters=(by_status,))) == ("connections(status)",)


def test_the_other_direction_needs_an_index_of_its_own() -> None:
    assert answered(Query(collection="tenants/t/changes", order=("-at",))) == ("-changes",)
    assert answered(Query(collection="tenants/t/tasks", order=("-listed.start",))) is None


def test_what_is_exempt_answers_nothing() -> None:
    assert not is_indexed("tasks", "content.title")
    assert not is_indexed("tasks", "expires_at")
    assert answered(Query(collection="tenants/t/tasks", filters=(Filter("content.title", "==", "x"),))) is None
