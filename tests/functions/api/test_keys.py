"""Keys and the tenant over HTTP."""

import json
from datetime import timedelta

import pytest

from functions.api.app import create_app
from shared.model.ids import api_key_path
from tests.functions.api.stage import Caller, Stage


def test_new_key_opens_the_same_tenant(crm: Caller) -> None:
    made = crm.json("POST", "/v1/keys", {"label": "second"}, expect=201)

    crm.key = made["key"]

    assert crm.json("GET", "/v1/tenant")["id"] == crm.tenant


def test_keys_are_listed_without_what_they_are(crm: Caller) -> None:
    made = crm.json("POST", "/v1/keys", expect=201)

    answer = crm.call("GET", "/v1/keys")

    assert made["id"] in {key["id"] for key in answer.get_json()["data"]}
    assert made["key"].rpartition("_")[2] not in answer.get_data(as_text=True)
    assert {tuple(sorted(key)) for key in answer.get_json()["data"]} == {("created_at", "id", "label", "last_used_at")}


def test_keys_are_read_page_by_page(crm: Caller) -> None:
    for _ in range(4):
        crm.json("POST", "/v1/keys", expect=201)
    everything = crm.json("GET", "/v1/keys")["data"]

    seen, page = [], crm.json("GET", "/v1/keys?limit=2")
    while page["next_cursor"]:
        seen += page["data"]
        page = crm.json("GET", f"/v1/keys?limit=2&cursor={page['next_cursor']}")

    assert seen + page["data"] == everything


def test_revoked_key_opens_nothing_from_now_on(crm: Caller) -> None:
    made = crm.json("POST", "/v1/keys", expect=201)
    second = Caller(client=crm.client, tenant=crm.tenant, key=made["key"])
    second.json("GET", "/v1/tenant")

    assert crm.call("DELETE", f"/v1/keys/{made['id']}").status_code == 204

    second.json("GET", "/v1/tenant", expect=401)


def test_key_revoked_by_another_process_opens_nothing_soon(stage: Stage, crm: Caller) -> None:
    made = crm.json("POST", "/v1/keys", expect=201)
    elsewhere = create_app(stage.world).test_client()
    second = Caller(client=elsewhere, tenant=crm.tenant, key=made["key"])
    second.json("GET", "/v1/tenant")
    crm.call("DELETE", f"/v1/keys/{made['id']}")

    stage.clock.turn(seconds=16)

    second.json("GET", "/v1/tenant", expect=401)


def test_key_of_another_tenant_cannot_be_revoked(stage: Stage, crm: Caller) -> None:
    other = stage.caller("Other")
    (key,) = other.json("GET", "/v1/keys")["data"]

    crm.json("DELETE", f"/v1/keys/{key['id']}", expect=404)

    other.json("GET", "/v1/keys")


def test_stored_key_does_not_hold_its_secret(stage: Stage, crm: Caller) -> None:
    _, _, key_id, secret = crm.key.split("_", 3)
    path = api_key_path(crm.tenant, key_id)

    document = stage.world.store.get_many([path])[path]

    assert document is not None
    assert secret not in json.dumps(document.data, default=str)


def test_last_use_is_written_once_a_day(stage: Stage, crm: Caller) -> None:
    crm.json("GET", "/v1/tenant")
    with stage.store.counted() as spent:
        stage.clock.turn(hours=23)
        crm.json("GET", "/v1/tenant")
    assert "commits" not in spent

    with stage.store.counted() as later:
        stage.clock.turn(hours=2)
        crm.json("GET", "/v1/tenant")

    assert later["commits"] == 1
    (key,) = crm.json("GET", "/v1/keys")["data"]
    assert key["last_used_at"] == (stage.clock.now()).isoformat().replace("+00:00", "Z")


def test_busy_caller_costs_one_read_of_its_key_every_15_seconds(stage: Stage, crm: Caller) -> None:
    crm.json("GET", "/v1/keys")

    with stage.store.counted() as spent:
        for _ in range(5):
            crm.json("GET", "/v1/keys")
        stage.clock.at += timedelta(seconds=16)
        crm.json("GET", "/v1/keys")

    assert spent["reads"] == 1


def test_tenant_settings_are_merged_and_origins_replaced(crm: Caller) -> None:
    crm.json("PATCH", "/v1/tenant", {"settings": {"conflict": "crm_wins"}, "return_origins": ["https://a.example"]})

    tenant = crm.json(
        "PATCH", "/v1/tenant", {"settings": {"direction": "to_google"}, "return_origins": ["https://b.example:8443"]}
    )

    assert tenant["settings"]["conflict"] == "crm_wins"
    assert tenant["settings"]["direction"] == "to_google"
    assert tenant["return_origins"] == ["https://b.example:8443"]


@pytest.mark.parametrize("origin", ["https://a.example/", "https://a.example/x", "ftp://a", "a.example", "https://a b"])
def test_origin_is_only_an_origin(crm: Caller, origin: str) -> None:
    problem = crm.json("PATCH", "/v1/tenant", {"return_origins": [origin]}, expect=422)

    assert problem["errors"][0]["pointer"] == "/return_origins/0"


def test_template_and_hours_are_checked_together(crm: Caller) -> None:
    body = {"settings": {"description_template": "{nonsense}", "hours": {"from": "18:00", "to": "08:00"}}}

    problem = crm.json("PATCH", "/v1/tenant", body, expect=422)

    assert {fault["pointer"] for fault in problem["errors"]} == {
        "/settings/description_template",
        "/settings/hours/to",
    }
