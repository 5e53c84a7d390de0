"""What every store does against other writers, as claims: preconditions, server time, races."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import ClassVar, cast

import pytest

from shared.errors import Bug, LostRace
from shared.ports import SERVER_TIME, Delete, Must, Patch, Revision, Set, Store, Write
from tests.contracts.store_things import put, read


class Preconditions:
    def test_every_write_changes_the_revision(self, store: Store) -> None:
        put(store, "things/a", n=1)
        first = read(store, "things/a").revision

        put(store, "things/a", n=1)

        assert read(store, "things/a").revision != first

    def test_a_revision_does_not_come_back_with_its_document(self, store: Store) -> None:
        put(store, "things/a", n=1)
        first = read(store, "things/a").revision
        store.commit([Delete(path="things/a")])

        put(store, "things/a", n=1)

        assert read(store, "things/a").revision != first

    def test_writing_one_document_leaves_the_revision_of_others(self, store: Store) -> None:
        put(store, "things/a", n=1)
        first = read(store, "things/a").revision

        put(store, "things/b", n=1)

        assert read(store, "things/a").revision == first

    def test_a_write_on_the_current_revision_holds(self, store: Store) -> None:
        put(store, "things/a", n=1)
        revision = Revision(read(store, "things/a").revision)

        store.commit([Set(path="things/a", data={"n": 2}, must=revision)])

        assert read(store, "things/a").data == {"n": 2}

    @pytest.mark.parametrize("kind", ["set", "patch", "delete"])
    def test_a_write_on_an_old_revision_loses(self, store: Store, kind: str) -> None:
        put(store, "things/a", n=1)
        old = Revision(read(store, "things/a").revision)
        put(store, "things/a", n=2)
        write = cast(
            "dict[str, Write]",
            {
                "set": Set(path="things/a", data={"n": 3}, must=old),
                "patch": Patch(path="things/a", fields={"n": 3}, must=old),
                "delete": Delete(path="things/a", must=old),
            },
        )[kind]

        with pytest.raises(LostRace):
            store.commit([write])

        assert read(store, "things/a").data == {"n": 2}

    def test_a_write_on_the_revision_of_a_deleted_document_loses(self, store: Store) -> None:
        put(store, "things/a", n=1)
        old = Revision(read(store, "things/a").revision)
        store.commit([Delete(path="things/a")])

        with pytest.raises(LostRace):
            store.commit([Set(path="things/a", data={"n": 3}, must=old)])

        assert store.get_many(["things/a"]) == {"things/a": None}

    def test_what_must_be_absent_is_made_once(self, store: Store) -> None:
        store.commit([Set(path="things/a", data={"n": 1}, must=Must.BE_ABSENT)])

        with pytest.raises(LostRace):
            store.commit([Set(path="things/a", data={"n": 2}, must=Must.BE_ABSENT)])

        assert read(store, "things/a").data == {"n": 1}

    @pytest.mark.parametrize("kind", ["set", "delete"])
    def test_what_must_exist_and_does_not_loses(self, store: Store, kind: str) -> None:
        write = cast(
            "dict[str, Write]",
            {
                "set": Set(path="things/a", data={}, must=Must.EXIST),
                "delete": Delete(path="things/a", must=Must.EXIST),
            },
        )[kind]

        with pytest.raises(LostRace):
            store.commit([write])

        assert store.get_many(["things/a"]) == {"things/a": None}

    def test_one_lost_precondition_writes_nothing_of_the_commit(self, store: Store) -> None:
        put(store, "things/taken", n=1)

        with pytest.raises(LostRace):
            store.commit(
                [
                    Set(path="things/a", data={"n": 1}),
                    Set(path="things/taken", data={"n": 2}, must=Must.BE_ABSENT),
                    Set(path="things/b", data={"n": 1}),
                ]
            )

        assert store.get_many(["things/a", "things/b"]) == {"things/a": None, "things/b": None}
        assert read(store, "things/taken").data == {"n": 1}

    def test_a_refused_value_writes_nothing_of_the_commit(self, store: Store) -> None:
        with pytest.raises(Bug):
            store.commit([Set(path="things/a", data={"n": 1}), Set(path="things/b", data={"n": object()})])

        assert store.get_many(["things/a"]) == {"things/a": None}


class ServerTime:
    def test_it_is_filled_in_and_returned(self, store: Store) -> None:
        at = store.commit([Set(path="things/a", data={"at": SERVER_TIME, "deep": {"at": SERVER_TIME}})])

        assert at.tzinfo is not None
        assert read(store, "things/a").data == {"at": at, "deep": {"at": at}}

    def test_it_is_the_same_in_all_writes_of_a_commit(self, store: Store) -> None:
        put(store, "things/b", n=1)

        at = store.commit(
            [Set(path="things/a", data={"at": SERVER_TIME}), Patch(path="things/b", fields={"deep.at": SERVER_TIME})]
        )

        assert read(store, "things/a").data["at"] == at
        assert read(store, "things/b").data == {"n": 1, "deep": {"at": at}}

    def test_it_is_filled_in_under_any_name(self, store: Store) -> None:
        put(store, "things/b", seen={"x|y": {"n": 1}})

        at = store.commit(
            [
                Set(path="things/a", data={"seen": {"a.b|c": {"at": SERVER_TIME, "n": 1}}}),
                Patch(path="things/b", fields={"seen.x|y.at": SERVER_TIME, "map": {"d.e": SERVER_TIME}}),
            ]
        )

        assert read(store, "things/a").data == {"seen": {"a.b|c": {"at": at, "n": 1}}}
        assert read(store, "things/b").data == {"seen": {"x|y": {"n": 1, "at": at}}, "map": {"d.e": at}}

    def test_it_never_goes_back(self, store: Store) -> None:
        """It may stand still: Firestore tells whole milliseconds, in which more than one commit has room."""
        times = [store.commit([Set(path="things/a", data={"at": SERVER_TIME})]) for _ in range(20)]

        assert times == sorted(times)

    def test_it_is_refused_inside_a_list(self, store: Store) -> None:
        with pytest.raises(Bug):
            store.commit([Set(path="things/a", data={"list": [SERVER_TIME]})])


class Races:
    WRITERS: ClassVar[int] = 2
    ROUNDS: ClassVar[int] = 10

    def test_of_two_writers_on_one_revision_one_wins(self, store: Store) -> None:
        put(store, "things/a", n=0)
        revision = Revision(read(store, "things/a").revision)
        together = Barrier(self.WRITERS)
        outcomes: list[str] = []

        def write(number: int) -> None:
            together.wait()
            try:
                store.commit([Set(path="things/a", data={"n": number}, must=revision)])
                outcomes.append("won")
            except LostRace:
                outcomes.append("lost")

        _all_run([Thread(target=write, args=(number,)) for number in range(self.WRITERS)])

        assert sorted(outcomes) == ["lost"] * (self.WRITERS - 1) + ["won"]

    def test_no_increment_is_lost(self, store: Store) -> None:
        put(store, "things/a", n=0)

        def increment() -> None:
            done = 0
            while done < self.ROUNDS:
                found = read(store, "things/a")
                number = found.data["n"]
                assert isinstance(number, int)
                try:
                    store.commit([Set(path="things/a", data={"n": number + 1}, must=Revision(found.revision))])
                    done += 1
                except LostRace:
                    continue

        _all_run([Thread(target=increment) for _ in range(self.WRITERS)])

        assert read(store, "things/a").data == {"n": self.WRITERS * self.ROUNDS}

    def test_a_reader_sees_both_documents_of_a_commit_or_neither(self, store: Store) -> None:
        store.commit([Set(path="things/a", data={"n": 0}), Set(path="things/b", data={"n": 0})])
        torn: list[tuple[object, object]] = []
        written = list(range(1, 60))

        def write() -> None:
            while written:
                number = written.pop(0)
                store.commit([Set(path="things/a", data={"n": number}), Set(path="things/b", data={"n": number})])

        def look() -> None:
            while written:
                found = store.get_many(["things/a", "things/b"])
                pair = tuple(document.data["n"] if document else None for document in found.values())
                if pair[0] != pair[1]:
                    torn.append((pair[0], pair[1]))

        _all_run([Thread(target=write), Thread(target=look)])

        assert torn == []


def _all_run(threads: list[Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
