"""A32: a notification proves itself before anything is queued; what does not is turned away and does nothing."""

from __future__ import annotations

import pytest
import requests

from tests.scenarios.rows.scene import at
from tests.scenarios.stage import Connected, Stage, eventually


def genuine(stage: Stage, anna: Connected) -> dict[str, str]:
    """The headers of a message that Google would send for her calendar."""
    eventually(lambda: anna.now()["calendars"][0]["state"] == "push", what="push")
    with stage.google() as google:
        channel = next(each for each in google.ctx.world.channels.values() if each.account == anna.account)
        return {
            "X-Goog-Channel-ID": channel.id,
            "X-Goog-Channel-Token": channel.token or "",
            "X-Goog-Resource-ID": channel.resource_id,
            "X-Goog-Resource-State": "exists",
            "X-Goog-Message-Number": "7",
        }


def sent(stage: Stage, headers: dict[str, str]) -> int:
    address = f"{stage.server.url}/webhooks/google-calendar"
    return requests.post(address, headers=headers, timeout=10).status_code


def lists(stage: Stage) -> int:
    with stage.google() as google:
        return google.ctx.counters["events.list"]


def test_a32_a_genuine_notification_reads_the_calendar(stage: Stage) -> None:
    anna = stage.connect()
    headers, before = genuine(stage, anna), lists(stage)

    assert sent(stage, headers) == 204

    eventually(lambda: lists(stage) > before, what="a pull")


@pytest.mark.parametrize("fault", ["no token", "forged", "another channel", "no channel"])
def test_a32_what_is_not_proved_is_turned_away_and_reads_nothing(stage: Stage, fault: str) -> None:
    anna, ben = stage.connect(settings={"import_external": "all"}), stage.connect("ben")
    headers = genuine(stage, anna)
    match fault:
        case "no token":
            del headers["X-Goog-Channel-Token"]
        case "forged":
            headers["X-Goog-Channel-Token"] = headers["X-Goog-Channel-Token"][:-4] + "AAAA"
        case "another channel":
            headers["X-Goog-Channel-ID"] = genuine(stage, ben)["X-Goog-Channel-ID"]
        case _:
            headers = {}
    anna.sync()
    before = lists(stage)

    assert sent(stage, headers) == 404

    anna.person.create("Lunch", at(12))
    assert stage.crm.told("task.created", origin="google")["task"]["title"] == "Lunch"
    assert lists(stage) == before + 1
