"""Commands whose failures are told with their remedy, and end with exit status 1."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec

import click

from infra import wiring
from infra.embedded.database import WrongFile
from infra.embedded.folder import DataFolderFault
from infra.embedded.server import PortTaken
from infra.settings_reading import SettingsFault
from shared.errors import TandemError

if TYPE_CHECKING:
    from collections.abc import Callable

Given = ParamSpec("Given")


def explained(command: Callable[Given, None]) -> Callable[Given, None]:
    """The command, with what a person can mend told without a traceback."""

    @functools.wraps(command)
    def told(*given: Given.args, **named: Given.kwargs) -> None:
        try:
            command(*given, **named)
        except SettingsFault as fault:
            raise click.ClickException("these settings cannot be used:\n  " + "\n  ".join(fault.faults)) from fault
        except (DataFolderFault, PortTaken, WrongFile, TandemError) as fault:
            raise click.ClickException(str(fault)) from fault
        finally:
            wiring.close()

    return told
