"""Imports point one way: functions to infra.wiring and shared, infra to shared, shared to nothing that acts.

Proved on the syntax trees of every source file, never by importing one. Start at `faults`; the last tests feed it small
sources that it must refuse, so that a guard which lets everything through is noticed.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = frozenset({"functions", "infra", "main", "shared", "tests"})

PURE_LIBRARIES = frozenset(
    {
        "dateutil",  # RRULE and zones
        "msgspec",  # the model library
        "nh3",  # HTML cleaning
    }
)

IMPURE_MODULES = frozenset({
    "asyncio", "ctypes", "fcntl", "glob", "http.client", "http.server", "importlib", "io", "multiprocessing", "os",
    "pathlib", "pickle", "random", "secrets", "select", "shelve", "shutil", "signal", "smtplib", "socket",
    "socketserver", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib.request",
})  # fmt: skip
"""Standard modules that act on the world or read it: under `shared` that comes in through ports."""

IMPURE_NAMES = frozenset({
    "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow",
    "uuid.getnode", "uuid.uuid1", "uuid.uuid4",
})  # fmt: skip
IMPURE_BUILTINS = frozenset({"__import__", "breakpoint", "eval", "exec", "input", "open", "print"})

BEHIND_PORTS = frozenset({"google", "google_auth_oauthlib", "googleapiclient", "httplib2", "requests", "sqlite3"})
"""What only adapters may speak to; functions get it from the wiring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One name that a file imports, reads or calls, by its full dotted origin."""

    name: str
    line: int
    imported: bool


def uses(tree: ast.Module, module: str, *, is_package: bool) -> Iterator[Use]:
    """Every import (also relative, inside a function or by `import_module`) and every dotted name, resolved."""
    origins: dict[str, str] = {}
    nodes = list(ast.walk(tree))
    for node in nodes:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    first = alias.name if alias.asname else alias.name.partition(".")[0]
                    origins[alias.asname or first] = first
                    yield Use(name=alias.name, line=node.lineno, imported=True)
            case ast.ImportFrom(module=origin, names=names, level=level):
                parents = module.split(".") if is_package else module.split(".")[:-1]
                base = [*parents[: len(parents) - level + 1], *filter(None, [origin])] if level else [origin or ""]
                for alias in names:
                    full = ".".join([*base, alias.name])
                    origins[alias.asname or alias.name] = full
                    yield Use(name=full, line=node.lineno, imported=True)
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield Use(name=name, line=node.lineno, imported=True)
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute) and (dotted := _dotted(node)):
            head, *rest = dotted.split(".")
            if head in origins:
                yield Use(name=".".join([origins[head], *rest]), line=node.lineno, imported=False)
            elif isinstance(node, ast.Name):
                yield Use(name=f"builtins.{head}", line=node.lineno, imported=False)


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr) if inner := _dotted(value):
            return f"{inner}.{attr}"
    return ""


def under(name: str, *prefixes: str) -> bool:
    """Whether a dotted name is one of these or lies below one."""
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def reason_against(module: str, use: Use) -> str | None:
    """Why this module may not use this name, or None."""
    if not use.imported:
        impure = under(use.name, *IMPURE_NAMES) or use.name in {f"builtins.{name}" for name in IMPURE_BUILTINS}
        return "shared gets time, ids and I/O through ports" if under(module, "shared") and impure else None
    top = use.name.partition(".")[0]
    if not under(module, "tests", "main") and top in {"main", "tests"}:
        return "only tests import tests, and nothing imports main"
    if under(use.name, "infra.simulator") and not under(
        module, "infra.simulator", "infra.embedded", "infra.cli", "main", "tests"
    ):
        return "only the embedded runtime and the command line may know the simulator"
    if under(use.name, "infra.embedded") and not under(
        module, "infra.embedded", "infra.wiring", "infra.cli", "main", "tests"
    ):
        return "only the wiring may choose the embedded runtime"
    if under(module, "infra.simulator") and top in OURS and not under(use.name, "infra.simulator"):
        return "the simulator shares nothing with what is tested against it"
    match module.partition(".")[0]:
        case "functions" if top == "infra" and not under(use.name, "infra.wiring"):
            return "functions see infra only through infra.wiring"
        case "functions" if top in BEHIND_PORTS:
            return "functions reach the world only through ports"
        case "infra" if top == "functions":
            return "infra does not know who calls it"
        case "shared" if top in {"functions", "infra"}:
            return "shared does not know who calls it"
        case "shared" if under(use.name, *IMPURE_MODULES, *IMPURE_NAMES):
            return "shared gets time, ids and I/O through ports"
        case "shared" if top not in {"shared", *sys.stdlib_module_names, *PURE_LIBRARIES}:
            return "shared uses the standard library and the pure libraries on the list, nothing else"
    return None


def faults(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """What one source file does against the rules, one line each; empty when it keeps them."""
    found = ((use, reason_against(module, use)) for use in uses(ast.parse(source), module, is_package=is_package))
    return sorted({f"{module}:{use.line} {use.name}: {reason}" for use, reason in found if reason})


def source_files() -> list[Path]:
    """Every Python file of the project, tests included; nothing from hidden folders."""
    folders = (ROOT / name for name in sorted(OURS - {"main"}))
    return [*ROOT.glob("*.py"), *(path for folder in folders for path in sorted(folder.rglob("*.py")))]


def test_every_source_file_keeps_the_import_rules() -> None:
    found: list[str] = []
    for path in source_files():
        parts = path.relative_to(ROOT).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if is_package else parts)
        found += faults(path.read_text("utf-8"), module, is_package=is_package)

    assert found == []


def test_all_packages_are_looked_at() -> None:
    looked_at = {path.relative_to(ROOT).parts[0] for path in source_files()}

    assert looked_at >= {"functions", "infra", "shared", "tests"}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("shared.sync.decide", "import google.auth"),
        ("shared.sync.decide", "from flask import request"),
        ("shared.sync.decide", "import sqlite3"),
        ("shared.sync.decide", "import requests"),
        ("shared.sync.decide", "from infra.wiring import build"),
        ("shared.sync.decide", "from functions import http"),
        ("shared.sync.decide", "import os\nos.environ['A']"),
        ("shared.sync.decide", "from os import environ"),
        ("shared.sync.decide", "import random"),
        ("shared.sync.decide", "from time import time"),
        ("shared.sync.decide", "def f():\n    import threading"),
        ("shared.sync.decide", "from uuid import uuid4"),
        ("shared.sync.decide", "import uuid\nuuid.uuid4()"),
        ("shared.sync.decide", "import uuid as ids\nids.uuid1()"),
        ("shared.sync.decide", "from datetime import datetime\ndatetime.now()"),
        ("shared.sync.decide", "import datetime as dt\ndt.datetime.utcnow()"),
        ("shared.sync.decide", "from datetime import date\ndate.today()"),
        ("shared.sync.decide", "from datetime import UTC, datetime\nstamp = datetime.now"),
        ("shared.sync.decide", "from urllib import request"),
        ("shared.sync.decide", "open('x')"),
        ("functions.oauth", "from infra import settings"),
        ("functions.oauth", "from infra.google.calendar import Calendar"),
        ("functions.oauth", "import infra.gcp.firestore"),
        ("functions.oauth", "from google.cloud import firestore"),
        ("functions.api.tasks", "from ...infra.embedded import store"),
        ("infra.gcp.firestore", "from functions.http import answer"),
        ("infra.gcp.firestore", "from infra.embedded.store import SqliteStore"),
        ("infra.gcp.firestore", "from ..embedded import store"),
        ("infra.wiring", "from infra.simulator.state import Calendar"),
        ("infra.wiring", "import importlib\nimportlib.import_module('infra.simulator')"),
        ("infra.simulator.state", "from shared.model import task"),
        ("infra.simulator.state", "from infra.google import calendar"),
        ("infra.settings", "from tests.conftest import anything"),
        ("functions.oauth", "import main"),
    ],
)
def test_a_forbidden_use_is_refused(module: str, source: str) -> None:
    found = faults(source, module)

    assert found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("shared.sync.decide", "import re\nfrom datetime import datetime, time, UTC\ndatetime(2026, 1, 1, tzinfo=UTC)"),
        (
            "shared.sync.decide",
            "import msgspec\nfrom dateutil import rrule\nimport nh3\nfrom shared.ports import Store",
        ),
        ("shared.sync.decide", "import uuid\nuuid.UUID(int=1)"),
        ("shared.sync.decide", "from urllib.parse import urlsplit\nfrom .mapping import fields"),
        (
            "functions.oauth",
            "import flask\nfrom infra.wiring import wiring\nfrom infra import wiring\nimport shared.errors",
        ),
        ("infra.gcp.firestore", "import os\nfrom google.cloud import firestore\nfrom shared.ports import Store"),
        ("infra.wiring", "from infra.embedded.store import SqliteStore"),
        ("infra.embedded.server", "from infra.simulator.app import app"),
        ("main", "from infra.simulator import app\nimport functions.oauth"),
    ],
)
def test_a_permitted_use_is_let_through(module: str, source: str) -> None:
    found = faults(source, module)

    assert found == []
