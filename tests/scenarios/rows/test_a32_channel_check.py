"""A32: a notification proves itself before anything is queued; what does not is turned away and does nothing."""

from __future__ import annotations

import pytest
import requests

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


def test_a32_a_genuine_notification_reads_the_calendar(stage: Stage) -> None:
    anna = stage.connect()
    headers = genuine(stage, anna)
    anna.sync()
    before = anna.now()["last_sync_at"]

    assert sent(stage, headers) == 204

    eventually(lambda: anna.now()["last_sync_at"] != before, what="a pull")


def at_rest(anna: Connected, ben: Connected) -> str:
    """When her calendar was last read, once it stays so while Ben's is read three times."""

    def look() -> str | None:
        before = str(anna.now()["last_sync_at"])
        for _ in range(3):
            ben.sync()
        return before if anna.now()["last_sync_at"] == before else None

    return eventually(look, what="rest") or ""


@pytest.mark.parametrize("fault", ["no token", "forged", "another channel", "no channel"])
def test_a32_what_is_not_proved_is_turned_away_and_reads_nothing(stage: Stage, fault: str) -> None:
    anna, ben = stage.connect(), stage.connect("ben")
    headers, others = genuine(stage, anna), genuine(stage, ben)
    match fault:
        case "no token":
            del headers["X-Goog-Channel-Token"]
        case "forged":
            headers["X-Goog-Channel-Token"] = headers["X-Goog-Channel-Token"][:-4] + "AAAA"
        case "another channel":
            headers["X-Goog-Channel-ID"] = others["X-Goog-Channel-ID"]
        case _:
            headers = {}
    before = at_rest(anna, ben)
    of_ben = ben.now()["last_sync_at"]

    refused, proved = sent(stage, headers), sent(stage, others)

    assert (refused, proved) == (404, 204)
    eventually(lambda: ben.now()["last_sync_at"] != of_ben, what="the proved one")
    assert anna.now()["last_sync_at"] == before
