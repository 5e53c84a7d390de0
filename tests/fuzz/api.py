"""The API as a state machine: calls that follow one another by the links of its own document, every check on each.

Start at `workflow`. `make fuzz` runs it for as long as one likes; `test_api.py` for a few examples.
"""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from unittest.mock import patch

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis.specs.openapi import stateful

from functions.api.app import create_app
from shared.errors import GoogleUnavailable
from tests.functions.api.stage import connected, stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from schemathesis import Case
    from schemathesis.core.transport import Response

REFUSED_THOUGH_SHAPED = ["2xx", "3xx", "401", "404", "409", "410", "412", "413", "422", "503"]
"""A schema cannot say which cursors, names and times go together, so what fits may still be refused."""
STEPS = 10


class Away:
    """Google, while it does not answer."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def asked(*_: object, **__: object) -> NoReturn:
            raise GoogleUnavailable(f"Google did not answer {name}", after_s=1.0)

        return asked


class Fresh:
    """The API as a WSGI app, over another store whenever it is asked to begin."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, 0
        self.begin()

    def begin(self) -> None:
        """One tenant with one connection, and nothing of before."""
        self._number += 1
        folder = self._folder / str(self._number)
        folder.mkdir()
        here = stage(folder)
        crm = here.caller()
        connected(here, crm)
        away: Any = Away()
        self._app = create_app(dataclasses.replace(here.world, google=away, oauth=away, clients=away))
        self.key = crm.key

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._app(environ, start_response)


def workflow(folder: Path) -> tuple[Any, Counter[tuple[str, int]]]:
    """The state machine over an API, and what it has been answered so far.

    Args:
        folder: For the stores.
    """
    fresh = Fresh(folder)
    schema = schemathesis.openapi.from_wsgi("/openapi.json", fresh)
    schema.config.checks.not_a_server_error.expected_statuses = ["2xx", "3xx", "4xx", "503"]  # Google is away
    schema.config.checks.positive_data_acceptance.expected_statuses = REFUSED_THOUGH_SHAPED
    schema.config.checks.negative_data_rejection.expected_statuses = [
        "400",
        "401",
        "404",
        "405",
        "409",
        "412",
        "413",
        "422",
    ]
    answered: Counter[tuple[str, int]] = Counter()

    @schema.auth(refresh_interval=None)
    class Key:
        """The tenant of the moment has its own, unless a check leaves it out."""

        def get(self, case: Case[Any], context: object) -> str:
            return fresh.key

        def set(self, case: Case[Any], data: str, context: object) -> None:
            case.headers["Authorization"] = f"Bearer {data}"

    with patch.object(stateful, "is_likely_root_transition", _begins):
        machine = schema.as_state_machine()

    class Workflow(machine):  # type: ignore[misc, valid-type]
        """Begins each sequence with an empty store, and counts what is answered."""

        def setup(self) -> None:
            fresh.begin()

        def after_call(self, response: Response, case: Case[Any]) -> None:
            answered[case.operation.label, response.status_code] += 1

    return Workflow, answered


def _begins(operation: Any, *_: object) -> bool:
    """A sequence may begin with what needs no name of ours: schemathesis would leave out PUT, and what names a user."""
    return not operation.path_parameters or operation.label == "PUT /v1/tasks/{task_id}"


def run(machine: Any, *, examples: int, by_chance: bool = False) -> None:
    """So many sequences; the same ones each time, unless they are to come by chance.

    Raises:
        FailureGroup: An answer that is documented otherwise, or no answer.
    """
    machine.run(
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=not by_chance,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
    )


def run_for(folder: Path, seconds: float) -> Counter[tuple[str, int]]:
    """What was answered to sequences by chance until the time was over.

    Raises:
        FailureGroup: As `run`.
    """
    until, total = time.monotonic() + seconds, Counter[tuple[str, int]]()
    while time.monotonic() < until:
        with tempfile.TemporaryDirectory(dir=folder) as inner:
            machine, answered = workflow(Path(inner))
            # schemathesis draws values from earlier answers too, so the same choices may lead elsewhere: begin again
            with suppress(FlakyStrategyDefinition):
                run(machine, examples=100, by_chance=True)
            total += answered
    return total
