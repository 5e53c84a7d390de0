"""One call of the API as a value: where it is, what it takes and answers. Routes and OpenAPI are made of these.

A resource's file declares its calls with `Resource.call`; body and query types are read from the handler's own
signature, so what is validated is what is documented. Nothing here handles a request: that is `pipeline.py`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeAlias, TypeVar, get_type_hints

import msgspec
from msgspec import Meta

from functions.http import MIB

if TYPE_CHECKING:
    from shared.model.ids import TenantId
    from shared.usecases.tenants import KnownKeys
    from shared.usecases.world import World

T = TypeVar("T")
Method: TypeAlias = Literal["GET", "PUT", "PATCH", "POST", "DELETE"]
Limit = Annotated[int, Meta(ge=1, le=500, description="how many at most")]
Cursor = Annotated[str, Meta(max_length=2048, description="next_cursor of the page before, with the same filters")]


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list; `next_cursor` is null on the last one."""

    data: tuple[T, ...]
    next_cursor: str | None


class NoQuery(msgspec.Struct, frozen=True, kw_only=True):
    """No parameters."""


class NoBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No body, or an empty object."""


class PageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page begins and how long it is."""

    cursor: Cursor | None = None
    limit: Limit = 100


class RunStarted(msgspec.Struct, frozen=True, kw_only=True):
    """Long work has begun; read on at `GET /v1/runs/{run_id}`."""

    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who calls, when, and with what beside path, query and body."""

    world: World
    known_keys: KnownKeys
    tenant: TenantId
    now: datetime
    request_id: str
    if_match: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered when all went well; without a value the body is empty."""

    value: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler: TypeAlias = Callable[..., Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call.

    Args:
        path: With names in braces, as OpenAPI writes it.
        name: Unique; the handler's name.
        summary: What is true afterwards: the first line of the handler's docstring.
        body: None: it takes none.
        answers: Per status the type of the body; None: empty.
        refusals: Statuses of problems beside those that every call has.
        limit: Bytes of a body at most.
        example: A body that works.
    """

    method: Method
    path: str
    name: str
    resource: str
    summary: str
    handler: Handler
    body: type[msgspec.Struct] | None
    query: type[msgspec.Struct]
    answers: Mapping[int, Any]
    refusals: frozenset[int]
    limit: int = MIB
    conditional: bool = False
    documented: type[msgspec.Struct] | None = None
    example: object = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names in the path, in order."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return re.sub(r"{(\w+)}", r"<\1>", self.path)


class Resource:
    """The calls of one resource, in the order of the contract."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: list[Operation] = []

    def call(
        self,
        route: str,
        *,
        answers: Mapping[int, Any],
        refusals: tuple[int, ...] = (),
        limit: int = MIB,
        conditional: bool = False,
        documented: type[msgspec.Struct] | None = None,
        example: object = None,
    ) -> Callable[[Handler], Handler]:
        """Declare the function below as the handler of `"METHOD /path"`.

        Its parameters say what it takes: `call`, the names in the path, and `query` and `body` with their types.

        Args:
            conditional: It heeds `If-Match`.
            documented: The body as callers should see it, where the handler reads it in parts.
        """
        method, path = route.split(" ")

        def declare(handler: Handler) -> Handler:
            kinds = get_type_hints(handler)
            operation = Operation(
                method=method,  # type: ignore[arg-type]
                path=path,
                name=handler.__name__,
                resource=self.name,
                summary=(inspect.getdoc(handler) or "").partition("\n")[0],
                handler=handler,
                body=kinds.get("body"),
                query=kinds.get("query", NoQuery),
                answers=answers,
                refusals=frozenset(refusals),
                limit=limit,
                conditional=conditional,
                documented=documented or kinds.get("body"),
                example=example,
            )
            self.operations.append(operation)
            return handler

        return declare
