"""Where a task's event is to be, decided when the CRM writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.model.connection import Status, User, UserConnection
from shared.model.content import Content
from shared.model.ids import CalendarId, ConnectionId, EventId, TaskId, TenantId, UserId
from shared.model.task import Task
from shared.sync.place import Placing, place

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
WORK, HOME = CalendarId("work@example.com"), CalendarId("home@example.com")


def connection(status: Status = "active", *, age_days: int = 0, calendar: CalendarId = WORK) -> UserConnection:
    return UserConnection(
        status=status,
        created_at=NOON - timedelta(days=age_days),
        calendar=calendar,
        primary=CalendarId("anna@example.com"),
    )


ANNA = User(id=UserId("anna"), connections={"c1": connection()})
NEW = Task(id=TaskId("a"), version=1, content=Content(user_id="anna", title="Call", start="2026-11-23", status="open"))


def wants(user: User | None = ANNA, **more: object) -> Placing:
    return replace(Placing(deployment="dep", tenant=TenantId("t"), user=user), **more)


def placed() -> Task:
    return place(NEW, wants(), before=NEW)


def test_a_new_task_gets_its_place_and_its_events_id() -> None:
    sync = placed().sync

    assert (sync.connection, sync.calendar, sync.generation) == ("c1", WORK, 0)
    assert sync.event_id is not None
    assert f"e:c1:{sync.event_id}" in sync.keys


def test_a_task_goes_to_its_users_oldest_active_connection() -> None:
    user = replace(
        ANNA,
        connections={"young": connection(), "old": connection(age_days=9), "off": connection("paused", age_days=99)},
    )

    assert place(NEW, wants(user), before=NEW).sync.connection == "old"


def test_a_user_without_a_connection_gets_no_place() -> None:
    assert place(NEW, wants(None), before=NEW).sync.event_id is None


@pytest.mark.parametrize("content", [Content(status="open"), Content(status="cancelled", start="2026-11-23")])
def test_a_task_that_wants_no_event_gets_no_id(content: Content) -> None:
    task = replace(NEW, content=content)

    assert place(task, wants(), before=task).sync.event_id is None


def test_primary_is_resolved_to_googles_own_id() -> None:
    task = replace(NEW, content=replace(NEW.content, calendar_id="primary"))

    assert place(task, wants(), before=task).sync.calendar == "anna@example.com"


def test_an_adopted_event_keeps_its_id_and_is_looked_at_first() -> None:
    sync = place(NEW, wants(adopt=EventId("theirs")), before=NEW).sync

    assert (sync.event_id, sync.adopted, sync.verify) == ("theirs", True, True)


def test_a_place_where_nobody_has_seen_an_event_gives_way_to_an_adopted_one() -> None:
    planned = placed()

    sync = place(planned, wants(adopt=EventId("theirs")), before=planned).sync

    assert (sync.event_id, sync.adopted, sync.generation) == ("theirs", True, 1)
    assert f"u:{planned.sync.event_id}@google.com" in sync.keys  # should its insert be under way, it is found and goes


@pytest.mark.parametrize("known", [{"etag": '"1"'}, {"ical_uid": "u@google.com"}, {"gone": True}, {"adopted": True}])
def test_a_task_that_has_had_an_event_adopts_no_other(known: dict[str, object]) -> None:
    before = replace(placed(), sync=replace(placed().sync, **known))

    assert place(before, wants(adopt=EventId("theirs")), before=before).sync.event_id != "theirs"


def test_a_crm_that_names_the_id_that_was_planned_adopts_nothing() -> None:
    planned = placed()

    assert place(planned, wants(adopt=planned.sync.event_id), before=planned) == planned


def test_a_deletion_that_google_confirmed_takes_the_next_generation() -> None:
    gone = replace(placed(), sync=replace(placed().sync, gone=True))

    sync = place(gone, wants(revived=True), before=gone).sync

    assert sync.generation == 1
    assert sync.event_id != placed().sync.event_id
    assert sync.again is None


def test_a_deletion_that_is_not_confirmed_is_taken_back_in_its_generation() -> None:
    deleted = replace(placed(), deleted_at=NOON)

    sync = place(replace(deleted, deleted_at=None, version=3), wants(revived=True), before=deleted).sync

    assert (sync.generation, sync.again) == (0, 3)


def test_another_calendar_is_a_move_that_is_stored_first() -> None:
    before = placed()
    moved = replace(before, content=replace(before.content, calendar_id=HOME))

    sync = place(moved, wants(moved=True), before=before).sync

    assert (sync.calendar, sync.target) == (WORK, HOME)


def test_a_move_taken_back_before_it_was_confirmed_must_patch_again() -> None:
    under_way = replace(placed(), sync=replace(placed().sync, target=HOME))
    back = replace(under_way, version=5)

    sync = place(back, wants(moved=True), before=under_way).sync

    assert (sync.target, sync.again) == (None, 5)


def test_another_users_task_moves_to_that_users_connection() -> None:
    ben = User(id=UserId("ben"), connections={"c2": connection(calendar=HOME)})

    sync = place(placed(), wants(ben, moved=True), before=placed()).sync

    assert (sync.connection, sync.target_connection, sync.target) == (ConnectionId("c1"), "c2", HOME)
