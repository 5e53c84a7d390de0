"""From a request to a handler's answer: prove the key, read every part, name every fault at once, call.

No handler is reached without a proved key and checked values. Errors are raised here and become problems in `app.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

import msgspec
from flask import Response, g, request

from functions.api.operation import Answer, Call, NoBody, Operation
from functions.decoding import decode, parse_query
from functions.http import json_response, read_body
from shared.errors import Fault, Invalid, NotFound
from shared.sync.expansion import is_original_start
from shared.usecases.tenants import KnownKeys, authenticate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from shared.usecases.world import World

T = TypeVar("T")

OUTSIDE_ID = re.compile(r"[A-Za-z0-9._:@+-]{1,128}")
OWN_ID = re.compile(r"[0-9a-v]{26}")
CALENDAR_ID = re.compile(r"[^\x00-\x20\x7f]{1,1024}")

OUTSIDE_IDS = frozenset({"task_id", "user_id"})
"""Ids that the CRM chose: what is not one is a fault. Ids of ours that are not one are simply not found."""


def view_of(operation: Operation, world: World, known_keys: KnownKeys) -> Callable[..., Response]:
    """The Flask view that serves this operation."""

    def view(**path: str) -> Response:
        tenant = authenticate(world, request.headers.get("Authorization"), known_keys)
        g.tenant = tenant
        call = Call(
            world=world,
            known_keys=known_keys,
            tenant=tenant,
            now=world.clock.now(),
            request_id=g.request_id,
            if_match=request.headers.get("If-Match"),
        )
        return _response(operation.handler(call, **path, **_values(operation, path)))

    return view


def _values(operation: Operation, path: Mapping[str, str]) -> dict[str, object]:
    """Query and body as the handler takes them; the faults of path, query and body are told together."""
    faults: list[Fault] = _path_faults(path)
    given = request.args.to_dict(flat=False)
    values: dict[str, object] = {}
    query = _gathered(lambda: parse_query(given, operation.query), faults)
    if operation.query.__struct_fields__:
        values["query"] = query
    if operation.method not in {"GET", "DELETE"}:
        body = read_body(request, operation.limit)
        kind = operation.body or NoBody
        if body or any(field.required for field in msgspec.structs.fields(kind)):
            decoded: object = _gathered(lambda: decode(body, kind), faults)
        else:
            decoded = kind()
        if operation.body is not None:
            values["body"] = decoded
    if faults:
        raise Invalid(faults)
    return values


def _gathered(read: Callable[[], T], faults: list[Fault]) -> T | None:
    try:
        return read()
    except Invalid as invalid:
        faults.extend(invalid.faults)
        return None


def _path_faults(path: Mapping[str, str]) -> list[Fault]:
    faults: list[Fault] = []
    for name, value in path.items():
        if name in OUTSIDE_IDS:
            if not OUTSIDE_ID.fullmatch(value):
                faults.append(Fault(name, "must be 1 to 128 of A-Z a-z 0-9 . _ : @ + -"))
        elif name == "original_start":
            if not is_original_start(value):
                faults.append(Fault(name, "must be a day as 2026-12-01, or an instant as 20261201T090000Z"))
        elif not (CALENDAR_ID if name == "calendar_id" else OWN_ID).fullmatch(value):
            raise NotFound
    return faults


def _response(answer: Answer) -> Response:
    if answer.value is None:
        response = Response(status=answer.status)
        response.headers.extend(dict(answer.headers))
        del response.headers["Content-Type"]
        return response
    return json_response(answer.value, answer.status, answer.headers)
