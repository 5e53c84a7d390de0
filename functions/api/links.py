"""How an answer leads on to other calls: what it names, and every call that takes that name (OpenAPI's links)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.api.operation import RunStarted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from functions.api.operation import Operation

NAMED = {
    "create": ("connection_id", "$response.body#/id"),
    "put_task": ("task_id", "$response.body#/id"),
    "make_key": ("key_id", "$response.body#/id"),
    "create_app_of_tenant": ("oauth_app_id", "$response.body#/id"),
}
"""By operation: the parameter that its answer fills, and where the answer has it."""


def links_of(operation: Operation, status: int, operations: Sequence[Operation]) -> dict[str, object]:
    """The links of this answer, by the operation they lead to; empty when it names nothing new.

    Source: https://spec.openapis.org/oas/v3.1.0#link-object
    """
    named = ("run_id", "$response.body#/run_id") if operation.answers[status] is RunStarted else None
    named = named or NAMED.get(operation.name)
    if named is None:
        return {}
    name, where = named
    return {
        target.name: {"operationId": target.name, "parameters": {name: where}}
        for target in operations
        if name in target.parameters and target is not operation
    }
