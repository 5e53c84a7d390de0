"""Stored tasks as the API shows them."""

from datetime import UTC, datetime

import msgspec

from shared.model.content import CONTENT_NAMES, Content
from shared.model.ids import CalendarId, ConnectionId, EventId, TaskId, UserId
from shared.model.task import Conflict, Meet, Sync, SyncError, Task, View
from shared.usecases.answers import TaskAnswer
from shared.usecases.present import changed_between, task_json

BARE = Task(id=TaskId("42"), content=Content(user_id="anna"))


def shown(sync: Sync) -> dict[str, object]:
    state = task_json(msgspec.structs.replace(BARE, sync=sync))["sync_state"]
    assert isinstance(state, dict)
    return state


def test_every_field_is_there_also_when_nobody_set_it() -> None:
    document = task_json(BARE)

    assert set(document) == {field.encode_name for field in msgspec.structs.fields(TaskAnswer)}
    assert set(CONTENT_NAMES) < set(document)


def test_status_that_nobody_set_is_open() -> None:
    assert task_json(BARE)["status"] == "open"


def test_document_fits_the_type_that_documents_it() -> None:
    task = msgspec.structs.replace(BARE, changed_at=datetime(2026, 11, 21, tzinfo=UTC), version=3)

    assert msgspec.convert(task_json(task), TaskAnswer).version == 3


def test_conflict_about_when_is_shown_as_start_and_end() -> None:
    times = [{"start": f"2026-12-0{day}T09:00:00Z", "end": f"2026-12-0{day}T10:00:00Z"} for day in (1, 2, 3)]

    state = shown(Sync(conflict={"time": Conflict(base=times[0], crm=times[1], google=times[2])}))

    fields = {
        name: {side: time[name] for side, time in zip(("base", "crm", "google"), times, strict=True)}
        for name in ("start", "end")
    }
    assert state["conflict"] == {"fields": fields, "occurrences": {}}


def test_conflict_about_a_title_keeps_its_three_versions() -> None:
    state = shown(Sync(conflict={"title": Conflict(base=None, crm="a", google="b")}))

    assert state["conflict"] == {"fields": {"title": {"base": None, "crm": "a", "google": "b"}}, "occurrences": {}}


def test_views_answers_meet_and_error_are_shown_by_contract() -> None:
    view = View(user=UserId("bert"), calendar=CalendarId("b"), event_id=EventId("e"))
    sync = Sync(
        state="error",
        views={ConnectionId("c2"): view},
        responses={"b@x.example": "accepted", "a@x.example": "declined"},
        meet=Meet(request_id="r", state="ready", url="https://meet.google.com/x"),
        error=SyncError(code="event_forbidden", detail="locked"),
    )

    state = shown(sync)

    assert state["views"] == [{"user_id": "bert", "connection_id": "c2"}]
    assert state["responses"] == [
        {"email": "a@x.example", "response": "declined"},
        {"email": "b@x.example", "response": "accepted"},
    ]
    assert state["meet_url"] == "https://meet.google.com/x"
    assert state["error"] == {"code": "event_forbidden", "detail": "locked"}


def test_change_names_what_differs_and_nothing_else() -> None:
    after = msgspec.structs.replace(
        BARE, content=Content(user_id="anna", title="b"), sync=Sync(event_id=EventId("e"), etag="x")
    )

    assert changed_between(BARE, after) == {"title": (None, "b"), "event_id": (None, "e")}


def test_first_change_of_a_task_names_what_it_has() -> None:
    changed = changed_between(None, BARE)

    assert changed == {"user_id": (None, "anna"), "status": (None, "open")}
