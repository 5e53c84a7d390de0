"""The operator's page names every variable with its default, every schedule, every file, and commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from infra import settings
from infra.embedded.cli import command_line
from infra.embedded.folder import DataFolder
from infra.schedules import SCHEDULES
from infra.settings_reading import Reading
from tests.docs.pages import PAGES, ROOT, page, rows

PAGE = page("docs/operations.md")
COMMAND = re.compile(r"main\.py ((?:[a-z]+ ?)+)")
TARGET = re.compile(r"(?:^\$ |`)make ([a-z]+)", re.MULTILINE)


def _code(cell: str) -> str:
    return cell.removeprefix("`").removesuffix("`")


def _variables() -> set[str]:
    """Every name that is asked for when settings are read."""
    reading = Reading({})
    settings._read(reading)
    return set(reading._read)


def _default(name: str) -> str:
    value = getattr(settings.Settings(), name.removeprefix("TANDEM_").lower())
    return f"{value:g}" if isinstance(value, float) else str(value) if value else "none"


def test_every_variable_is_named_and_no_other() -> None:
    told = [_code(row[0]) for row in rows(PAGE, "variable")]

    assert sorted(told) == sorted(_variables())


def test_every_default_is_the_one_in_force() -> None:
    told = {_code(row[0]): _code(row[1]) for row in rows(PAGE, "variable")}

    assert told == {name: _default(name) for name in told}


def test_every_schedule_is_named_with_its_time() -> None:
    told = {_code(row[0]): row[1] for row in rows(PAGE, "name")}

    assert told == {schedule.name: f"{schedule.every_s} s" for schedule in SCHEDULES}


def test_every_file_of_the_data_folder_is_named(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    told = {_code(row[0]) for row in rows(PAGE, "file")}

    assert {path.name for path in (folder.store, folder.queue, folder.keys.path, folder._lock)} == told


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_page_names_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))

    assert [said for said in COMMAND.findall(text) if not _is_command(said.split())] == []
    assert set(TARGET.findall(text)) <= targets


def _is_command(words: list[str]) -> bool:
    command: click.Command | None = command_line((), source=ROOT / "main.py", version="0")
    for word in words:
        if not isinstance(command, click.Group):
            return True
        command = command.commands.get(word)
    return command is not None
