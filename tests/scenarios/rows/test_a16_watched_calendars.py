"""A16: a user's calendars are listed, and each may be watched or not."""

from __future__ import annotations

from urllib.parse import quote

from tests.scenarios.rows.scene import at
from tests.scenarios.stage import Stage


def test_a16_every_calendar_of_the_account_is_offered_the_primary_one_first(stage: Stage) -> None:
    anna = stage.connect()
    with stage.google() as google:
        team = google.add_calendar(anna.account, "Team").id

    offered = stage.crm.ok("GET", f"/v1/connections/{anna.id}/calendars")["data"]

    assert [(each["calendar_id"], each["watched"]) for each in offered] == [(anna.account, True), (team, False)]
    assert offered[1]["name"] == "Team"
    assert (offered[1]["access_role"], offered[1]["state"]) == ("owner", None)


def test_a16_a_watched_calendar_is_heard_and_one_no_longer_watched_is_not(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    with stage.google() as google:
        team = google.add_calendar(anna.account, "Team").id
    address = f"/v1/connections/{anna.id}/calendars/{quote(team)}"

    stage.crm.ok("PUT", address)
    anna.person.create("Board", at(9), calendar=team)
    assert stage.crm.told("task.created", origin="google")["task"]["title"] == "Board"
    stage.crm.ok("DELETE", address)
    anna.person.create("Party", at(12), calendar=team)
    anna.person.create("Lunch", at(12))

    assert stage.crm.told("task.created", origin="google")["task"]["title"] == "Lunch"
    stage.crm.ok("PUT", address)
    assert stage.crm.told("task.created", origin="google")["task"]["title"] == "Party"


def test_a16_a_calendar_the_account_does_not_have_cannot_be_watched(stage: Stage) -> None:
    anna = stage.connect()

    answer = stage.crm.call("PUT", f"/v1/connections/{anna.id}/calendars/nobody%40example.com")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
