"""A19: Google pushes through channels that are renewed with overlap; where one is lost nothing else is."""

from __future__ import annotations

from collections.abc import Callable

from tests.scenarios.rows.scene import CALL, at, event_id
from tests.scenarios.stage import Connected, Stage, eventually


def channels(stage: Stage, anna: Connected) -> set[str]:
    """The channels that Google holds for her calendar."""
    with stage.google() as google:
        held = google.ctx.world.channels.values()
        return {each.id for each in held if each.account == anna.account}


def test_a19_a_connected_calendar_is_pushed(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})

    eventually(lambda: anna.now()["calendars"][0]["state"] == "push", what="push")
    assert len(channels(stage, anna)) == 1
    with stage.google() as google:
        lists = google.ctx.counters["events.list"]
    anna.person.create("Lunch", at(12))

    assert stage.crm.told("task.created", origin="google")["task"]["title"] == "Lunch"
    with stage.google() as google:
        assert google.ctx.counters["events.list"] > lists


def test_a19_a_calendar_watched_again_changes_its_channel_and_misses_nothing(stage: Stage) -> None:
    anna = stage.connect()
    eventually(lambda: anna.now()["calendars"][0]["state"] == "push", what="push")
    before = channels(stage, anna)
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))

    stage.crm.ok("PUT", f"/v1/connections/{anna.id}/calendars/primary")
    anna.person.edit(event, summary="Visit")

    assert stage.crm.told("task.updated", origin="google", task_id="t1")["task"]["title"] == "Visit"
    eventually(lambda: len(channels(stage, anna)) == 1 and channels(stage, anna) != before, what="one new channel")


def test_a19_a_disconnected_calendar_has_no_channel_left(stage: Stage) -> None:
    anna = stage.connect()
    eventually(lambda: channels(stage, anna), what="a channel")

    stage.crm.finished(stage.crm.ok("DELETE", f"/v1/connections/{anna.id}")["run_id"])

    assert channels(stage, anna) == set()


def test_a19_a_channel_is_renewed_before_it_ends_and_nothing_falls_between(
    stage: Stage, google_does: Callable[..., None]
) -> None:
    google_does(channel_cap_s=8)
    anna = stage.connect()
    eventually(lambda: anna.now()["calendars"][0]["state"] == "push", what="push")
    first = channels(stage, anna)
    google_does(channel_cap_s=2_592_000)
    stage.crm.put("t1", **CALL)
    event = event_id(stage.crm.synced("t1"))

    eventually(lambda: channels(stage, anna) - first, what="a channel of longer life")
    anna.person.edit(event, summary="Visit")

    assert stage.crm.told("task.updated", origin="google", task_id="t1")["task"]["title"] == "Visit"
    eventually(lambda: not channels(stage, anna) & first, what="the old one stopped")
