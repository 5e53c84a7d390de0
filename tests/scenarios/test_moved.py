"""One machine is served at another address than before: Google's notifications follow it there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.simulator.server import RunningSimulator
from tests.scenarios.stage import Server, Stage, eventually

DAY = (datetime.now(UTC) + timedelta(days=3)).date()
CALL = {"user_id": "anna", "title": "Call", "start": f"{DAY}T10:00:00Z"}


def test_an_edit_in_google_arrives_after_a_start_at_another_port(tmp_path: Path) -> None:
    with RunningSimulator() as simulator:
        server = Server(tmp_path / "data", simulator.addresses)
        try:
            stage = Stage(server, simulator, "moved")
            anna = stage.connect()
            stage.crm.put("t1", **CALL)
            event = stage.crm.synced("t1")["sync_state"]["event_id"]
            before = server.url
            server.kill()
            server.url = ""
            server.start()
            stage.crm.url = server.url
            eventually(lambda: addresses(stage) == {f"{server.url}/webhooks/google-calendar"}, what="a new channel")

            anna.person.edit(event, summary="Visit")

            stage.crm.synced("t1", title="Visit")
            assert server.url != before
        finally:
            server.stop()


def addresses(stage: Stage) -> set[str]:
    """Where Google sends notifications."""
    with stage.google() as google:
        return {channel.address for channel in google.ctx.world.channels.values()}
