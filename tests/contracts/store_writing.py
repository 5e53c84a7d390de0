"""What every store does with writes, as claims: documents and patches."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from shared.errors import Bug, LostRace
from shared.ports import DROP, Delete, Patch, Set, Store
from tests.contracts.store_things import NOON, put, read

NO_PLAIN_VALUES = ("a large number", "an object", "bytes", "a set", "half a character")


class ReadingAndWriting:
    def test_what_was_set_is_read(self, store: Store) -> None:
        data = {
            "text": "Grüße 🦊",
            "n": 3,
            "f": 0.5,
            "yes": True,
            "none": None,
            "list": [1, {"a": "b"}],
            "map": {"x": {}},
        }

        store.commit([Set(path="things/a", data=data)])

        assert read(store, "things/a").data == data

    def test_absent_documents_are_none(self, store: Store) -> None:
        put(store, "things/a", n=1)

        found = store.get_many(["things/a", "things/b"])

        assert found["things/a"] is not None
        assert found["things/b"] is None
        assert list(found) == ["things/a", "things/b"]

    def test_reading_nothing_gives_nothing(self, store: Store) -> None:
        assert store.get_many([]) == {}

    def test_datetimes_keep_their_microseconds_and_come_back_in_utc(self, store: Store) -> None:
        berlin = NOON.astimezone(timezone(timedelta(hours=2)))

        put(store, "things/a", at=berlin, inner={"list": [berlin]})

        data = read(store, "things/a").data
        assert data == {"at": NOON, "inner": {"list": [NOON]}}
        assert isinstance(data["at"], datetime)
        assert data["at"].utcoffset() == timedelta(0)

    def test_a_text_that_looks_like_a_time_stays_a_text(self, store: Store) -> None:
        put(store, "things/a", text="2026-07-01T12:00:00Z", odd="\x01t2026-07-01T12:00:00.000000")

        data = read(store, "things/a").data

        assert data == {"text": "2026-07-01T12:00:00Z", "odd": "\x01t2026-07-01T12:00:00.000000"}

    def test_tuples_become_lists(self, store: Store) -> None:
        put(store, "things/a", keys=("x", "y"), deep={"keys": ("z",)})

        assert read(store, "things/a").data == {"keys": ["x", "y"], "deep": {"keys": ["z"]}}

    def test_lists_stand_within_lists(self, store: Store) -> None:
        data = {"rows": [[1, [2]], [], [{"a": [["b"]]}], {"_list": [1]}, {"__list": 2}, {"_list": 1, "n": 2}]}

        store.commit([Set(path="things/a", data=data)])

        assert read(store, "things/a").data == data

    def test_any_text_names_a_field(self, store: Store) -> None:
        data = {"a|b": 1, "c.d": {"e`f": 2, "g\\h": {"ä ö": 3}}, "9": [{"i|j.k": 4}]}

        store.commit([Set(path="things/a", data=data)])

        assert read(store, "things/a").data == data

    def test_whole_numbers_stay_whole_and_broken_ones_broken(self, store: Store) -> None:
        put(store, "things/a", whole=2, broken=2.0, big=2**62 + 1)

        data = read(store, "things/a").data

        assert [type(value) for value in data.values()] == [type(data[name]) for name in data]
        assert isinstance(data["whole"], int)
        assert isinstance(data["broken"], float)
        assert data["big"] == 2**62 + 1

    def test_set_leaves_nothing_of_what_was_before(self, store: Store) -> None:
        put(store, "things/a", n=1, old=True)

        put(store, "things/a", n=2)

        assert read(store, "things/a").data == {"n": 2}

    def test_deleting_leaves_nothing(self, store: Store) -> None:
        put(store, "things/a", n=1)

        store.commit([Delete(path="things/a")])

        assert store.get_many(["things/a"]) == {"things/a": None}

    def test_deleting_what_is_absent_succeeds(self, store: Store) -> None:
        store.commit([Delete(path="things/a")])

        assert store.get_many(["things/a"]) == {"things/a": None}

    def test_documents_below_a_deleted_one_stay(self, store: Store) -> None:
        put(store, "things/a", n=1)
        put(store, "things/a/notes/x", n=2)

        store.commit([Delete(path="things/a")])

        assert read(store, "things/a/notes/x").data == {"n": 2}

    def test_a_naive_datetime_is_refused(self, store: Store) -> None:
        with pytest.raises(Bug):
            put(store, "things/a", at=NOON.replace(tzinfo=None))

    @pytest.mark.parametrize("value", [2**63, object(), b"bytes", {1, 2}, "\ud800"], ids=NO_PLAIN_VALUES)
    def test_what_is_no_plain_value_is_refused(self, store: Store, value: object) -> None:
        with pytest.raises(Bug):
            put(store, "things/a", value=value)


class Patching:
    def test_other_fields_stay(self, store: Store) -> None:
        put(store, "things/a", n=1, kept=True)

        store.commit([Patch(path="things/a", fields={"n": 2, "added": "x"})])

        assert read(store, "things/a").data == {"n": 2, "kept": True, "added": "x"}

    def test_a_dotted_name_reaches_into_maps(self, store: Store) -> None:
        put(store, "things/a", deep={"inner": {"x": 1, "y": 2}, "kept": True})

        store.commit([Patch(path="things/a", fields={"deep.inner.x": 5})])

        assert read(store, "things/a").data == {"deep": {"inner": {"x": 5, "y": 2}, "kept": True}}

    def test_any_text_but_the_dot_is_part_of_a_dotted_name(self, store: Store) -> None:
        put(store, "things/a", deep={"a|b": {"x": 1}, "c`d": 2, "9 e": 3, "kept|": 4, "f.g": 5})

        store.commit([Patch(path="things/a", fields={"deep.a|b.x": 6, "deep.c`d": DROP, "deep.9 e": {"h.i": 7}})])

        assert read(store, "things/a").data == {"deep": {"a|b": {"x": 6}, "9 e": {"h.i": 7}, "kept|": 4, "f.g": 5}}

    def test_maps_on_the_way_are_made(self, store: Store) -> None:
        put(store, "things/a", n=1)

        store.commit([Patch(path="things/a", fields={"deep.inner": 5})])

        assert read(store, "things/a").data == {"n": 1, "deep": {"inner": 5}}

    def test_a_map_given_replaces_the_map(self, store: Store) -> None:
        put(store, "things/a", deep={"old": 1})

        store.commit([Patch(path="things/a", fields={"deep": {"new": 2}})])

        assert read(store, "things/a").data == {"deep": {"new": 2}}

    def test_dropped_fields_are_gone_and_null_ones_are_null(self, store: Store) -> None:
        put(store, "things/a", n=1, m=2, deep={"x": 1, "y": 2})

        store.commit([Patch(path="things/a", fields={"n": DROP, "m": None, "deep.x": DROP, "missing": DROP})])

        assert read(store, "things/a").data == {"m": None, "deep": {"y": 2}}

    def test_patching_what_is_absent_loses(self, store: Store) -> None:
        with pytest.raises(LostRace):
            store.commit([Patch(path="things/a", fields={"n": 1})])

        assert store.get_many(["things/a"]) == {"things/a": None}

    def test_two_patches_of_one_commit_both_hold(self, store: Store) -> None:
        put(store, "things/a", n=1)

        store.commit([Patch(path="things/a", fields={"n": 2}), Patch(path="things/a", fields={"m": 3})])

        assert read(store, "things/a").data == {"n": 2, "m": 3}
