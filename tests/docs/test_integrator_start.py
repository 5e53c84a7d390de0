"""The integrator's ten minutes, command by command, on a real server with the simulated Google beside it."""

from __future__ import annotations

import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from infra.simulator.server import RunningSimulator
from tests.bootstrap import require
from tests.docs.answers import differences, printed_differences
from tests.docs.pages import ROOT, Block, blocks, page
from tests.docs.shell import Shell
from tests.scenarios.stage import Server, eventually

NAME = "docs/integrator.md"
LOOKS = re.compile(r"call GET |cat |[A-Z]+=\$\(|print\(")
"""Every line of a block that only looks: such a block is run again until it shows what the page shows."""


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture
def server(simulator: RunningSimulator, tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "data", simulator.addresses)
    yield running
    running.stop()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder in which the page's commands find what a clone has."""
    folder = tmp_path / "clone"
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / "main.py").symlink_to(ROOT / "main.py")
    python = folder / ".venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return folder


def test_the_integrators_ten_minutes_run_as_written(server: Server, simulator: RunningSimulator, clone: Path) -> None:
    require(shutil.which("curl"), "install curl: the page is written for it")
    variables = {
        "TANDEM": server.url,
        "GOOGLE": simulator.url,
        "TANDEM_DATA": str(server.folder),
        "PORT": str(_free_port()),
    }
    directives: dict[str, Callable[[Shell, Block], None]] = {
        "where": lambda _shell, block: _sets_only(block, set(variables)),
        "consent": lambda shell, _block: _consent(shell, simulator, "ben@example.com"),
        "file receiver.py": lambda _shell, block: _written(clone / "receiver.py", block),
    }

    with Shell(clone, variables) as shell:
        _follow(list(blocks(page(NAME))), shell, directives)


def test_an_answer_that_a_page_shows_wrongly_is_seen() -> None:
    got = {"title": "Call", "version": 2, "data": [{"kind": "a"}, {"kind": "b"}]}

    assert differences({"title": "C…", "data": [{"kind": "b"}]}, got) == []
    assert differences({"title": "Mail"}, got)
    assert differences({"version": 3}, got)
    assert differences({"absent": None}, got)
    assert differences({"data": [{"kind": "b"}, {"kind": "a"}]}, got)
    assert differences({"data": []}, got)


def _follow(all_blocks: list[Block], shell: Shell, directives: dict[str, Callable[[Shell, Block], None]]) -> None:
    compared = 0
    for block, after in zip(all_blocks, [*all_blocks[1:], None], strict=True):
        if block.directive is not None:
            directives.pop(block.directive)(shell, block)
        elif block.kind == "sh":
            expected = after if after is not None and after.kind in {"json", "text"} else None
            _run(block, expected, shell)
            compared += expected is not None
    assert not directives, f"the page no longer has {sorted(directives)}"
    assert compared >= 25, "the page shows fewer answers than it did"


def _run(block: Block, expected: Block | None, shell: Shell) -> None:
    if expected is None:
        shell.run(block.text)
        return
    shown = expected
    last: list[str] = []

    def as_shown() -> bool:
        last[:] = printed_differences(shown.kind, shown.text, shell.run(block.text))
        return not last

    if all(LOOKS.match(line) for line in block.text.splitlines()):
        try:
            eventually(as_shown)
        except AssertionError as late:
            raise AssertionError(f"{NAME}:{block.line}: {last}") from late
    else:
        assert as_shown(), f"{NAME}:{block.line}: {last}"


def _sets_only(block: Block, names: set[str]) -> None:
    """The page's own values for what this test chooses itself."""
    assert set(re.findall(r"^export (\w+)=", block.text, re.MULTILINE)) == names


def _written(path: Path, block: Block) -> None:
    path.write_text(block.text, encoding="utf-8")


def _consent(shell: Shell, simulator: RunningSimulator, account: str) -> None:
    """Open the link, choose the account, allow everything."""
    browser = requests.Session()
    asked = browser.get(shell.run('echo "$LINK"').strip(), allow_redirects=False, timeout=10)
    with simulator.desk.doing() as google:
        back = google.consent(dict(parse_qsl(urlsplit(asked.headers["Location"]).query)), account)
    assert "connected" in browser.get(back, timeout=10).text


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
