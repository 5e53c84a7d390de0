"""The OpenAPI 3.1 document, made from the same operations and types that serve and validate. Start at `document`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import msgspec
from apispec import APISpec

from functions.api.links import links_of
from functions.api.operation import NoQuery, Operation, RunStarted
from functions.http import PROBLEM_JSON, TITLES, Problem
from shared.usecases.answers import OccurrenceAnswer, TaskAnswer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from functions.api.operation import Resource

VERSION = "1"
_REF = "#/components/schemas/{name}"
_ALWAYS = frozenset({401, 422, 500, 503})
_OUTSIDE: dict[str, object] = {"type": "string", "pattern": "^[A-Za-z0-9._:@+-]{1,128}$"}
_OWN: dict[str, object] = {"type": "string", "pattern": "^[0-9a-v]{26}$"}
_VERSION_TAG: dict[str, object] = {"type": "string", "pattern": r'^(\*|"[0-9]{1,19}")$'}
_IN_PATH: dict[str, dict[str, object]] = {
    "task_id": _OUTSIDE,
    "user_id": _OUTSIDE,
    "calendar_id": {"type": "string", "minLength": 1, "maxLength": 1024},
    "original_start": {"type": "string", "pattern": r"^(\d{4}-\d{2}-\d{2}|\d{8}T\d{6}Z)$"},
}
_ABOUT = """\
Keeps a CRM's tasks and its users' Google Calendars in step, both ways.

Every call needs `Authorization: Bearer tdm_…`. Errors are problem documents (RFC 9457); `code` tells them apart, and
for 422 `errors` names every fault at once. Every answer has `X-Request-Id`."""


def document(resources: Iterable[Resource]) -> dict[str, object]:
    """The document as JSON."""
    operations = [operation for resource in resources for operation in resource.operations]
    spec = APISpec(
        title="Tandem",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": _ABOUT},
        security=[{"key": []}],
        servers=[{"url": "/"}],
    )
    spec.components.security_scheme("key", {"type": "http", "scheme": "bearer", "description": "A tenant's API key."})
    refs, schemas = _schemas(operations)
    for name, schema in sorted(schemas.items()):
        spec.components.schema(name, schema)
    paths: dict[str, dict[str, object]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _described(operation, refs, operations)
    for path, methods in paths.items():
        spec.path(path, operations=methods)
    return cast("dict[str, object]", spec.to_dict())


def refusals_of(operation: Operation) -> frozenset[int]:
    """Every status of a problem that this call can answer."""
    of_body = {400, 413} if operation.method in {"PUT", "PATCH", "POST"} else set()
    of_condition = {400, 412} if operation.conditional else set()
    return _ALWAYS | operation.refusals | of_body | of_condition


def _types(operations: Sequence[Operation]) -> list[Any]:
    found: dict[str, Any] = {str(kind): kind for kind in (Problem, RunStarted)}
    for operation in operations:
        for kind in (operation.documented, *operation.answers.values()):
            if kind is not None:
                found[str(kind)] = kind
    return list(found.values())


def _schemas(operations: Sequence[Operation]) -> tuple[dict[str, dict[str, object]], dict[str, dict[str, Any]]]:
    """Per type the reference to its schema, and all schemas by name."""
    types = _types(operations)
    refs, components = msgspec.json.schema_components(types, ref_template=_REF)
    named = {name: _typed(schema) for name, schema in components.items()}
    return {str(kind): ref for kind, ref in zip(types, refs, strict=True)}, cast("dict[str, dict[str, Any]]", named)


def _typed(schema: object) -> object:
    """The schema with its type beside every choice of texts, for readers that do not look at the texts themselves."""
    if isinstance(schema, list):
        return [_typed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    typed = {name: part if name == "default" else _typed(part) for name, part in schema.items()}
    if isinstance(choices := schema.get("enum"), list) and all(isinstance(choice, str) for choice in choices):
        return {"type": "string"} | typed
    return typed


def _described(
    operation: Operation, refs: dict[str, dict[str, object]], operations: Sequence[Operation]
) -> dict[str, object]:
    described: dict[str, object] = {
        "operationId": operation.name,
        "tags": [operation.resource.replace("_", " ")],
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation), *_query_parameters(operation), *_header_parameters(operation)],
        "responses": {
            **{
                str(status): _answer(status, kind, refs, links_of(operation, status, operations))
                for status, kind in operation.answers.items()
            },
            **{str(status): _refusal(status, refs) for status in sorted(refusals_of(operation))},
        },
    }
    if operation.documented is not None:
        media: dict[str, object] = {"schema": refs[str(operation.documented)]}
        if operation.example is not None:
            media["example"] = operation.example
        needed = any(field.required for field in msgspec.structs.fields(operation.documented))
        described["requestBody"] = {"required": needed, "content": {"application/json": media}}
    return described


def _path_parameters(operation: Operation) -> list[dict[str, object]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _IN_PATH.get(name, _OWN)}
        for name in operation.parameters
    ]


def _query_parameters(operation: Operation) -> list[dict[str, object]]:
    if operation.query is NoQuery:
        return []
    parameters: list[dict[str, object]] = []
    for field in msgspec.structs.fields(operation.query):
        (schema,), _ = msgspec.json.schema_components([field.type], ref_template=_REF)
        choices = cast("list[dict[str, object]]", schema.get("anyOf", [schema]))
        chosen = next(choice for choice in choices if choice.get("type") != "null")
        plain = dict(cast("dict[str, object]", _typed(chosen)))
        about = plain.pop("description", None) or schema.get("description")
        if field.default not in {msgspec.NODEFAULT, None}:
            plain["default"] = field.default
        parameter: dict[str, object] = {"name": field.encode_name, "in": "query", "required": False, "schema": plain}
        parameters.append(parameter | ({"description": about} if about else {}))
    return parameters


def _header_parameters(operation: Operation) -> list[dict[str, object]]:
    if not operation.conditional:
        return []
    about = 'The version that is to be changed, as in ETag (`"7"`), or `*` for any.'
    return [{"name": "If-Match", "in": "header", "required": False, "description": about, "schema": _VERSION_TAG}]


def _answer(
    status: int,
    kind: Any,  # noqa: ANN401 - any type
    refs: dict[str, dict[str, object]],
    links: dict[str, object],
) -> dict[str, object]:
    about = {200: "Done", 201: "Made", 202: "Begun: follow the run", 204: "Done; there is nothing to say"}[status]
    answer: dict[str, object] = {"description": about, "headers": _headers(etag=kind in {TaskAnswer, OccurrenceAnswer})}
    if kind is not None:
        answer["content"] = {"application/json": {"schema": refs[str(kind)]}}
    if links:
        answer["links"] = links
    return answer


def _refusal(status: int, refs: dict[str, dict[str, object]]) -> dict[str, object]:
    answer: dict[str, object] = {
        "description": TITLES[status],
        "headers": _headers(location=status == 308, retry=status in {429, 503}),
        "content": {PROBLEM_JSON: {"schema": refs[str(Problem)]}},
    }
    return answer


def _headers(*, etag: bool = False, location: bool = False, retry: bool = False) -> dict[str, object]:
    text, number = {"schema": {"type": "string"}}, {"schema": {"type": "integer"}}
    headers: dict[str, object] = {"X-Request-Id": text}
    if etag:
        headers["ETag"] = text
    if location:
        headers["Location"] = text
    if retry:
        headers["Retry-After"] = number
    return headers
