"""Every name that a caller may rely on, written out: what answers hold, what lists take, and what the calls are."""

from typing import Any

import pytest

from functions.api.app import RESOURCES
from functions.api.openapi import document
from functions.api.operation import Operation

CONNECTION = (
    "id user_id status oauth_app google scopes settings first_sync calendars counts created_at last_sync_at problem"
)
CONTENT = """
user_id connection_id calendar_id type title description notes start end time_zone location priority status private busy
url contact deal recurrence reminders attendees conference zoom_url color sync updated_at"""
ANSWERS = {
    "RunStarted": "run_id",
    "RunView": "id kind connection_id state done total eta_s totals detail items next_cursor",
    "RunItem": "side action task_id event_id title start reason",
    "ConnectionAnswer": CONNECTION,
    "PendingConnectionAnswer": f"{CONNECTION} authorize_url",
    "AccountAnswer": "email",
    "CountsAnswer": "pending error conflict",
    "CalendarAnswer": "calendar_id name access_role time_zone color watched state reason",
    "TaskListAnswer": "task_list_id name",
    "TaskAnswer": f"{CONTENT} id version changed_at created_in split_from sync_state",
    "TaskBody": f"{CONTENT} id event_id",
    "SyncStateAnswer": """
        state reason connection_id calendar_id event_id google_task_id html_link meet_url responses conflict views error
        synced_at""",
    "ResponseAnswer": "email response",
    "ConflictingField": "base crm google",
    "ViewAnswer": "user_id connection_id",
    "ErrorAnswer": "code detail",
    "OccurrenceAnswer": """
        task_id original_start version overridden cancelled title description notes start end time_zone location
        priority status private busy url contact deal reminders attendees zoom_url color event_id conflict""",
    "BatchResult": "id status version problem",
    "ClaimItem": "from to",
    "ClaimResult": "from to status problem",
    "ConflictBody": "resolution fields occurrence",
    "HistoryEntry": "at side action fields policy detail",
    "FeedAnswer": "data next_cursor",
    "ChangeAnswer": """
        id at kind origin task_id occurrence connection_id calendar_id run_id user_id version changed task""",
    "WebhookAnswer": "url state failing_since",
    "WebhookSecretAnswer": "url state failing_since secret",
    "WebhookTestAnswer": "status duration_ms error",
    "DeliveryAnswer": "id at state changes tries next_try_at",
    "TryAnswer": "at status error",
    "OAuthAppBody": "name client_id client_secret",
    "OAuthAppAnswer": "id name client_id redirect_uris scopes",
    "TenantAnswer": "id name settings return_origins frame_origins brand",
    "KeyAnswer": "id label created_at last_used_at",
    "CreatedKey": "id key",
    "PortalSessionBody": "user_id return_url language",
    "PortalSessionAnswer": "url expires_at",
    "StatusAnswer": "connections tasks lag_s oldest_pending_s channels webhook problems",
    "ChannelsAnswer": "live expiring polled",
    "ProblemAnswer": "code n remedy",
    "Problem": "type title status detail code request_id errors current",
    "FaultAnswer": "pointer detail",
}
FILTERS = {
    "GET /v1/connections": {"user_id", "status"},
    "GET /v1/connections/{connection_id}/calendars": set(),
    "GET /v1/connections/{connection_id}/task_lists": set(),
    "GET /v1/runs/{run_id}": set(),
    "GET /v1/tasks": {"user_id", "connection_id", "state", "changed_since", "start_from", "start_to"},
    "GET /v1/tasks/{task_id}/history": set(),
    "GET /v1/tasks/{task_id}/occurrences": {"from", "to"},
    "GET /v1/changes": {"user_id", "include"},
    "GET /v1/keys": set(),
    "GET /v1/oauth_apps": set(),
    "GET /v1/webhook/deliveries": set(),
}
"""Of each list, what it takes beside `cursor` and `limit`."""
OPERATIONS = {f"{each.method} {each.path}": each for resource in RESOURCES for each in resource.operations}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document(RESOURCES)


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_sent_and_answered_has_its_names(made: dict[str, Any], name: str) -> None:
    assert set(made["components"]["schemas"][name]["properties"]) == set(ANSWERS[name].split())


def test_every_list_is_known_here() -> None:
    lists = {call for call, operation in OPERATIONS.items() if "limit" in parameters(operation)}

    assert lists == FILTERS.keys()


@pytest.mark.parametrize("call", FILTERS)
def test_list_takes_its_filters_and_a_page_of_100_up_to_500(made: dict[str, Any], call: str) -> None:
    method, _, path = call.partition(" ")
    taken = {each["name"]: each["schema"] for each in made["paths"][path][method.lower()]["parameters"]}

    assert parameters(OPERATIONS[call]) == {"cursor", "limit"} | FILTERS[call]
    assert (taken["limit"]["default"], taken["limit"]["minimum"], taken["limit"]["maximum"]) == (100, 1, 500)


def parameters(operation: Operation) -> set[str]:
    """The names of its query."""
    return set(operation.query.__struct_encode_fields__)
