"""The feed over HTTP: order, cursors, what counts as read."""

from datetime import timedelta

import pytest

from shared.model.change import Origin
from shared.model.ids import TenantId, UserId
from shared.model.stored import read_as
from shared.model.tenant import FeedPosition
from shared.usecases.changes import News, change_write
from shared.usecases.feed import position_path
from tests.counting import CountingStore
from tests.functions.api.stage import Caller, Stage


def told(stage: Stage, tenant: TenantId, *details: str, origin: Origin = "google", user: str = "anna") -> None:
    """One commit a detail."""
    for detail in details:
        news = News(origin=origin, kind="task.updated", user_id=UserId(user), detail=detail, task_id=None, run_id=None)
        news = News(origin=origin, kind="task.updated", user_id=UserId(user), version=int(detail))
        stage.world.store.commit([change_write(stage.world, tenant, news)])


def position(stage: Stage, crm: Caller, user: str | None = None) -> FeedPosition | None:
    path = position_path(crm.tenant, UserId(user) if user else None)
    document = stage.world.store.get_many([path])[path]
    return read_as(FeedPosition, document) if document else None


def versions(page: dict[str, list[dict[str, int]]]) -> list[int]:
    return [change["version"] for change in page["data"]]


def test_feed_is_read_in_order_page_by_page(stage: Stage, crm: Caller) -> None:
    told(stage, crm.tenant, "1", "2", "3")

    first = crm.json("GET", "/v1/changes?limit=2")
    second = crm.json("GET", f"/v1/changes?limit=2&cursor={first['next_cursor']}")

    assert (versions(first), versions(second)) == ([1, 2], [3])


def test_changes_of_one_commit_are_split_between_pages_without_loss(stage: Stage, crm: Caller) -> None:
    news = [News(origin="google", kind="task.updated", version=number) for number in range(7)]
    stage.world.store.commit([change_write(stage.world, crm.tenant, each) for each in news])

    seen: list[int] = []
    cursor = ""
    for _ in range(4):
        page = crm.json("GET", f"/v1/changes?limit=2{cursor}")
        seen += versions(page)
        cursor = f"&cursor={page['next_cursor']}"

    assert sorted(seen) == list(range(7))


def test_empty_feed_gives_a_cursor_that_finds_what_comes(stage: Stage, crm: Caller) -> None:
    page = crm.json("GET", "/v1/changes")

    told(stage, crm.tenant, "1")

    assert page["data"] == []
    assert versions(crm.json("GET", f"/v1/changes?cursor={page['next_cursor']}")) == [1]


def test_now_begins_behind_what_is_there(stage: Stage, crm: Caller) -> None:
    told(stage, crm.tenant, "1")

    page = crm.json("GET", "/v1/changes?cursor=now")
    told(stage, crm.tenant, "2")

    assert page["data"] == []
    assert versions(crm.json("GET", f"/v1/changes?cursor={page['next_cursor']}")) == [2]


def test_now_on_an_empty_feed_finds_what_comes(stage: Stage, crm: Caller) -> None:
    page = crm.json("GET", "/v1/changes?cursor=now")

    told(stage, crm.tenant, "1")

    assert versions(crm.json("GET", f"/v1/changes?cursor={page['next_cursor']}")) == [1]


def test_own_writes_are_served_only_when_asked_for(stage: Stage, crm: Caller) -> None:
    told(stage, crm.tenant, "1", origin="crm")
    told(stage, crm.tenant, "2", origin="tandem")

    assert versions(crm.json("GET", "/v1/changes")) == [2]
    assert versions(crm.json("GET", "/v1/changes?include=crm")) == [1, 2]


def test_deletion_is_told_with_the_task_as_it_was(crm: Caller) -> None:
    crm.json("PUT", "/v1/tasks/42", {"user_id": "anna", "title": "Call"}, expect=201)
    crm.call("DELETE", "/v1/tasks/42")

    last = crm.json("GET", "/v1/changes?include=crm")["data"][-1]

    assert (last["kind"], last["task_id"], last["task"]["title"]) == ("task.deleted", "42", "Call")


def test_feed_of_one_user_has_only_hers(stage: Stage, crm: Caller) -> None:
    told(stage, crm.tenant, "1", user="anna")
    told(stage, crm.tenant, "2", user="bert")

    assert versions(crm.json("GET", "/v1/changes?user_id=bert")) == [2]


def test_put_is_told_with_the_whole_task(crm: Caller) -> None:
    task = crm.json("PUT", "/v1/tasks/42", {"user_id": "anna", "title": "Call"}, expect=201)

    (change,) = crm.json("GET", "/v1/changes?include=crm")["data"]

    assert (change["kind"], change["origin"], change["task_id"]) == ("task.created", "crm", "42")
    assert change["task"] == task
    assert change["changed"]["title"] == [None, "Call"]


def test_reading_a_page_acknowledges_nothing_yet(stage: Stage, crm: Caller) -> None:
    told(stage, crm.tenant, "1")

    crm.json("GET", "/v1/changes")

    assert position(stage, crm) is None


def test_reading_on_acknowledges_what_lies_before_the_cursor(stage: Stage, crm: Caller) -> None:
    told(stage, crm.tenant, "1", "2")
    first = crm.json("GET", "/v1/changes?limit=1")

    crm.json("GET", f"/v1/changes?cursor={first['next_cursor']}")

    kept = position(stage, crm)
    assert kept is not None
    assert kept.id == first["data"][0]["id"]


def test_position_never_goes_back(stage: Stage, crm: Caller) -> None:
    told(stage, crm.tenant, "1", "2")
    first = crm.json("GET", "/v1/changes?limit=1")["next_cursor"]
    second = crm.json("GET", f"/v1/changes?limit=1&cursor={first}")["next_cursor"]
    crm.json("GET", f"/v1/changes?cursor={second}")
    reached = position(stage, crm)

    crm.json("GET", f"/v1/changes?cursor={first}")

    assert position(stage, crm) == reached


def test_reading_one_users_part_acknowledges_nobody_elses(stage: Stage, crm: Caller) -> None:
    told(stage, crm.tenant, "1", user="anna")
    page = crm.json("GET", "/v1/changes?user_id=anna")

    crm.json("GET", f"/v1/changes?user_id=anna&cursor={page['next_cursor']}")

    assert position(stage, crm) is None
    assert position(stage, crm, "anna") is not None


@pytest.mark.parametrize(
    ("given", "used"), [("?user_id=anna", ""), ("", "&user_id=anna"), ("?user_id=anna", "&user_id=bert")]
)
def test_a_cursor_goes_on_with_the_changes_it_was_given_for_and_no_others(
    stage: Stage, crm: Caller, given: str, used: str
) -> None:
    told(stage, crm.tenant, "1", user="anna")
    cursor = crm.json("GET", f"/v1/changes{given}")["next_cursor"]

    refused = crm.json("GET", f"/v1/changes?cursor={cursor}{used}", expect=422)

    assert "with the same filters" in refused["errors"][0]["detail"]
    assert position(stage, crm) is None


def test_polling_a_quiet_feed_writes_nothing(stage: Stage, crm: Caller) -> None:
    told(stage, crm.tenant, "1")
    cursor = crm.json("GET", "/v1/changes")["next_cursor"]
    crm.json("GET", f"/v1/changes?cursor={cursor}")

    with stage.store.counted() as spent:
        stage.clock.turn(seconds=1)
        crm.json("GET", f"/v1/changes?cursor={cursor}")

    assert spent == {"reads": 1, "queries": 1}


def test_cursor_older_than_30_days_has_expired(stage: Stage, crm: Caller) -> None:
    told(stage, crm.tenant, "1")
    cursor = crm.json("GET", "/v1/changes")["next_cursor"]
    stage.clock.turn(days=30, seconds=1)

    problem = crm.json("GET", f"/v1/changes?cursor={cursor}", expect=410)

    assert problem["code"] == "cursor_expired"


def test_cursor_of_a_quiet_feed_never_expires(stage: Stage, crm: Caller) -> None:
    cursor = crm.json("GET", "/v1/changes")["next_cursor"]

    for _ in range(40):
        stage.clock.turn(days=2)
        cursor = crm.json("GET", f"/v1/changes?cursor={cursor}")["next_cursor"]
    told(stage, crm.tenant, "1")

    assert versions(crm.json("GET", f"/v1/changes?cursor={cursor}")) == [1]


def test_cursor_of_another_tenant_is_refused(stage: Stage, crm: Caller) -> None:
    cursor = stage.caller("Other").json("GET", "/v1/changes")["next_cursor"]

    crm.json("GET", f"/v1/changes?cursor={cursor}", expect=422)


def test_cursor_of_another_list_is_refused(crm: Caller) -> None:
    for number in range(2):
        crm.json("PUT", f"/v1/tasks/{number}", {"user_id": "anna"}, expect=201)
    cursor = crm.json("GET", "/v1/tasks?limit=1")["next_cursor"]

    crm.json("GET", f"/v1/changes?cursor={cursor}", expect=422)


@pytest.mark.parametrize("wrong", ["x", "%00", "=", "A" * 5000, "now%20", "eyJhIjoxfQ"])
def test_garbage_is_refused_as_a_cursor(crm: Caller, wrong: str) -> None:
    problem = crm.json("GET", f"/v1/changes?cursor={wrong}", expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["cursor"]


def test_where_commits_may_appear_late_only_what_is_settled_is_served(
    stage: Stage, crm: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CountingStore, "horizon_s", lambda _: 10.0)
    told(stage, crm.tenant, "1")

    early = crm.json("GET", "/v1/changes")
    stage.clock.at += timedelta(seconds=10.1)

    assert early["data"] == []
    assert versions(crm.json("GET", f"/v1/changes?cursor={early['next_cursor']}")) == [1]


def test_now_where_commits_may_appear_late_misses_nothing(
    stage: Stage, crm: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CountingStore, "horizon_s", lambda _: 10.0)
    cursor = crm.json("GET", "/v1/changes?cursor=now")["next_cursor"]
    told(stage, crm.tenant, "1")

    stage.clock.turn(seconds=11)

    assert versions(crm.json("GET", f"/v1/changes?cursor={cursor}")) == [1]


def test_feed_is_served_by_indexes(stage: Stage, crm: Caller) -> None:
    for query in ("", "?include=crm", "?user_id=a", "?user_id=a&include=crm", "?cursor=now"):
        crm.json("GET", f"/v1/changes{query}")

    assert stage.sqlite.scanned == set()
