"""What many threads allocated and gave back does not stay with the process."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

THREADS = """
import sys, threading
from pathlib import Path
from infra.embedded.memory import share_one_arena
if sys.argv[1] == "shared":
    share_one_arena()
rounds = threading.Barrier(24)
def work():
    rounds.wait()
    kept = [bytes(400) for _ in range(20_000)]
    rounds.wait()
threads = [threading.Thread(target=work) for _ in range(24)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(Path("/proc/self/maps").read_text().count("---p"))
"""


def reserved(how: str) -> int:
    """How many reserved stretches are in the map of a process; each arena brings one."""
    done = subprocess.run([sys.executable, "-c", THREADS, how], check=True, capture_output=True, text=True)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps an arena for each thread")
def test_threads_share_one_arena() -> None:
    assert reserved("shared") < reserved("each its own")
