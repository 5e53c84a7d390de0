"""The table of canonical fields is complete and consistent."""

from shared.model.content import CONTENT_NAMES
from shared.sync.fields import BY_MARKER_KEY, FIELDS, PRIVATE, TWO_WAY

NOT_SHOWN = {"user_id", "connection_id", "calendar_id", "sync", "updated_at"}


def test_every_field_of_a_task_reaches_the_event_or_says_where_it_goes() -> None:
    reached = {name for spec in FIELDS.values() for name in spec.contract_names}

    assert reached == set(CONTENT_NAMES) - NOT_SHOWN


def test_marker_keys_are_short_and_name_one_field_each() -> None:
    assert len(BY_MARKER_KEY) == len(FIELDS)
    assert all(1 <= len(key) <= 2 for key in BY_MARKER_KEY)


def test_google_is_heard_on_nine_fields_of_events_and_on_the_completion_of_tasks() -> None:
    assert {
        "title", "time", "location", "description", "private", "busy", "reminders", "attendees", "recurrence",
        "completed",
    } == TWO_WAY  # fmt: skip


def test_only_what_google_keeps_per_copy_may_be_patched_on_a_guests_copy() -> None:
    assert {"busy", "reminders", "color"} == PRIVATE
