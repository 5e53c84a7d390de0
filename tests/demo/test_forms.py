"""The demo CRM's form: what is shown means what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from infra.embedded.demo.dates import repeats
from infra.embedded.demo.forms import FIELDS, Form, Reminding, fields_of, form_of
from infra.embedded.demo.records import Record

FULL = Form(
    title="Visit", type="meeting", status="done", priority="high", start_date="2026-11-24", start_time="11:00",
    end_date="2026-11-25", end_time="01:30", location="Rome", description="d", notes="n", url="https://crm.example/1",
    guests="Ben Okafor <ben@example.com>, lea@example.com", meet=True, zoom_url="https://zoom.us/j/1", private=True,
    busy=False, color="#D50000", reminding="own",
    reminders=(Reminding(method="email", minutes=60), Reminding(method="popup", minutes=10)),
    contact_name="Carla Rossi", contact_email="carla@example.com", deal="Villa", sync="never", calendar_id="c@g",
)  # fmt: skip


def record(**fields: Any) -> Record:  # noqa: ANN401
    return Record(id="1", fields={name: value for name, value in fields.items() if value is not None})


@pytest.mark.parametrize(
    "form",
    [
        FULL,
        Form(title="Fair", all_day=True, start_date="2026-11-24", end_date="2026-11-26"),
        Form(title="Some day"),
        Form(title="Quiet", reminding="none", sync="always"),
    ],
    ids=["full", "all-day", "no time", "no reminders"],
)
def test_form_comes_back_as_it_was_filled(form: Form) -> None:
    assert form_of(record(**fields_of(form, user_id="anna"))) == form


def test_record_is_always_whole() -> None:
    assert fields_of(Form(), user_id="anna").keys() == FIELDS


def test_last_day_of_an_all_day_task_is_part_of_it() -> None:
    fields = fields_of(Form(all_day=True, start_date="2026-11-24", end_date="2026-11-24"), user_id="anna")

    assert (fields["start"], fields["end"]) == ("2026-11-24", "2026-11-25")


def test_time_from_google_is_shown_in_the_zone_of_the_crm() -> None:
    form = form_of(record(start="2026-11-24T10:00:00Z", end="2026-11-24T12:00:00+01:00"))

    assert (form.start_time, form.end_time) == ("11:00", "12:00")


def test_what_is_no_date_is_left_for_tandem_to_refuse() -> None:
    fields = fields_of(Form(all_day=True, start_date="soon", end_date="later"), user_id="anna")

    assert (fields["start"], fields["end"]) == ("soon", "later")


def test_rule_that_the_form_cannot_show_is_kept_as_it_is() -> None:
    rule = ["RRULE:FREQ=MONTHLY;BYDAY=2TU", "EXDATE:20261208T100000Z"]
    record = Record(id="1", fields={"title": "Round", "recurrence": rule})

    assert fields_of(form_of(record), user_id="anna")["recurrence"] == rule


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("RRULE:FREQ=WEEKLY", "every week"),
        ("RRULE:FREQ=DAILY;INTERVAL=3", "every 3 days"),
        ("RRULE:FREQ=HOURLY", "repeats"),
        (None, ""),
    ],
)
def test_how_often_is_said_in_words(rule: str | None, words: str) -> None:
    assert repeats({"recurrence": [rule] if rule else None}) == words
