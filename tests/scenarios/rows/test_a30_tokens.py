"""A30: tokens lie encrypted and are refreshed five minutes early, by one job; keys are rotated in `test_keys.py`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from tests.scenarios.rows.scene import CALL, summaries
from tests.scenarios.stage import Server, Stage


def test_a30_no_token_lies_in_the_data_folder_or_the_log(stage: Stage, server: Server) -> None:
    anna = stage.connect()
    with stage.google() as google:
        world = google.ctx.world
        tokens = [key for key, held in world.refresh_tokens.items() if held.account == anna.account]
        tokens += [key for key, held in world.access_tokens.items() if held.account == anna.account]
    stored = b"".join(path.read_bytes() for path in server.folder.rglob("*") if path.is_file())

    assert len(tokens) >= 2
    assert b"refresh_token" in stored
    assert not [token for token in tokens if token.encode() in stored]
    assert not [line for line in server.lines if any(token in line for token in tokens)]


def test_a30_a_token_is_refreshed_before_it_ends_and_by_one_of_many_jobs(stage: Stage) -> None:
    with stage.google() as google:
        usual = google.settings
        google.settings = replace(usual, access_token_s=240)
    anna = stage.connect(first_sync="hold")
    with stage.google() as google:
        google.settings = usual
        asked = google.ctx.counters["oauth.token"]
    tasks = [f"t{number}" for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: stage.crm.put(name, **CALL | {"title": name}), tasks))
    stage.crm.ok("POST", f"/v1/connections/{anna.id}/start")
    for name in tasks:
        stage.crm.synced(name)

    assert summaries(anna) == tasks
    with stage.google() as google:
        assert google.ctx.counters["oauth.token"] - asked == 1


def test_a30_a_token_that_google_took_back_early_costs_nothing_but_a_refresh(stage: Stage) -> None:
    anna = stage.connect()
    with stage.google() as google:
        google.expire_access_tokens(anna.account)

    stage.crm.put("t1", **CALL)

    stage.crm.synced("t1")
    assert (summaries(anna), anna.now()["problem"]) == (["Call Bob"], None)


def test_b07_a_grant_taken_back_is_told_once_and_nothing_that_waits_is_lost(stage: Stage) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    with stage.google() as google:
        google.revoke_grant(anna.account)

    for title in ("Visit", "Visit Bob"):
        stage.crm.put("t1", title=title)
    stage.crm.told("connection.needs_reconnect", connection_id=anna.id)
    again = stage.crm.ok("POST", f"/v1/connections/{anna.id}/authorize")
    stage.consent(again["authorize_url"], anna.account)

    stage.crm.synced("t1", title="Visit Bob")
    assert summaries(anna) == ["Visit Bob"]
    assert "connection.needs_reconnect" not in {change["kind"] for change in anna.told_by_now()}
