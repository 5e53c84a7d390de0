"""What integrators read: served without a key and from here alone; each code that an answer can hold has its page."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from functions.api.app import _CODES
from functions.api.docs import FILES, STATIC
from functions.http import status_of
from shared import errors
from shared.errors import Fault, Invalid, Moved, TandemError
from shared.model.connection import Problem, Status
from shared.model.ids import connection_path, webhook_path
from shared.ports import Patch
from shared.remedies import known_codes
from shared.sync.likeness import LIKELY_DUPLICATE
from shared.sync.meeting import OTHER as OTHER_CONFERENCE
from shared.sync.meeting import REFUSED as MEET_REFUSED
from tests.counting import CountingStore
from tests.functions.api.stage import Caller, Stage, connected

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, TandemError) and kind not in {TandemError, Fault}
]
SHOWN: dict[str, Status] = {
    "needs_reconnect": "needs_reconnect",
    "other_account": "needs_reconnect",
    "needs_review": "needs_review",
}
"""Codes that stand in a connection, and how it stands then."""


@pytest.fixture
def reader(stage: Stage) -> FlaskClient:
    """Somebody without a key."""
    return stage.app.test_client()


def made(kind: type[TandemError]) -> TandemError:
    if issubclass(kind, Invalid):
        return kind([Fault("/x", "must not be")])
    return kind("elsewhere") if issubclass(kind, Moved) else kind()


def test_the_page_and_all_it_loads_are_here(reader: FlaskClient) -> None:
    html = reader.get("/docs")

    assert html.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', html.text)
    assert {reader.get(address).status_code for address in loaded} == {200}
    assert not [address for address in loaded if not address.startswith("/")]


def test_no_script_inside_a_page_would_run(reader: FlaskClient) -> None:
    html = reader.get("/docs")

    assert "script-src 'self';" in html.headers["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]*src=)", html.text) == []


def test_a_viewer_has_its_licence_beside_it(reader: FlaskClient) -> None:
    assert "Permission is hereby granted" in reader.get("/docs/rapidoc-LICENSE.txt").text


def test_only_the_documentations_own_files_are_served(reader: FlaskClient) -> None:
    assert {path.name for path in STATIC.iterdir()} == {*FILES, "docs.html"}
    for path in ("/docs/docs.html", "/docs/app.py", "/docs/..%2fapp.py", "/docs/%2e%2e/app.py"):
        assert reader.get(path).status_code in {404, 308}, path


@pytest.mark.parametrize("code", known_codes())
def test_a_code_has_a_page_that_says_what_to_do(reader: FlaskClient, code: str) -> None:
    page = reader.get(f"/docs/errors/{code}")

    assert page.status_code == 200
    assert "What to do: " in page.text


def test_a_field_that_a_page_names_is_shown_as_code(reader: FlaskClient) -> None:
    page = reader.get("/docs/errors/stale").text

    assert "<code>current</code>" in page
    assert "`" not in page


def test_all_codes_are_listed(reader: FlaskClient) -> None:
    listed = re.findall(r'href="/docs/errors/(\w+)"', reader.get("/docs/errors").text)

    assert listed == list(known_codes())


def test_an_unknown_code_says_so(reader: FlaskClient) -> None:
    assert reader.get("/docs/errors/nonsense").status_code == 404


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_whatever_goes_wrong_below_is_answered_with_a_code_that_has_a_page(
    stage: Stage, crm: Caller, monkeypatch: pytest.MonkeyPatch, kind: type[TandemError]
) -> None:
    def refuse(*_: object) -> None:
        raise made(kind)

    monkeypatch.setattr(CountingStore, "count", refuse)

    problem = crm.json("GET", "/v1/status", expect=status_of(made(kind)))

    page = crm.client.get(problem["type"])
    assert (page.status_code, f"status {problem['status']}" in page.text) == (200, True)


@pytest.mark.parametrize(("code", "status"), SHOWN.items())
def test_what_keeps_a_connection_from_working_is_shown_with_a_code_that_has_a_page(
    stage: Stage, crm: Caller, code: str, status: Status
) -> None:
    path = connection_path(crm.tenant, connected(stage, crm, status=status))
    problem = {"code": code, "detail": "…"}
    stage.world.store.commit([Patch(path=path, fields={"problem": problem})])

    (shown,) = crm.json("GET", "/v1/status")["problems"]

    assert shown["code"] == Problem(**problem).code == code
    assert shown["remedy"] in {known.remedy for known in known_codes().values()}


@pytest.mark.parametrize("state", ["failing", "off"])
def test_a_webhook_in_trouble_is_shown_with_a_code_that_has_a_page(stage: Stage, crm: Caller, state: str) -> None:
    crm.json("PUT", "/v1/webhook", {"url": "https://crm.example/hook"})
    stage.world.store.commit([Patch(path=webhook_path(crm.tenant), fields={"state": state})])

    (shown,) = crm.json("GET", "/v1/status")["problems"]

    assert shown["code"] == f"webhook_{state}"
    assert shown["remedy"] == known_codes()[shown["code"]].remedy


def test_a_method_that_is_none_has_a_page(crm: Caller) -> None:
    problem = crm.json("POST", "/v1/status", expect=405)

    assert crm.client.get(problem["type"]).status_code == 200


def test_every_page_is_of_a_code_that_these_tests_produce() -> None:
    raised = {"internal" if status_of(made(kind)) == 500 else kind.code for kind in KINDS}
    shown = {*SHOWN, LIKELY_DUPLICATE, MEET_REFUSED, OTHER_CONFERENCE, "webhook_failing", "webhook_off"}

    assert set(known_codes()) == (raised | shown | set(_CODES.values()))
