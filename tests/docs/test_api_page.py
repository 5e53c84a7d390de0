"""The map of the API is the API's: calls both ways, kinds of changes, fields of a task, and statuses."""

from __future__ import annotations

import re
from typing import get_args

import msgspec

from functions.api.app import RESOURCES
from functions.api.task_bodies import TaskBody
from functions.http import STATUSES
from shared.model.change import Kind
from tests.docs.pages import page, rows

PAGE = page("docs/api.md")
CALL = re.compile(r"`(GET|PUT|PATCH|POST|DELETE) (/\S+)`")


def _shape(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


def test_the_page_lists_exactly_the_calls_that_are_served() -> None:
    told = [(found[1], _shape(found[2])) for row in rows(PAGE, "call") if (found := CALL.fullmatch(row[0]))]
    served = [(call.method, _shape(call.path)) for resource in RESOURCES for call in resource.operations]

    assert len(told) == len(rows(PAGE, "call"))
    assert sorted(told) == sorted(served)


def test_every_call_that_any_page_names_is_served() -> None:
    served = {f"{call.method} {_shape(call.path)}" for resource in RESOURCES for call in resource.operations}
    named = {
        f"{method} {_shape(path)}"
        for name in ("README.md", "docs/integrator.md", "docs/operations.md", "docs/settings.md", "docs/decisions.md")
        for method, path in re.findall(r"`(GET|PUT|PATCH|POST|DELETE) (/v1[^`\s?]*)[^`]*`", page(name))
    }

    assert {_with_ids(call) for call in named} <= served


def _with_ids(call: str) -> str:
    return call.replace("/{id}", "/{}")


def test_every_kind_of_change_is_named() -> None:
    section = PAGE.partition("Kinds:")[2].partition("\n\n")[0]

    assert set(re.findall(r"`([a-z]+\.[a-z_]+)`", section)) == set(
        get_args(Kind.__value__ if hasattr(Kind, "__value__") else Kind)
    )


def test_every_field_that_a_task_takes_is_named() -> None:
    section = PAGE.partition("## A task")[2].partition("\n- ")[0]

    assert {field.encode_name for field in msgspec.structs.fields(TaskBody)} == set(
        re.findall(r"`([a-z_]+)`", section)
    ) - {"google_meet"}


def test_every_status_of_an_error_is_explained() -> None:
    told = {int(number) for row in rows(PAGE, "status") for number in row[0].split(", ")}

    assert told == set(STATUSES.values())
