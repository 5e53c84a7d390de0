"""The list of indexes."""

from infra.indexes import INDEXES


def test_no_index_is_declared_twice() -> None:
    names = [index.name for index in INDEXES]

    assert sorted(names) == sorted(set(names))
