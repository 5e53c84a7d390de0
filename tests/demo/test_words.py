"""The demo's log in plain words: one claim per sentence that a person may read."""

from __future__ import annotations

from typing import Any

import pytest

from infra.embedded.demo.words import counted, told

TASK = {
    "id": "crm-1", "version": 4, "title": "Visit", "status": "open", "time_zone": "Europe/Berlin",
    "start": "2026-11-24T11:00:00", "end": "2026-11-24T12:00:00",
    "sync_state": {"state": "synced", "calendar_id": "anna@example.com", "conflict": None, "error": None},
}  # fmt: skip


def change(kind: str, origin: str, changed: dict[str, Any] | None = None, **task: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "id": "c1", "at": "2026-11-21T10:00:00+00:00", "kind": kind, "origin": origin, "task_id": "crm-1",
        "version": 4, "changed": changed or {}, "task": TASK | task, "run_id": None,
    }  # fmt: skip


def sentence(*given: Any, **task: Any) -> str | None:  # noqa: ANN401
    said = told(change(*given, **task), person="Anna")
    return None if said is None else said.entry(change(*given, **task), took_s=None).text


MOVED = {
    "start": ["2026-11-24T10:00:00", "2026-11-24T11:00:00"],
    "end": ["2026-11-24T11:00:00", "2026-11-24T12:00:00"],
}
LONGER = {"end": ["2026-11-24T11:30:00", "2026-11-24T12:00:00"]}
SHORTER = {"end": ["2026-11-24T13:00:00+01:00", "2026-11-24T12:00:00"]}
ALL_DAY = {"start": ["2026-11-24", "2026-11-24T11:00:00"], "end": ["2026-11-25", "2026-11-24T12:00:00"]}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (MOVED, "Anna moved “Visit” to Tue 24 Nov, 11:00 to 12:00 in Google; Tandem updated the task."),
        (LONGER, "Anna made “Visit” longer, Tue 24 Nov, 11:00 to 12:00 in Google; Tandem updated the task."),
        (SHORTER, "Anna made “Visit” shorter, Tue 24 Nov, 11:00 to 12:00 in Google; Tandem updated the task."),
        (ALL_DAY, "Anna made “Visit” a timed one, Tue 24 Nov, 11:00 to 12:00 in Google; Tandem updated the task."),
        ({"title": ["Call", "Visit"]}, "Anna renamed “Call” to “Visit” in Google; Tandem updated the task."),
        (
            {"location": [None, "Rome"], "description": ["a", "b"]},
            "Anna changed the description and place of “Visit” in Google; Tandem updated the task.",
        ),
        (
            {"responses": [[], [{"email": "ben@example.com", "response": "accepted"}]]},
            "Ben accepted “Visit”; Tandem told the CRM, and changed nothing else.",
        ),
    ],
)
def test_edit_in_google_is_told_as_what_a_person_did(changed: dict[str, Any], said: str) -> None:
    assert sentence("task.updated", "google", changed) == said


def test_time_that_is_only_spelled_differently_is_no_news() -> None:
    assert sentence("task.updated", "google", {"start": ["2026-11-24T11:00:00+01:00", "2026-11-24T11:00:00"]}) is None


@pytest.mark.parametrize("changed", [{"busy": [None, True]}, {"private": [None, False]}, {"attendees": [None, []]}])
def test_saying_what_was_meant_before_is_no_news(changed: dict[str, Any]) -> None:
    assert sentence("task.updated", "crm", changed) is None


def test_what_was_before_stands_beside_a_move() -> None:
    said = told(change("task.updated", "google", MOVED), person="Anna")

    assert said is not None
    assert said.details == ("was Tue 24 Nov, 10:00 to 11:00",)


def test_write_of_the_crm_waits_for_its_arrival_in_google() -> None:
    pending = {"sync_state": TASK["sync_state"] | {"state": "pending"}}  # type: ignore[operator]

    said = told(change("task.updated", "crm", {"title": ["Call", "Visit"]}, **pending), person="Anna")

    assert said is not None
    assert said.entry(change("task.updated", "crm"), took_s=None).until == 4


@pytest.mark.parametrize(("status", "said"), [("done", "finished"), ("cancelled", "cancelled"), ("open", "reopened")])
def test_change_of_status_has_its_own_verb(status: str, said: str) -> None:
    assert sentence("task.updated", "crm", {"status": ["?", status]}, status=status) == f"The CRM {said} “Visit”."


def test_conflict_names_the_fields_and_the_setting_that_kept_them() -> None:
    fields: dict[str, object] = {"title": {}, "start": {}, "end": {}}
    state = {"state": "conflict", "conflict": {"fields": fields}, "error": None}

    said = told(change("task.conflict", "tandem", sync_state=state), person="Anna")

    assert said is not None
    assert said.text == "Both sides changed the time and title of “Visit”"
    assert said.why == "setting conflict: manual"


def test_link_alone_says_that_the_event_was_made() -> None:
    assert sentence("task.linked", "tandem", {"html_link": [None, "x"]}) == "Tandem put “Visit” into Anna's calendar."


def test_many_of_a_kind_are_one_line() -> None:
    said = told(change("task.created", "google"), person="Anna")

    assert said is not None
    assert said.entry(change("task.created", "google"), took_s=None, more=19).text == (
        "Anna made “Visit” in Google, and 19 more like it; Tandem made a task of it."
    )


@pytest.mark.parametrize("kind", ["connected", "needs_reconnect", "needs_review", "disconnected"])
def test_every_standing_of_a_connection_is_told(kind: str) -> None:
    said = told(change(f"connection.{kind}", "tandem") | {"task": None}, person="Anna")

    assert said is not None


@pytest.mark.parametrize("kind", ["task.updated", "run.finished"])
def test_what_changed_nothing_for_a_person_is_not_told(kind: str) -> None:
    assert sentence(kind, "google", {"user_id": ["a", "b"]}) is None


def test_run_is_told_by_what_it_did() -> None:
    nothing = {"create": 0, "update": 0, "delete": 0, "skip": 4, "duplicate": 0}
    totals = {"crm": nothing | {"create": 3}, "google": nothing | {"create": 7}}

    entry = counted({"id": "r", "kind": "first_sync", "totals": totals})

    assert entry is not None
    assert entry.text == "The first sync is done: 7 made in Google and 3 made in the CRM."


def test_run_that_did_nothing_is_not_told() -> None:
    nothing = {"create": 0, "update": 0, "delete": 0, "skip": 4, "duplicate": 0}

    assert counted({"id": "r", "kind": "sync", "totals": {"crm": nothing, "google": nothing}}) is None


ON_THE_24TH = {"occurrence": "20261124T100000Z"}


@pytest.mark.parametrize(
    ("origin", "changed", "said"),
    [
        (
            "google",
            {"cancelled": [False, True]},
            "Anna called off “Visit” on Tue 24 Nov alone in Google; Tandem changed",
        ),
        ("google", {"start": ["a", "b"]}, "Anna moved “Visit” on Tue 24 Nov alone in Google; Tandem changed"),
        ("crm", {"title": ["Visit", "Call"]}, "The CRM changed the title of “Visit” on Tue 24 Nov alone; the other"),
        ("crm", {"cancelled": [True, False]}, "The CRM brought back “Visit” on Tue 24 Nov alone; the other dates stay"),
    ],
)
def test_one_date_of_a_series_is_told_with_its_day(origin: str, changed: dict[str, Any], said: str) -> None:
    news = change("task.updated", origin, changed) | ON_THE_24TH

    told_ = told(news, person="Anna")

    assert told_ is not None
    assert told_.entry(news, took_s=None).text.startswith(said)


def test_later_half_of_a_series_is_told_as_a_task_of_its_own() -> None:
    assert sentence("task.created", "google", split_from="crm-0") == (
        "Anna changed “Visit” from Tue 24 Nov, 11:00 to 12:00 on; Tandem made the later part a task of its own."
    )
