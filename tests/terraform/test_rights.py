"""Each function may do what the code it imports can do, and no more: found on the syntax trees, never by importing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import main
from tests.terraform.tables import ROOT, Tables

GROWING = {"portal": "its pages come to do what the API does"}
"""Functions that may already do more than their code does, and why."""

TELLS_THE_CRM = "shared.usecases.changes"
"""Who commits a change has a delivery enqueued, by the store it is given."""


def test_every_function_may_enqueue_where_its_code_does(tables: Tables) -> None:
    missing = {
        name: needed
        for name, each in tables.functions.items()
        if (needed := queues_of(main.FUNCTIONS[name]) - each.enqueues)
    }

    assert missing == {}


def test_no_function_may_enqueue_where_its_code_never_does(tables: Tables) -> None:
    needless = {
        name: more
        for name, each in tables.functions.items()
        if name not in GROWING and (more := each.enqueues - queues_of(main.FUNCTIONS[name]))
    }

    assert needless == {}


def test_who_speaks_to_google_may_open_the_clients_secrets_and_nobody_else(tables: Tables) -> None:
    speaking = {
        name for name, module in main.FUNCTIONS.items() if "shared.usecases.connecting.oauth_clients" in reached(module)
    } | GROWING.keys()

    assert {name for name, each in tables.functions.items() if each.google} == speaking


def test_who_uses_the_operators_client_may_open_its_secret_and_nobody_else(tables: Tables) -> None:
    using = {
        name
        for name, module in main.FUNCTIONS.items()
        if any("world.clients.client()" in source(each) for each in reached(module))
    } | GROWING.keys()

    assert {name for name, each in tables.functions.items() if each.client} == using


def test_who_keeps_tenants_secrets_may_and_nobody_else(tables: Tables) -> None:
    keeping = {
        name
        for name, module in main.FUNCTIONS.items()
        if any(".secrets.keep(" in source(each) for each in reached(module))
    }

    assert {name for name, each in tables.functions.items() if each.secrets} == keeping


def test_only_what_touches_no_document_has_no_store(tables: Tables) -> None:
    touching = {
        name
        for name, module in main.FUNCTIONS.items()
        if any("world.store." in source(each) for each in reached(module))
    }

    assert {name for name, each in tables.functions.items() if each.store} == touching


@pytest.mark.parametrize(
    ("module", "queues"),
    [("functions.calendar_webhook", {"pull"}), ("functions.deliver_changes", {"deliver"})],
)
def test_the_code_of_a_small_function_is_not_taken_for_more(module: str, queues: set[str]) -> None:
    assert queues_of(module) == queues


def queues_of(module: str) -> set[str]:
    """The queues that jobs of this module, and of what it imports, go to."""
    modules = reached(module)
    makers = {name: queue for each in sorted(all_modules()) for name, queue in makers_in(each)}
    made = {makers[name] for each in modules for name in called_in(each) if name in makers}
    return made | ({"deliver"} if TELLS_THE_CRM in modules else set())


@cache
def makers_in(module: str) -> tuple[tuple[str, str], ...]:
    """The functions that make jobs, and the queue of these."""
    return tuple(
        (made.name, keyword.value.value)
        for made in ast.walk(tree(module))
        if isinstance(made, ast.FunctionDef)
        for call in ast.walk(made)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Job"
        for keyword in call.keywords
        if keyword.arg == "queue" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    )


@cache
def called_in(module: str) -> frozenset[str]:
    """The names that are called."""
    return frozenset(
        node.func.id
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )


@cache
def reached(module: str) -> frozenset[str]:
    """The module and whatever of ours it imports, by whatever way; imports for types do not count."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting += imported_in(each)
    return frozenset(seen)


@cache
def imported_in(module: str) -> tuple[str, ...]:
    """Modules of `functions` and `shared` that this one imports when it runs."""
    for_types = {
        id(inner)
        for node in ast.walk(tree(module))
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    named = [
        name
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in for_types
        for name in [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    ]
    return tuple(sorted(all_modules() & {*named}))


@cache
def all_modules() -> frozenset[str]:
    """Every module of `functions` and `shared`."""
    return frozenset(names())


def names() -> Iterator[str]:
    """Their dotted names."""
    for folder in ("functions", "shared"):
        for file in (ROOT / folder).rglob("*.py"):
            yield ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def source(module: str) -> str:
    """The text of a module."""
    path = ROOT / Path(*module.split("."))
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text("utf-8")


@cache
def tree(module: str) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(source(module))
