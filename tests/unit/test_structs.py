"""Struct classes under many threads. Each try is a process of its own: what could go wrong ends the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRST_USE = """
import sys, threading
sys.setswitchinterval(1e-6)
import msgspec
import main
main.sync_task
from shared.model.task import Task
meet = threading.Barrier(8)
done = []
def use():
    meet.wait()
    for _ in range(20):
        done.append(msgspec.convert({"id": "t", "content": {"title": "a"}, "sync": {"state": "synced"}}, Task))
threads = [threading.Thread(target=use) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(done))
"""


@pytest.mark.parametrize("attempt", range(4))
def test_many_threads_may_decode_a_class_for_the_first_time(attempt: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_USE], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stdout) == (0, "160\n"), done.stderr
