"""B6: what was deleted while Google forgot our place in its list is found deleted, and nothing comes back."""

from __future__ import annotations

from tests.scenarios.rows.scene import CALL, ended, event_id, paused, summaries
from tests.scenarios.stage import Stage


def test_b06_a_deletion_behind_an_expired_token_is_seen(stage: Stage) -> None:
    anna = stage.connect()
    for name in ("t1", "t2"):
        stage.crm.put(name, **CALL | {"title": name})
        stage.crm.synced(name)
    anna.sync()
    paused(anna, yes=True)
    anna.person.delete(event_id(stage.crm.task("t1")))
    with stage.google() as google:
        google.expire_sync_tokens(anna.account)
    paused(anna, yes=False)

    anna.sync()

    assert stage.crm.synced("t1", "off")["status"] == "cancelled"
    assert (stage.crm.synced("t2")["status"], summaries(anna)) == ("open", ["t2"])


def test_b06_a_deletion_of_the_crm_outlives_an_expired_token(stage: Stage) -> None:
    anna = stage.connect(settings={"import_external": "all"})
    stage.crm.put("t1", **CALL)
    stage.crm.synced("t1")
    paused(anna, yes=True)
    stage.crm.delete("t1")
    with stage.google() as google:
        google.expire_sync_tokens(anna.account)
    paused(anna, yes=False)

    ended(anna, "backlog")
    anna.sync()

    assert summaries(anna) == []
    assert stage.crm.ok("GET", "/v1/tasks")["data"] == []
