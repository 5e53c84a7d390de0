"""One bash that runs a page's blocks one after another, as a reader does. Start at `Shell.run`."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

PATIENCE_S = 60.0


class Shell:
    """A bash that ends at the first command that fails; a context manager, and what it left running ends with it.

    Args:
        folder: Where it starts.
        variables: On top of this process's own.
    """

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self._faults = (folder / "stderr.txt").open("w+", encoding="utf-8")
        self._bash = subprocess.Popen(
            ["bash", "-euo", "pipefail"],
            cwd=folder,
            env={**os.environ, **variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._faults,
            text=True,
            start_new_session=True,
        )

    def run(self, commands: str) -> str:
        """What the commands printed.

        Raises:
            AssertionError: One of them failed, or they did not end.
        """
        stdin, stdout = self._bash.stdin, self._bash.stdout
        if stdin is None or stdout is None:
            raise AssertionError("bash was started without pipes")
        end = f"end-{secrets.token_hex(8)}"
        overdue = threading.Timer(PATIENCE_S, self._bash.kill)
        overdue.start()
        printed: list[str] = []
        try:
            stdin.write(f"{commands}\nprintf '\\n%s\\n' {end}\n")
            stdin.flush()
            for line in stdout:
                if line.rstrip("\n") == end:
                    return "".join(printed)
                printed.append(line)
        except BrokenPipeError:
            printed.append("(it had ended before)")
        finally:
            overdue.cancel()
        self._faults.seek(0)
        raise AssertionError(f"bash ended in:\n{commands}\nprinted:\n{''.join(printed)}\n{self._faults.read()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.wait()
        for pipe in (self._bash.stdin, self._bash.stdout):
            if pipe is not None:
                pipe.close()
        self._faults.close()
