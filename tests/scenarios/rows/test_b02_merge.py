"""B2: two sides that change different fields of one task never conflict, whatever the policy."""

from __future__ import annotations

import pytest

from tests.scenarios.rows.scene import CALL, at, both_edit, event_id
from tests.scenarios.stage import Stage


@pytest.mark.parametrize("policy", ["manual", "crm_wins", "google_wins", "latest_wins"])
def test_b02_disjoint_edits_of_both_sides_are_both_kept(stage: Stage, policy: str) -> None:
    anna = stage.connect(settings={"conflict": policy})
    stage.crm.put("t1", **CALL, location="Verona")
    stage.crm.synced("t1")

    both_edit(
        anna, "t1",
        crm={"title": "Visit Bob", "location": None},
        google={"description": "Bring plans", "start": at(15), "end": at(16)},
    )  # fmt: skip

    task = stage.crm.synced("t1", title="Visit Bob", description="Bring plans", start=at(15).isoformat())
    event = anna.person.get(event_id(task))
    assert (event["summary"], event.get("location"), event["start"]["dateTime"]) == (
        "Visit Bob",
        None,
        at(15).isoformat(),
    )
    assert task["sync_state"]["conflict"] is None
