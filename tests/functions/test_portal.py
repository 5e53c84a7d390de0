"""Links to the portal: made over the API, opened by a browser once within ten minutes, and kept only as a digest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from functions.pages import HEADERS
from functions.portal.session import answer
from shared.errors import StoreUnavailable
from shared.ports import Query
from tests.functions.api.stage import Caller, Stage, stage


@pytest.fixture(name="here")
def a_stage(tmp_path: Path) -> Stage:
    return stage(tmp_path)


@pytest.fixture
def crm(here: Stage) -> Caller:
    return here.caller("Acme")


@pytest.fixture
def browser(here: Stage) -> FlaskClient:
    app = Flask(__name__)
    app.add_url_rule("/<path:path>", "portal", lambda path: answer(request, here.world), methods=["GET", "POST"])
    return app.test_client()


def link(crm: Caller, **body: object) -> str:
    made = crm.json("POST", "/v1/portal_sessions", {"user_id": "anna", **body}, expect=201)
    return str(made["url"]).removeprefix("http://127.0.0.1")


def test_a_link_says_who_is_let_in_and_by_whom(crm: Caller, browser: FlaskClient) -> None:
    crm.json("PATCH", "/v1/tenant", {"return_origins": ["https://crm.example"]})

    shown = browser.get(link(crm, return_url="https://crm.example/settings"))

    assert shown.status_code == 200
    assert "You are anna at Acme." in shown.text
    assert 'href="https://crm.example/settings"' in shown.text


def test_a_link_opens_once(crm: Caller, browser: FlaskClient) -> None:
    address = link(crm)
    browser.get(address)

    again = browser.get(address)

    assert again.status_code == 410
    assert "open the settings of your calendar again" in again.text


@pytest.mark.parametrize(("minutes", "status"), [(9.9, 200), (10, 410)])
def test_a_link_lives_ten_minutes(here: Stage, crm: Caller, browser: FlaskClient, minutes: float, status: int) -> None:
    address = link(crm)

    here.clock.turn(minutes=minutes)

    assert browser.get(address).status_code == status


def test_a_link_checker_spends_no_link(crm: Caller, browser: FlaskClient) -> None:
    address = link(crm)

    assert browser.head(address).status_code == 405

    assert browser.get(address).status_code == 200


def test_a_link_is_told_with_its_end(here: Stage, crm: Caller) -> None:
    made = crm.json("POST", "/v1/portal_sessions", {"user_id": "anna"}, expect=201)

    assert made["expires_at"] == "2026-11-21T09:10:00Z"


def test_the_store_holds_nothing_that_opens_the_portal(here: Stage, crm: Caller) -> None:
    token = link(crm).rpartition("/")[2]

    (document,) = here.sqlite.query(Query(collection="portal_sessions"))

    assert token not in document.path + json.dumps(document.data, default=str)


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 44, "../session/x", "%00"])
def test_what_is_no_link_of_ours_is_told_like_a_spent_one(browser: FlaskClient, token: str) -> None:
    shown = browser.get(f"/portal/session/{token}")

    assert shown.status_code == 410


@pytest.mark.parametrize("path", ["/portal", "/portal/else", "/admin/x"])
def test_other_addresses_lead_nowhere(browser: FlaskClient, path: str) -> None:
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("return_url", ["https://elsewhere.example/", "https://crm.example@elsewhere.example/"])
def test_a_way_back_to_a_strange_origin_is_refused(crm: Caller, return_url: str) -> None:
    body = {"user_id": "anna", "return_url": return_url}

    problem = crm.json("POST", "/v1/portal_sessions", body, expect=422)

    assert [fault["pointer"] for fault in problem["errors"]] == ["/return_url"]


def test_a_language_that_the_pages_do_not_speak_is_refused(crm: Caller) -> None:
    crm.json("POST", "/v1/portal_sessions", {"user_id": "anna", "language": "xx"}, expect=422)


def test_every_page_has_the_same_protection(crm: Caller, browser: FlaskClient) -> None:
    address = link(crm)

    for shown in (browser.get(address), browser.get(address), browser.get("/portal/else")):
        assert {name: shown.headers[name] for name in HEADERS} == HEADERS


def test_every_answer_has_the_request_id_of_its_line(here: Stage, crm: Caller, browser: FlaskClient) -> None:
    shown = browser.get(link(crm))

    assert here.log.lines[-1]["request_id"] == shown.headers["X-Request-Id"]


def test_a_name_of_a_tenant_is_no_markup(here: Stage, browser: FlaskClient) -> None:
    assert "<b>Acme" not in browser.get(link(here.caller("<b>Acme"))).text


def test_no_token_is_logged(here: Stage, crm: Caller, browser: FlaskClient) -> None:
    address = link(crm)
    browser.get(address)

    assert [line["outcome"] for line in here.log.lines if line["flow"] == "portal"] == ["opened"]
    assert address.rpartition("/")[2] not in str(here.log.lines)


def test_a_store_that_does_not_answer_spends_no_link(
    here: Stage, crm: Caller, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = link(crm)

    with monkeypatch.context() as patched:
        patched.setattr(here.store, "get_many", _away)
        assert browser.get(address).status_code == 503

    assert browser.get(address).status_code == 200


def _away(*_: object) -> None:
    raise StoreUnavailable
