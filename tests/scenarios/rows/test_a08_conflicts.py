"""A8: where both sides changed one field, the setting says who wins, field by field; the others are merged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.scenarios.rows.scene import CALL, both_edit, changed, event_id, paused
from tests.scenarios.stage import Connected, Stage

LATER = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
EARLIER = (datetime.now(UTC) - timedelta(hours=1)).isoformat()


def edited_twice(stage: Stage, policy: str, **crm: object) -> tuple[Connected, dict[str, str | None]]:
    """Both rename it, each also changes a field of its own; what the event shows then."""
    anna = stage.connect(settings={"conflict": policy})
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    both_edit(
        anna, "t1",
        crm={"title": "Call Eva", "location": "Verona", **crm},
        google={"summary": "Call Ida", "visibility": "private"},
    )  # fmt: skip
    event = anna.person.event(stage.crm.task("t1"))
    return anna, {name: event.get(name) for name in ("summary", "location", "visibility")}


@pytest.mark.parametrize(("policy", "title"), [("crm_wins", "Call Eva"), ("google_wins", "Call Ida")])
def test_a08_the_winner_takes_the_field_and_the_others_merge(stage: Stage, policy: str, title: str) -> None:
    _, event = edited_twice(stage, policy)

    task = stage.crm.synced("t1")
    assert event == {"summary": title, "location": "Verona", "visibility": "private"}
    assert (task["title"], task["location"], task["private"]) == (title, "Verona", True)
    assert task["sync_state"]["conflict"] is None


def test_a08_manual_keeps_both_until_a_person_chooses(stage: Stage) -> None:
    anna, event = edited_twice(stage, "manual")
    task = stage.crm.synced("t1", "conflict")

    assert task["sync_state"]["conflict"]["fields"] == {
        "title": {"base": "Call Bob", "crm": "Call Eva", "google": "Call Ida"}
    }
    assert event == {"summary": "Call Ida", "location": "Verona", "visibility": "private"}

    stage.crm.ok("POST", "/v1/tasks/t1/conflict", {"resolution": "crm"})
    assert anna.person.event(stage.crm.synced("t1"))["summary"] == "Call Eva"


@pytest.mark.parametrize(
    ("stamp", "title"), [(EARLIER, "Call Ida"), (None, "Call Ida")], ids=["stamped earlier", "stamped by receipt"]
)
def test_a08_the_latest_wins_by_what_each_side_stamps(stage: Stage, stamp: str | None, title: str) -> None:
    _, event = edited_twice(stage, "latest_wins", **({"updated_at": stamp} if stamp else {}))

    assert event["summary"] == title
    assert stage.crm.synced("t1")["title"] == title


def test_a08_a_clock_that_is_ahead_wins_nothing_beyond_the_receipt(stage: Stage) -> None:
    _, event = edited_twice(stage, "latest_wins", updated_at=LATER)

    assert event["summary"] == "Call Ida"


def test_a08_what_the_crm_writes_after_google_wins_by_its_receipt(stage: Stage) -> None:
    anna = stage.connect(settings={"conflict": "latest_wins"})
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))
    paused(anna, yes=True)
    anna.person.edit(event, summary="Call Ida", location="Oslo")
    stage.crm.put("t1", title="Call Eva")

    paused(anna, yes=False)

    stage.crm.synced("t1", title="Call Eva", location="Oslo")
    assert anna.person.get(event)["summary"] == "Call Eva"


@pytest.mark.parametrize(
    ("policy", "title"), [("crm_wins", "Visit Eva"), ("google_wins", "Visit Ida"), ("latest_wins", "Visit Ida")]
)
def test_a08_a_changed_policy_leaves_open_conflicts_open_and_decides_the_next(
    stage: Stage, policy: str, title: str
) -> None:
    anna, _ = edited_twice(stage, "manual")
    stage.crm.synced("t1", "conflict")
    stage.crm.put("t2", **CALL | {"title": "Visit"})
    stage.crm.synced("t2")

    changed(anna, conflict=policy)
    both_edit(anna, "t2", crm={"title": "Visit Eva"}, google={"summary": "Visit Ida"})

    assert stage.crm.task("t1")["sync_state"]["state"] == "conflict"
    assert anna.person.get(event_id(stage.crm.synced("t2")))["summary"] == title
