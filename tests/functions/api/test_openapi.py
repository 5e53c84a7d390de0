"""The OpenAPI document: every route is in it, everything in it is a route, and its examples work."""

from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from functions.api.app import RESOURCES
from functions.api.openapi import document
from functions.api.operation import Operation
from tests.functions.api.stage import Caller, Stage, connected

OPERATIONS = [operation for resource in RESOURCES for operation in resource.operations]
UNDOCUMENTED = {
    ("GET", path)
    for path in ("/openapi.json", "/docs", "/docs/{file}", "/docs/google", "/docs/errors", "/docs/errors/{code}")
}
"""What is no call of the API."""


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return document(RESOURCES)


def test_document_and_routes_are_the_same(stage: Stage, made: dict[str, Any]) -> None:
    documented = {(method.upper(), path) for path, methods in made["paths"].items() for method in methods}
    served = {
        (method, str(rule).replace("<", "{").replace(">", "}"))
        for rule in stage.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }

    assert served - UNDOCUMENTED == documented


def test_document_is_served_without_a_key(stage: Stage, made: dict[str, Any]) -> None:
    answer = stage.app.test_client().get("/openapi.json")

    assert answer.get_json() == msgspec.json.decode(msgspec.json.encode(made))


def test_every_schema_is_valid_and_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    names = set(made["components"]["schemas"])
    for schema in made["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)

    assert set(references(made)) <= {f"#/components/schemas/{name}" for name in names}


def test_every_choice_names_its_type(made: dict[str, Any]) -> None:
    untyped = [schema for schema in objects(made) if isinstance(schema.get("enum"), list) and "type" not in schema]

    assert untyped == []


def test_operation_ids_are_unique() -> None:
    names = [operation.name for operation in OPERATIONS]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_operation_says_what_is_true_afterwards(operation: Operation) -> None:
    assert operation.summary.endswith((".", "…"))


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.documented], ids=lambda each: each.name)
def test_every_body_has_an_example(operation: Operation) -> None:
    assert operation.example is not None


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.example], ids=lambda each: each.name)
def test_examples_are_accepted(stage: Stage, crm: Caller, operation: Operation) -> None:
    connection = connected(stage, crm)
    series = {"start": "2026-12-01T10:00", "time_zone": "Europe/Rome", "recurrence": ["RRULE:FREQ=DAILY"]}
    crm.json("PUT", "/v1/tasks/42", {"user_id": "anna", **series}, expect=201)
    path = operation.path.replace("{task_id}", "42").replace("{connection_id}", connection)
    path = path.replace("{original_start}", "20261201T090000Z")
    if "{oauth_app_id}" in path:
        app = {"name": "Acme", "client_id": "id", "client_secret": "secret"}
        path = path.replace("{oauth_app_id}", crm.json("POST", "/v1/oauth_apps", app, expect=201)["id"])

    answer = crm.call(operation.method, path, operation.example)

    assert answer.status_code in {*operation.answers, 409}, answer.get_data(as_text=True)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_without_a_key_no_call_is_answered(stage: Stage, operation: Operation) -> None:
    path = operation.path.replace("{", "").replace("}", "")

    answer = stage.app.test_client().open(path, method=operation.method, data=b"{")

    assert answer.status_code == 401


def references(node: Any) -> list[str]:  # noqa: ANN401 - JSON
    return [found["$ref"] for found in objects(node) if isinstance(found.get("$ref"), str)]


def objects(node: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - JSON
    """Every object in it, at any depth."""
    if isinstance(node, dict):
        return [node, *(found for value in node.values() for found in objects(value))]
    if isinstance(node, list):
        return [found for value in node for found in objects(value)]
    return []
