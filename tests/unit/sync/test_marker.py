"""The marker is a note to ourselves, believed only where it cannot have been copied to."""

from __future__ import annotations

from msgspec.structs import replace

from shared.model.ids import CalendarId, ConnectionId, EventId, TaskId, TenantId
from shared.model.task import Sync, Task
from shared.sync.fields import FIELDS
from shared.sync.marker import (
    LIMIT,
    PROPERTY,
    base_with,
    binding_of,
    insert_id,
    marker_for,
    patch_id,
    read_marker,
    takes_back,
    unconfirmed,
)

TENANT = TenantId("t1")
TASK = Task(
    id=TaskId("a"),
    version=3,
    sync=Sync(connection=ConnectionId("c"), calendar=CalendarId("k"), event_id=EventId("e0")),
)
BINDING = binding_of("dep", TENANT, TASK)


def test_a_marker_reads_back_as_it_was_written() -> None:
    marker = marker_for(BINDING, patch_id(TASK, '"123"'), {"title": "abcdefgh"}, None)

    assert read_marker({PROPERTY: marker.text()}) == marker


def test_a_marker_of_all_fields_fits_googles_limit() -> None:
    marker = marker_for(BINDING, patch_id(TASK, '"123"'), dict.fromkeys(FIELDS, "abcdefgh"), None)

    assert len(marker.text()) <= LIMIT


def test_anything_else_is_no_marker() -> None:
    for text in ("", "1", "2|a|b|c", "1|a|b", "1|a|b|c|d"):
        assert read_marker({PROPERTY: text}) is None
    assert read_marker(None) is None


def test_a_copy_under_another_id_is_not_believed() -> None:
    copied = marker_for(BINDING, insert_id(TASK), {"title": "abcdefgh"}, None)
    other = replace(TASK, sync=replace(TASK.sync, event_id=EventId("e1")))

    assert unconfirmed(copied, other, binding_of("dep", TENANT, other)) is None


def test_a_confirmed_write_tells_nothing_new() -> None:
    marker = marker_for(BINDING, "g0", {"title": "abcdefgh"}, None)
    known = replace(TASK, sync=replace(TASK.sync, confirmed="g0"))

    assert unconfirmed(marker, known, BINDING) is None


def test_an_unconfirmed_write_stands_in_for_base_on_both_halves() -> None:
    marker = marker_for(BINDING, "g0", {"title": "new"}, None)

    assert base_with({"title": ("a", "b"), "time": ("c", "d")}, marker) == {"title": ("new", "new"), "time": ("c", "d")}


def test_a_later_write_carries_an_unconfirmed_one_on() -> None:
    earlier = marker_for(BINDING, "p1", {"title": "one", "time": "two"}, None)

    assert marker_for(BINDING, "p2", {"title": "three"}, earlier).fields == {"title": "three", "time": "two"}


def test_a_write_that_took_a_deletion_back_is_recognised() -> None:
    again = replace(TASK, sync=replace(TASK.sync, again=3))

    assert takes_back(marker_for(BINDING, patch_id(again, '"1"'), {}, None), again)
    assert not takes_back(marker_for(BINDING, patch_id(TASK, '"1"'), {}, None), again)
