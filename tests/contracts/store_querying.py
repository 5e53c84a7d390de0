"""What every store does with queries, as claims: comparisons, order, pages, counts, groups."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.errors import Bug
from shared.ports import DROP, Delete, Document, Filter, Patch, Query, Set, Store
from tests.contracts.store_things import NOON, paths, put, read


class Querying:
    @pytest.fixture
    def filled(self, store: Store) -> Store:
        store.commit(
            [
                Set(path="things/a", data={"n": 1, "colour": "red", "tags": ["x", "y"], "deep": {"inner": 1}}),
                Set(path="things/b", data={"n": 2, "colour": "red", "tags": ["y", "z"]}),
                Set(path="things/c", data={"n": 3, "colour": "blue", "tags": []}),
                Set(path="things/d", data={"n": None, "colour": "blue", "deep": {"inner": None}}),
                Set(path="things/e", data={"colour": None, "tags": "x"}),
                Set(path="things/a/notes/n1", data={"n": 1}),
                Set(path="notes/n2", data={"n": 1}),
            ]
        )
        return store

    def test_a_collection_holds_its_own_documents_by_path(self, filled: Store) -> None:
        assert paths(filled.query(Query(collection="things"))) == ["a", "b", "c", "d", "e"]

    def test_a_group_holds_the_documents_of_every_such_collection(self, filled: Store) -> None:
        assert paths(filled.query(Query(collection="notes", group=True))) == ["n2", "n1"]

    def test_a_collection_is_not_its_group(self, filled: Store) -> None:
        assert paths(filled.query(Query(collection="notes"))) == ["n2"]

    def test_documents_carry_data_and_revision(self, filled: Store) -> None:
        (found,) = filled.query(Query(collection="things", filters=(Filter("n", "==", 1),)))

        assert found == read(filled, "things/a")

    @pytest.mark.parametrize(
        ("op", "value", "expected"),
        [
            ("==", 2, "b"),
            ("==", 2.0, "b"),
            ("<", 2, "a"),
            ("<=", 2, "ab"),
            (">", 2, "c"),
            (">=", 2, "bc"),
            ("in", (1, 3, 7), "ac"),
            ("==", None, "d"),
            ("==", "2", ""),
            ("<", "x", ""),
            ("==", True, ""),
        ],
    )
    def test_comparisons(self, filled: Store, op: str, value: object, expected: str) -> None:
        found = filled.query(Query(collection="things", filters=(Filter("n", op, value),), order=("n",)))  # type: ignore[arg-type]

        assert paths(found) == list(expected)

    def test_a_dotted_filter_reaches_into_maps(self, filled: Store) -> None:
        assert paths(filled.query(Query(collection="things", filters=(Filter("deep.inner", "==", 1),)))) == ["a"]

    def test_null_is_not_absent(self, filled: Store) -> None:
        assert paths(filled.query(Query(collection="things", filters=(Filter("deep.inner", "==", None),)))) == ["d"]

    def test_every_filter_must_hold(self, filled: Store) -> None:
        query = Query(collection="things", filters=(Filter("colour", "==", "red"), Filter("n", ">", 1)), order=("n",))

        assert paths(filled.query(query)) == ["b"]

    def test_a_range_holds_between_its_ends(self, filled: Store) -> None:
        query = Query(collection="things", filters=(Filter("n", ">", 1), Filter("n", "<=", 3)), order=("n",))

        assert paths(filled.query(query)) == ["b", "c"]

    def test_a_list_is_found_by_any_of_its_items_once(self, filled: Store) -> None:
        query = Query(collection="things", filters=(Filter("tags", "array_contains_any", ["x", "y", "q"]),))

        assert paths(filled.query(query)) == ["a", "b"]

    def test_times_compare_as_times(self, store: Store) -> None:
        for name, at in (("a", NOON), ("b", NOON + timedelta(microseconds=1)), ("c", None), ("d", "2026-01-01")):
            put(store, f"things/{name}", at=at)

        found = store.query(Query(collection="things", filters=(Filter("at", "<=", NOON),), order=("at",)))

        assert paths(found) == ["a"]

    def test_texts_compare_by_code_point(self, store: Store) -> None:
        for name, colour in (("a", "Z"), ("b", "a"), ("c", "é"), ("d", "\U0001f98a"), ("e", "")):
            put(store, f"things/{name}", colour=colour)

        assert paths(store.query(Query(collection="things", order=("colour",)))) == ["e", "a", "b", "c", "d"]

    def test_numbers_compare_as_numbers(self, store: Store) -> None:
        for name, n in (("a", 10), ("b", 9.5), ("c", -1), ("d", -1.5), ("e", 0), ("f", 2**53 + 1), ("g", 2.0**53)):
            put(store, f"things/{name}", n=n)

        assert paths(store.query(Query(collection="things", order=("n",)))) == ["d", "c", "e", "b", "a", "g", "f"]

    def test_at_most_thirty_values_are_compared(self, store: Store) -> None:
        with pytest.raises(Bug):
            store.query(Query(collection="things", filters=(Filter("colour", "in", [str(n) for n in range(31)]),)))


class OrderAndPages:
    @pytest.fixture
    def rows(self, store: Store) -> Store:
        things = [
            ("a", 1, "red"),
            ("b", 3, "red"),
            ("c", 2, "red"),
            ("d", 2, "red"),
            ("e", 5, "blue"),
            ("f", None, "red"),
        ]
        writes = [
            Set(path=f"things/{name}", data={"n": n, "colour": colour, "at": NOON - timedelta(days=n or 0)})
            for name, n, colour in things
        ]
        store.commit([*writes, Set(path="things/g", data={"colour": "red"})])
        return store

    def test_ties_are_broken_by_path_and_what_lacks_the_field_is_left_out(self, rows: Store) -> None:
        assert paths(rows.query(Query(collection="things", order=("n",)))) == ["f", "a", "c", "d", "b", "e"]

    def test_descending_order_still_breaks_ties_by_path_ascending(self, rows: Store) -> None:
        assert paths(rows.query(Query(collection="things", order=("-n",)))) == ["e", "b", "c", "d", "a", "f"]

    def test_order_by_two_fields(self, rows: Store) -> None:
        query = Query(collection="things", filters=(Filter("colour", "==", "red"),), order=("at", "-n"))

        assert paths(rows.query(query)) == ["b", "c", "d", "a", "f"]

    def test_at_most_the_limit(self, rows: Store) -> None:
        assert paths(rows.query(Query(collection="things", order=("n",), limit=2))) == ["f", "a"]

    @pytest.mark.parametrize("order", [(), ("n",), ("-n",), ("-at",), ("at", "-n")], ids=str)
    def test_pages_continue_strictly_behind_the_last(self, rows: Store, order: tuple[str, ...]) -> None:
        filters = (Filter("colour", "==", "red"),) if order != ("-at",) else ()
        whole = rows.query(Query(collection="things", filters=filters, order=order))
        after: tuple[object, ...] | None = None
        paged: list[Document] = []

        for _ in range(20):
            page = rows.query(Query(collection="things", filters=filters, order=order, limit=2, after=after))
            paged += page
            if len(page) < 2:
                break
            after = (*(page[-1].data[name.removeprefix("-")] for name in order), page[-1].path)

        assert paths(paged) == paths(whole)
        assert len(whole) >= 5

    def test_a_cursor_of_a_document_that_is_gone_still_holds(self, rows: Store) -> None:
        query = Query(collection="things", order=("n",), after=(2, "things/bb"))

        assert paths(rows.query(query)) == ["c", "d", "b", "e"]

    def test_count_ignores_limit_order_and_cursor(self, rows: Store) -> None:
        query = Query(
            collection="things", filters=(Filter("colour", "==", "red"),), order=("n",), limit=1, after=(2, "things/c")
        )

        assert rows.count(query) == 6

    def test_count_of_a_list_counts_documents(self, store: Store) -> None:
        put(store, "things/a", tags=["x", "y"])

        assert store.count(Query(collection="things", filters=(Filter("tags", "array_contains_any", ["x", "y"]),))) == 1

    def test_count_of_a_collection(self, rows: Store) -> None:
        assert rows.count(Query(collection="things")) == 7

    def test_a_group_is_found_by_what_is_due(self, store: Store) -> None:
        for tenant, due in (
            ("t1", NOON),
            ("t2", NOON - timedelta(hours=1)),
            ("t3", NOON + timedelta(hours=1)),
            ("t4", None),
        ):
            put(store, f"tenants/{tenant}/places/p", due_at=due)

        query = Query(collection="places", group=True, filters=(Filter("due_at", "<=", NOON),), order=("due_at",))

        assert [document.path.split("/")[1] for document in store.query(query)] == ["t2", "t1"]

    def test_what_changed_or_went_is_found_as_it_is_now(self, store: Store) -> None:
        put(store, "things/a", n=1, tags=["x"])
        put(store, "things/b", n=1)
        put(store, "things/c", n=1)
        store.commit(
            [
                Patch(path="things/a", fields={"n": 2, "tags": ["z"]}),
                Delete(path="things/b"),
                Patch(path="things/c", fields={"n": DROP}),
            ]
        )

        assert store.query(Query(collection="things", filters=(Filter("n", "==", 1),))) == []
        assert paths(
            store.query(Query(collection="things", filters=(Filter("tags", "array_contains_any", ["z"]),)))
        ) == ["a"]
