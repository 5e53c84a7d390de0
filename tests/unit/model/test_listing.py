"""What tasks are listed by."""

from datetime import UTC, datetime

import msgspec
import pytest

from shared.model.content import Content
from shared.model.ids import TaskId
from shared.model.listing import listed, starts_at
from shared.model.stored import to_data
from shared.model.task import Task

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TASK = Task(id=TaskId("42"), content=Content(user_id="anna", start="2026-12-01"))


@pytest.mark.parametrize(
    ("start", "zone", "expected"),
    [
        ("2026-12-01", None, datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01", "Europe/Rome", datetime(2026, 12, 1, tzinfo=UTC)),
        ("2026-12-01T10:00:00Z", None, datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("2026-12-01T10:00:00+02:00", "Europe/Rome", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01T10:00:00", "Europe/Rome", datetime(2026, 12, 1, 9, tzinfo=UTC)),
        ("2026-12-01T10:00:00", None, datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("2026-12-01T10:00:00", "Europe/Atlantis", None),
        ("0001-01-01T00:00:00+14:00", None, None),
        ("soon", None, None),
        (None, None, None),
    ],
)
def test_start_is_one_instant_whatever_its_form(start: str | None, zone: str | None, expected: datetime | None) -> None:
    assert starts_at(start, zone) == expected


def test_stored_task_carries_what_lists_find_it_by() -> None:
    entry = to_data(TASK)["listed"]

    assert entry == listed(TASK)


@pytest.mark.parametrize("change", [{"deleted_at": NOW}, {"moved_to": TaskId("43")}], ids=str)
def test_tombstones_and_stubs_are_in_no_list(change: dict[str, object]) -> None:
    assert "listed" not in to_data(msgspec.structs.replace(TASK, **change))
