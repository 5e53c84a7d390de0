"""A running Firestore emulator. One Java process, ended with the run; each test has a project of its own in it."""

import socket
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from infra.gcp.firestore import FirestoreStore
from tests.bootstrap import FirestoreEmulator

READY_DEADLINE_S = 60
END_DEADLINE_S = 20


class RunningEmulator:
    """Where the emulator answers.

    Args:
        host: Host and port, as in FIRESTORE_EMULATOR_HOST.
    """

    def __init__(self, host: str) -> None:
        self.host = host

    @contextmanager
    def store(self) -> Iterator[FirestoreStore]:
        """An empty store, closed afterwards."""
        made = FirestoreStore(project=f"test-{uuid.uuid4().hex[:16]}", emulator=self.host)
        try:
            yield made
        finally:
            made.close()


@contextmanager
def running_emulator(emulator: FirestoreEmulator) -> Iterator[RunningEmulator]:
    """The emulator answers inside the block, on a free port; afterwards its Java has ended."""
    port = _free_port()
    with subprocess.Popen(emulator.command(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                grpc.channel_ready_future(channel).result(timeout=READY_DEADLINE_S)
            yield RunningEmulator(f"127.0.0.1:{port}")
        finally:
            process.terminate()
            try:
                process.wait(END_DEADLINE_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
