"""What cannot be meant or Google would refuse is refused before anything is stored, with what to change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.rows.scene import CALL
from tests.scenarios.stage import Stage

WEEKLY: dict[str, Any] = {**CALL, "time_zone": "Europe/Berlin"}

SETTINGS: list[tuple[dict[str, object], str, str]] = [
    ({"direction": "to_google", "import_external": "all"}, "/settings/import_external", "send `off`"),
    ({"direction": "to_google", "private_events": "to_crm_only"}, "/settings/private_events", "send `skip`"),
    ({"direction": "from_google", "private_events": "to_google_only"}, "/settings/private_events", "send `skip`"),
    ({"hours": {"from": "18:00", "to": "08:00"}}, "/settings/hours/to", "later than `from`"),
    ({"hours": {"from": "08:00", "to": "18:00", "days": [1, 1]}}, "/settings/hours/days", "once"),
    ({"hours": {"from": "8:00", "to": "18:00"}}, "/settings/hours/from", ""),
    ({"mark": "  "}, "/settings/mark", "send a word"),
    ({"colors": {"call": "red"}}, "/settings/colors/call", ""),
    ({"description_template": "{description} {password}"}, "/settings/description_template", "use one of"),
    ({"window": {"future_days": 0}}, "/settings/window/future_days", ""),
    ({"conflict": "mine"}, "/settings/conflict", "manual"),
    ({"no_such": 1}, "/settings/no_such", ""),
]
TASKS: list[tuple[dict[str, object], str, str]] = [
    ({"time_zone": "Europe/Atlantis"}, "/time_zone", "IANA"),
    ({"end": "2020-01-01T10:00:00Z"}, "/end", "before the start"),
    ({"start": "2026-12-01", "end": "2026-12-01"}, "/end", "day after"),
    ({"start": "2026-12-01"}, "/end", "two dates"),
    ({"start": "tomorrow"}, "/start", ""),
    ({"start": "0001-01-01T00:00:00+14:00", "end": None}, "/start", "the year must lie between"),
    ({"start": "9999-12-31T23:30:00-10:00", "end": None}, "/start", "the year must lie between"),
    ({"attendees": [{"email": f"g{number}@example.com"} for number in range(201)]}, "/attendees", "200"),
    ({"attendees": [{"email": "bob"}]}, "/attendees/0/email", ""),
    ({"reminders": [{"method": "popup", "minutes": number} for number in range(6)]}, "/reminders", "5"),
    ({"title": "x" * 1025}, "/title", "1024"),
    ({"color": "blue"}, "/color", ""),
    ({"event_id": "abcde"}, "/event_id", "connect first"),
]
RULES: list[tuple[str, str]] = [
    ("RRULE:FREQ=HOURLY", "DAILY"),
    ("RRULE:FREQ=WEEKLY;COUNT=3;UNTIL=20271231T000000Z", "exclude each other"),
    ("RRULE:FREQ=WEEKLY;BYDAY=FUNDAY", "MO, 2TU"),
    ("RRULE:FREQ=WEEKLY;BYHOUR=9", "time of day"),
    ("RRULE:FREQ=DAILY;INTERVAL=0", "from 1"),
    ("RRULE:FREQ=WEEKLY;BYDAY=2TU", "name the day alone"),
    ("RRULE:FREQ=MONTHLY;BYDAY=54MO", "counts from 1 to 5"),
    ("RRULE:FREQ=MONTHLY;BYWEEKNO=3", "goes with YEARLY"),
    ("DTSTART:20261201T090000Z", "without DTSTART"),
    ("EXDATE:20261201T090000Z", "add a line RRULE"),
]


def faults(answer: Any) -> dict[str, str]:  # noqa: ANN401 - JSON
    """The details of a refusal, by pointer."""
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
    told: dict[str, str] = {}
    for fault in answer.json()["errors"]:
        told[fault["pointer"]] = f"{told.get(fault['pointer'], '')}{fault['detail']}; "
    return told


def test_contradictory_settings_are_refused_for_connections_and_tenants(stage: Stage) -> None:
    anna = stage.connect()
    before = anna.now()["settings"]

    for settings, pointer, remedy in SETTINGS:
        for method, path in (
            ("PATCH", f"/v1/connections/{anna.id}"),
            ("POST", f"/v1/connections/{anna.id}/preview"),
            ("PATCH", "/v1/tenant"),
            ("POST", "/v1/connections"),
        ):
            body = {"settings": settings} | ({"user_id": "ben"} if path == "/v1/connections" else {})
            told = faults(stage.crm.call(method, path, body))
            assert remedy in told[pointer], (settings, told)

    assert anna.now()["settings"] == before
    assert len(stage.crm.ok("GET", "/v1/connections")["data"]) == 1


def test_settings_that_contradict_those_that_hold_already_are_refused(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "marked"})

    told = faults(stage.crm.call("PATCH", f"/v1/connections/{anna.id}", {"settings": {"direction": "to_google"}}))

    assert "send `off`" in told["/settings/import_external"]
    both = {"settings": {"direction": "to_google", "import_external": "off"}}
    assert stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", both)["settings"]["direction"] == "to_google"


def test_a_calendar_that_the_account_does_not_have_or_may_only_read_is_refused_for_tasks(stage: Stage) -> None:
    anna, owner = stage.connect(), stage.account("office")
    with stage.google() as google:
        office = google.add_calendar(owner, "Office").id
        google.share(office, anna.account, "reader")

    unknown = stage.crm.call("PATCH", f"/v1/connections/{anna.id}", {"settings": {"calendar_id": "no@example.com"}})
    readable = stage.crm.call("PATCH", f"/v1/connections/{anna.id}", {"settings": {"calendar_id": office}})

    assert "no such calendar" in faults(unknown)["/settings/calendar_id"]
    assert (readable.status_code, readable.json()["code"]) == (409, "no_write_access")
    assert anna.now()["settings"]["calendar_id"] == "primary"
    assert [each["calendar_id"] for each in anna.now()["calendars"]] == [anna.account]


def test_tasks_that_google_would_refuse_are_refused_one_by_one_and_in_batches(stage: Stage) -> None:
    for number, (fields, pointer, remedy) in enumerate(TASKS):
        told = faults(stage.crm.call("PUT", f"/v1/tasks/t{number}", {**CALL, **fields}))
        assert remedy in told[pointer], (fields, told)

    tasks = [{**CALL, **fields, "id": f"t{number}"} for number, (fields, _, _) in enumerate(TASKS)]
    results = stage.crm.ok("POST", "/v1/tasks/batch", {"tasks": [*tasks, {**CALL, "id": "good"}]})["results"]
    assert [each.get("problem", {}).get("code") for each in results] == ["invalid"] * len(TASKS) + [None]
    assert [task["id"] for task in stage.crm.ok("GET", "/v1/tasks")["data"]] == ["good"]


def test_rules_that_google_would_refuse_or_ignore_are_refused(stage: Stage) -> None:
    for rule, remedy in RULES:
        told = faults(stage.crm.call("PUT", "/v1/tasks/t1", {**WEEKLY, "recurrence": [rule]}))
        assert remedy in told["/recurrence/0"], (rule, told)
    unzoned = {**CALL, "recurrence": ["RRULE:FREQ=WEEKLY"]}
    assert "IANA" in faults(stage.crm.call("PUT", "/v1/tasks/t1", unzoned))["/time_zone"]

    assert stage.crm.call("GET", "/v1/tasks/t1").status_code == 404


def test_every_fault_is_told_at_once(stage: Stage) -> None:
    body = {**CALL, "end": "2020-01-01T10:00:00Z", "time_zone": "Mars/Olympus", "title": 7, "colour": "#ffffff"}

    told = faults(stage.crm.call("PUT", "/v1/tasks/t1", body))

    assert {"/title", "/colour"} <= told.keys()


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/back",
        "https://crm.example.evil.example/",
        "https://crm.example@evil.example/",
        "ftp://crm.example/",
    ],
)
def test_an_address_to_return_to_that_is_not_listed_is_refused(stage: Stage, address: str) -> None:
    stage.crm.ok("PATCH", "/v1/tenant", {"return_origins": ["https://crm.example"]})

    answers = [
        stage.crm.call("POST", "/v1/connections", {"user_id": "anna", "return_url": address}),
        stage.crm.call("POST", "/v1/portal_sessions", {"user_id": "anna", "return_url": address}),
    ]

    for answer in answers:
        assert faults(answer)["/return_url"]
    assert stage.crm.ok("GET", "/v1/connections")["data"] == []
    listed = {"user_id": "anna", "return_url": "https://crm.example/back"}
    assert stage.crm.call("POST", "/v1/connections", listed).status_code == 201
