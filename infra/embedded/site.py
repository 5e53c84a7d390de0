"""A running Tandem on one machine: port, functions, dispatcher, scheduler, started and stopped in the right order."""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from infra import wiring
from infra.embedded.dispatch import Dispatcher
from infra.embedded.local_http import LocalHttp
from infra.embedded.memory import share_one_arena
from infra.embedded.scheduler import Scheduler
from infra.embedded.server import Gateway, OnePort, framework_apps, nothing_else
from shared.usecases.connecting.renew_channels import ask_for_new_channels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType
    from wsgiref.types import WSGIApplication

    from infra.settings import Settings

STOP_S = 3.0
"""How long requests and jobs under way may take after the end was asked for; jobs cut off run again."""


class Site:
    """Everything one machine needs; a context manager.

    Args:
        settings: As from the environment; without a base URL the port's address is one.
        functions: Names in `source`.
        source: The `main.py` that has them.
        server: The port to answer on; closed at the end.
        otherwise: Answers the paths that are no function's.
        beside: More paths with their apps, also within a function's.

    Raises:
        DataFolderFault: The data folder cannot be used, or another server has it.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        functions: Sequence[str],
        source: Path,
        server: OnePort,
        otherwise: WSGIApplication = nothing_else,
        beside: Mapping[str, WSGIApplication] | None = None,
    ) -> None:
        self._functions = tuple(functions)
        self._source = source
        self._otherwise = otherwise
        self._beside = beside
        self._stack = ExitStack()
        self.server = server
        self.url = settings.base_url or self.server.url
        self.settings = dataclasses.replace(settings, base_url=self.url)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self.server.close)
            share_one_arena()
            wiring.configure(self.settings)
            stack.callback(wiring.close)
            embedded = wiring.embedded()
            before = stack.enter_context(embedded.folder.served(self.url))
            world = embedded.world
            if before not in {None, self.url}:
                ask_for_new_channels(world)
            apps = framework_apps(self._functions, source=self._source)
            self.server.start(Gateway(apps, otherwise=self._otherwise, beside=self._beside))
            stack.callback(self.server.stop, within_s=STOP_S)
            local = LocalHttp(self.server.port, embedded.job_tokens)
            self.dispatcher = Dispatcher(embedded.queue, local.send, clock=world.clock, log=world.log)
            self.dispatcher.start()
            stack.callback(self.dispatcher.stop, within_s=STOP_S)
            self.scheduler = Scheduler(
                local.call,
                clock=world.clock,
                log=world.log,
                tick_s=self.settings.tick_s,
                hourly=embedded.store.forget_expired,
            )
            self.scheduler.start()
            stack.callback(self.scheduler.stop, within_s=STOP_S)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, fault, trace)
