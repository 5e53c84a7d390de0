"""A15: tasks with a date and no time are in a Google Tasks list; title, notes, day and completion go both ways."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.simulator import task_lists
from infra.simulator.model import GoogleTask
from infra.simulator.server import RunningSimulator
from shared.model.oauth import CALENDAR_SCOPES, SCOPE_TASKS
from tests.scenarios.rows.scene import changed
from tests.scenarios.stage import Connected, Server, Stage, eventually

DAY, LATER = "2031-05-01", "2031-05-09"
LIST = {"google_tasks": "@default"}


@pytest.fixture(scope="module")
def server(simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(Path(tmp_path_factory.mktemp("data")), simulator.addresses, TANDEM_POLL_S="1")
    yield running
    running.stop()


@pytest.fixture
def anna(stage: Stage) -> Connected:
    return stage.connect(settings=LIST)


def put(stage: Stage, task: str = "t1", **content: object) -> Any:  # noqa: ANN401 - JSON
    """The task, in step."""
    stage.crm.put(task, **({"user_id": "anna", "title": "Call", "start": DAY} | content))
    return stage.crm.synced(task)


def shown(anna: Connected, title: str = "Call") -> GoogleTask | None:
    found: GoogleTask | None = anna.person.task_named(title)
    return found


def events(anna: Connected) -> list[str]:
    """The ids of what stands in the account's calendar."""
    with anna.stage.google() as google:
        found = google.ctx.world.calendars[anna.account].events.values()
        return [event.id for event in found if event.status != "cancelled"]


def the(anna: Connected, title: str = "Call") -> GoogleTask:
    found = shown(anna, title)
    assert found is not None
    return found


def test_a15_a_task_with_a_date_alone_goes_to_the_list_and_to_no_calendar(stage: Stage, anna: Connected) -> None:
    task = put(stage, description="Ask for the key")

    google = the(anna)
    assert (google.due, google.notes) == (DAY, "Ask for the key")
    assert task["sync_state"]["google_task_id"] == google.id
    assert (task["sync_state"]["event_id"], task["sync_state"]["calendar_id"]) == (None, None)
    assert events(anna) == []


def test_a15_a_task_with_a_time_goes_to_the_calendar_all_the_same(stage: Stage, anna: Connected) -> None:
    task = put(stage, start=f"{DAY}T10:00:00Z")

    assert anna.person.event(task)["summary"] == "Call"
    assert anna.person.tasks() == []


def test_a15_what_the_crm_changes_reaches_the_list(stage: Stage, anna: Connected) -> None:
    put(stage)

    put(stage, title="Call back", description="Twice", start=LATER, status="done")

    google = the(anna, "Call back")
    assert (google.notes, google.due, google.completed_us is not None) == ("Twice", LATER, True)


def test_a15_what_a_person_changes_in_the_list_reaches_the_crm(stage: Stage, anna: Connected) -> None:
    put(stage)

    anna.person.edit_task(the(anna).id, title="Visit", notes="Bring\nkeys", due=LATER)

    task = stage.crm.synced("t1", title="Visit")
    assert (task["start"], task["description"]) == (LATER, "Bring<br>keys")


def test_a15_a_ticked_task_is_done_in_the_crm_and_open_again_when_unticked(stage: Stage, anna: Connected) -> None:
    put(stage)

    anna.person.tick(the(anna).id)
    stage.crm.synced("t1", status="done")
    anna.person.untick(the(anna).id)

    stage.crm.synced("t1", status="open")


def test_a15_sync_now_reads_the_list(stage: Stage, anna: Connected) -> None:
    put(stage)
    anna.person.tick(the(anna).id)

    anna.sync()

    assert stage.crm.task("t1")["status"] == "done"


def test_a15_both_sides_change_other_fields_at_once_and_nothing_is_lost(stage: Stage, anna: Connected) -> None:
    put(stage)

    anna.person.edit_task(the(anna).id, notes="From Google")
    stage.crm.put("t1", title="From the CRM")

    stage.crm.synced("t1", title="From the CRM", description="From Google")
    assert eventually(lambda: shown(anna, "From the CRM") and the(anna, "From the CRM").notes == "From Google")


def test_a15_a_task_that_a_person_deletes_is_cancelled_by_policy(stage: Stage, anna: Connected) -> None:
    put(stage)

    anna.person.delete_task(the(anna).id)

    assert eventually(lambda: stage.crm.task("t1")["status"] == "cancelled")


def test_a15_a_task_that_the_crm_deletes_leaves_the_list(stage: Stage, anna: Connected) -> None:
    put(stage)

    stage.crm.delete("t1")

    assert eventually(lambda: shown(anna) is None)


def test_a15_a_task_that_gains_a_time_moves_to_the_calendar_and_back(stage: Stage, anna: Connected) -> None:
    put(stage)

    stage.crm.put("t1", start=f"{DAY}T10:00:00Z")
    eventually(lambda: stage.crm.task("t1")["sync_state"]["event_id"])
    task = stage.crm.synced("t1")
    assert anna.person.event(task)["summary"] == "Call"
    assert shown(anna) is None

    stage.crm.put("t1", start=DAY)
    eventually(lambda: stage.crm.task("t1")["sync_state"]["google_task_id"])
    assert the(anna).due == DAY
    assert events(anna) == []


def test_a15_the_setting_takes_tasks_along_and_brings_them_back(stage: Stage) -> None:
    anna = stage.connect(settings=LIST)
    stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"settings": {"google_tasks": None}})
    put(stage)
    assert len(events(anna)) == 1

    stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"settings": LIST})
    assert eventually(lambda: shown(anna) is not None and events(anna) == [])
    stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"settings": {"google_tasks": None}})
    assert eventually(lambda: shown(anna) is None and len(events(anna)) == 1)


def test_a15_the_permission_is_asked_for_only_when_the_setting_wants_it(stage: Stage) -> None:
    anna = stage.connect()
    assert SCOPE_TASKS not in anna.now()["scopes"]

    changed = stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"settings": LIST})
    assert changed["problem"]["code"] == "scope_missing"
    task = put(stage)
    assert task["sync_state"]["event_id"]

    again = stage.crm.ok("POST", f"/v1/connections/{anna.id}/authorize")
    stage.consent(again["authorize_url"], anna.account)
    assert eventually(lambda: shown(anna) is not None)
    assert anna.now()["problem"] is None


def test_a15_a_list_that_the_account_does_not_have_is_refused(stage: Stage, anna: Connected) -> None:
    answer = stage.crm.call("PATCH", f"/v1/connections/{anna.id}", {"settings": {"google_tasks": "nowhere"}})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/settings/google_tasks"


def test_a15_without_the_permission_the_calendar_works_as_ever(stage: Stage) -> None:
    account = stage.account()
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna", "settings": LIST})
    stage.consent(made["authorize_url"], account, CALENDAR_SCOPES)

    task = put(stage)

    assert task["sync_state"]["event_id"]


def test_a15_a_persons_own_task_becomes_the_crms_where_the_setting_says_so(stage: Stage) -> None:
    anna = stage.connect(settings=LIST | {"import_external": "all"})

    anna.person.add_task("Buy paint", due="2026-12-01")

    change = stage.crm.told("task.created")
    assert (change["task"]["title"], change["task"]["start"], change["task"]["created_in"]) == (
        "Buy paint", "2026-12-01", "google",
    )  # fmt: skip


def test_a15_disconnecting_with_delete_takes_the_tasks_away(stage: Stage, anna: Connected) -> None:
    put(stage)

    stage.crm.finished(stage.crm.ok("DELETE", f"/v1/connections/{anna.id}?events=delete")["run_id"])

    assert shown(anna) is None


def test_a15_a_tenants_default_counts_for_connections_that_there_are(stage: Stage) -> None:
    ben = stage.connect("ben", settings={})
    again = stage.crm.ok("POST", f"/v1/connections/{ben.id}/authorize")
    stage.crm.ok("PATCH", "/v1/tenant", {"settings": LIST})
    stage.consent(again["authorize_url"], ben.account)

    stage.crm.put("t1", user_id="ben", title="Call", start=DAY)

    assert eventually(lambda: shown(ben) is not None)


def test_a15_another_list_takes_the_tasks_along(stage: Stage, anna: Connected) -> None:
    put(stage)
    with stage.google() as google:
        errands = task_lists.add_list(google.ctx, anna.account, "Errands").id

    stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"settings": {"google_tasks": errands}})

    eventually(lambda: anna.person.task_named("Call", home=errands), what="in the other list")
    assert shown(anna) is None
    anna.person.tick(anna.person.task_named("Call", home=errands).id, home=errands)
    stage.crm.synced("t1", status="done")


def test_a15_a_list_that_is_gone_is_shown_cancels_nothing_and_another_one_takes_its_tasks(
    stage: Stage, anna: Connected
) -> None:
    with stage.google() as google:
        errands = task_lists.add_list(google.ctx, anna.account, "Errands")
    changed(anna, google_tasks=errands.id)
    put(stage)
    eventually(lambda: anna.person.task_named("Call", home=errands.id), what="in the list")

    with stage.google() as google:
        task_lists.remove_list(google.ctx, errands)
    anna.sync()
    stage.crm.told("calendar.suspended", connection_id=anna.id)
    stage.crm.put("t1", title="Call back")

    assert (anna.now()["problem"]["code"], "google_tasks" in anna.now()["problem"]["detail"]) == ("calendar_gone", True)
    task = stage.crm.synced("t1", "error")
    assert (task["status"], task["sync_state"]["error"]["code"]) == ("open", "calendar_gone")
    assert "google_tasks" in task["sync_state"]["error"]["detail"]
    stage.crm.ok("PATCH", f"/v1/connections/{anna.id}", {"settings": LIST})
    eventually(lambda: shown(anna, "Call back"), what="in the other list")
    assert anna.now()["problem"] is None


def test_a15_the_lists_to_choose_from_are_named_once_they_may_be_seen(stage: Stage, anna: Connected) -> None:
    with stage.google() as google:
        errands = task_lists.add_list(google.ctx, anna.account, "Errands").id
    path = f"/v1/connections/{anna.id}/task_lists"

    found = stage.crm.ok("GET", path)["data"]

    assert {"task_list_id": errands, "name": "Errands"} in found
    assert [each["name"] for each in found] == ["My Tasks", "Errands"]
    first = stage.crm.ok("GET", f"{path}?limit=1")
    rest = stage.crm.ok("GET", f"{path}?limit=1&cursor={first['next_cursor']}")
    assert [*first["data"], *rest["data"]] == found
    ben = stage.connect("ben")
    refused = stage.crm.call("GET", f"/v1/connections/{ben.id}/task_lists")
    assert (refused.status_code, refused.json()["code"]) == (409, "scope_missing")
    assert "POST …/authorize" in refused.json()["detail"]
