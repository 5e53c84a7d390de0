"""Terraform's tables say what the code says, both ways: functions, queues, schedules, indexes, what expires."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module

import msgspec
import pytest

import main
from infra.embedded.server import PREFIXES
from infra.exemptions import COLLECTIONS, END, EXPIRING, STAMP, out_of_indexes
from infra.indexes import BACKWARDS, INDEXES
from infra.queues import QUEUES, path_of
from infra.schedules import SCHEDULES
from infra.settings import CALLED
from shared.model.change import Change
from shared.model.connection import Connection, PushChannel, User, Watched
from shared.model.oauth import OAuthApp, Tokens
from shared.model.oauth_state import OAuthState
from shared.model.portal_session import PortalSession
from shared.model.run import Run, RunPage
from shared.model.task import Sync, Task
from shared.model.tenant import ApiKey, FeedPosition, Tenant
from shared.model.webhook import Delivery, Webhook
from tests.terraform.tables import ROOT, Tables, sources

KINDS: dict[str, type[msgspec.Struct]] = {
    "calendars": Watched, "changes": Change, "connections": Connection, "deliveries": Delivery, "feed": FeedPosition,
    "keys": ApiKey, "oauth_apps": OAuthApp, "oauth_states": OAuthState, "pages": RunPage,
    "portal_sessions": PortalSession, "runs": Run, "tasks": Task, "tenants": Tenant, "users": User, "webhook": Webhook,
}  # fmt: skip
"""What the documents of each collection hold."""

PLAIN = {"latest_runs", "sweeps"}
"""Collections of a few small documents: a position, a name."""

FEW = {
    "connections.scopes",
    "oauth_states.scopes",
    "tenants.frame_origins",
    "tenants.return_origins",
    "tasks.sync.keys",
}
"""Lists of a few words; the last one is asked for."""

NO_DOCUMENTS = {PushChannel, Tokens}
"""What has an end, but is part of a document that lives on, or is never stored."""


def test_every_function_is_deployed_and_nothing_else(tables: Tables) -> None:
    assert set(tables.functions) == set(main.FUNCTIONS)


def test_public_functions_are_reached_under_the_same_paths_as_on_one_machine(tables: Tables) -> None:
    public = {name: {*each.paths} for name, each in tables.functions.items() if each.public}
    local = {name: set(prefixes) for name, prefixes in PREFIXES.items() if name in main.FUNCTIONS}

    assert {name: {path.removesuffix("/*") for path in paths} for name, paths in public.items()} == local


def test_jobs_have_no_public_path(tables: Tables) -> None:
    assert [name for name, each in tables.functions.items() if not each.public and each.paths] == []


def test_queues_have_the_rates_and_retries_of_the_code(tables: Tables) -> None:
    assert {name: msgspec.to_builtins(rates) for name, rates in tables.queues.items()} == {
        name: {field: getattr(limits, field) for field in tables.queues[name].__struct_fields__}
        for name, limits in QUEUES.items()
    }


def test_retries_wait_as_long_as_on_one_machine(tables: Tables) -> None:
    doublings = int(re.findall(r"max_doublings = (\d+)", sources()["queues.tf"])[0])
    waits = {
        name: [min(rates.max_backoff_s, rates.min_backoff_s * 2.0 ** min(failure, doublings)) for failure in range(40)]
        for name, rates in tables.queues.items()
    }

    assert waits == {name: [limits.backoff_s(failure + 1) for failure in range(40)] for name, limits in QUEUES.items()}


def test_what_jobs_and_schedules_call_is_what_only_they_may_call(tables: Tables) -> None:
    called = {function for function, _ in jobs()} | {each.function for each in tables.schedules.values()}

    assert called == {name for name, each in tables.functions.items() if not each.public}


def test_every_deployed_function_has_an_address_in_the_settings(tables: Tables) -> None:
    assert set(CALLED) == set(tables.functions)


def test_schedules_call_what_the_code_calls_at_the_same_pace(tables: Tables) -> None:
    assert {name: (each.path, each.every_s) for name, each in tables.schedules.items()} == {
        each.name: (each.path, each.every_s) for each in SCHEDULES
    }


def test_a_schedule_goes_to_the_service_that_serves_its_path(tables: Tables) -> None:
    assert [
        name for name, each in tables.schedules.items() if each.path.partition("?")[0] != path_of(each.function)
    ] == []


def test_cron_can_say_the_pace_of_every_schedule(tables: Tables) -> None:
    odd = [
        name
        for name, each in tables.schedules.items()
        if each.every_s % 60 or (3600 % each.every_s if each.every_s < 3600 else 86_400 % each.every_s)
    ]

    assert odd == []


def test_a_function_may_take_as_long_as_its_queue_waits(tables: Tables) -> None:
    short = [
        (function, queue)
        for function, queue in jobs()
        if tables.functions[function].timeout_s < QUEUES[queue].deadline_s
    ]

    assert short == []


def test_a_function_may_run_as_often_at_once_as_its_queue_calls_it(tables: Tables) -> None:
    # What is enqueued by a schedule's function goes on one after another, so only a queue's own function counts.
    own = {"sync": "sync_task", "pull": "pull_calendar", "runs": "run_step", "deliver": "deliver_changes"}
    narrow = [
        queue
        for queue, function in own.items()
        if tables.functions[function].concurrency * tables.functions[function].max_instances < QUEUES[queue].concurrent
    ]

    assert own.keys() == QUEUES.keys()
    assert narrow == []


def test_indexes_are_those_that_the_code_declares(tables: Tables) -> None:
    deployed = [(each.collection, each.fields, each.group, each.array) for each in tables.indexes]

    assert sorted(deployed) == sorted((each.collection, each.fields, each.group, each.array) for each in INDEXES)


def test_what_is_asked_for_from_its_end_has_an_index_of_its_own(tables: Tables) -> None:
    assert tables.backwards == dict(BACKWARDS)
    assert set(tables.backwards.items()) == set(asked_backwards())


def test_no_automatic_index_is_missing_where_one_is_declared(tables: Tables) -> None:
    taken = {(name, field) for name, fields in tables.unindexed.items() for field in fields} | {
        *tables.expiring.items()
    }

    assert [each.name for each in INDEXES for field in each.fields if (each.collection, field) in taken] == []


def test_every_document_with_an_end_is_dropped_after_it(tables: Tables) -> None:
    ending = {kind for kind in stored_kinds() if "expires_at" in kind.__struct_fields__}

    assert ending - NO_DOCUMENTS == {KINDS[collection] for collection in EXPIRING}
    assert tables.expiring == dict.fromkeys(EXPIRING, END)


def test_what_is_kept_out_of_indexes_is_what_the_code_declares(tables: Tables) -> None:
    deployed = {(name, field) for name, fields in tables.unindexed.items() for field in fields}

    assert deployed | set(tables.expiring.items()) == set(out_of_indexes())


def test_every_collection_has_its_kind_of_document() -> None:
    assert {*KINDS, *PLAIN} == {*COLLECTIONS}


@pytest.mark.parametrize("collection", sorted(KINDS))
def test_nothing_in_a_document_that_grows_is_indexed_by_its_entries(tables: Tables, collection: str) -> None:
    growing = {*growing_in(KINDS[collection])} | (
        {f"sync.{name}" for name in growing_in(Sync)} if collection == "tasks" else set()
    )
    few = {name.partition(".")[2] for name in FEW if name.startswith(f"{collection}.")}

    assert growing - few - tables.unindexed[collection] == set()


def test_no_ciphertext_is_indexed(tables: Tables) -> None:
    assert {"access_token", "refresh_token"} <= tables.unindexed["connections"]


def test_every_index_is_one_that_some_query_names() -> None:
    asking = [text for text in texts() if "Query(" in text]
    unasked = [
        index.name
        for index in INDEXES
        if not any(
            all(f'"{field}"' in text for field in index.fields) and re.search(rf"\b{index.collection}\b", text)
            for text in asking
        )
    ]

    assert unasked == []


def test_what_is_kept_out_of_indexes_is_there(tables: Tables) -> None:
    unknown = [
        (collection, field)
        for collection, fields in tables.unindexed.items()
        for field in fields
        if field != STAMP
        and field.removeprefix("sync.")
        not in (Sync if field.startswith("sync.") else KINDS[collection]).__struct_fields__
    ]

    assert unknown == []


def stored_kinds() -> set[type[msgspec.Struct]]:
    """Every struct of the model."""
    modules = [import_module(f"shared.model.{file.stem}") for file in (ROOT / "shared/model").glob("[a-z]*.py")]
    return {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, msgspec.Struct) and kind.__module__ == module.__name__
    }


def growing_in(kind: type[msgspec.Struct]) -> Iterator[str]:
    """The fields that hold a map or a list, of any size."""
    for field in msgspec.structs.fields(kind):
        if any(sign in str(field.type) for sign in ("dict[", "tuple[", "content.Content")):
            yield field.encode_name


def texts() -> Iterator[str]:
    """Every module that could ask for documents."""
    for folder in ("shared", "infra/embedded"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            yield file.read_text("utf-8")


def calls(function: str) -> Iterator[ast.Call]:
    """Every call by this name under `shared`."""
    for file in sorted((ROOT / "shared").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
                yield node


def asked_backwards() -> Iterator[tuple[str, str]]:
    """Collection and field of every query whose order is descending."""
    for call in calls("Query"):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        words = [
            each.value
            for each in ast.walk(given.get("order", ast.Constant(value=None)))
            if isinstance(each, ast.Constant)
        ]
        backwards = [str(word)[1:] for word in words if str(word).startswith("-")]
        if backwards:
            yield last_name(given["collection"]), backwards[0]


def last_name(collection: ast.expr) -> str:
    """The last part of a collection's path, as it stands in the code."""
    words = [each.value for each in ast.walk(collection) if isinstance(each, ast.Constant)]
    return str(words[-1]).rpartition("/")[2]


def jobs() -> Iterator[tuple[str, str]]:
    """Function and queue of every kind of job."""
    for call in calls("Job"):
        given = {
            keyword.arg: ast.literal_eval(keyword.value)
            for keyword in call.keywords
            if keyword.arg in {"queue", "function"}
        }
        yield given["function"], given["queue"]
