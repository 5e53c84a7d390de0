"""After an erasure nothing of the person is in any document, queued job or later line; on Firestore: tests/gcp."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from infra.simulator.server import RunningSimulator
from tests.scenarios.erasing import MARK, channels, erased, grant_opens, lived, titles
from tests.scenarios.stage import Server, Stage, eventually
from tests.webhooks.receiver import receiving


@pytest.mark.parametrize("events", ["keep", "delete"])
def test_nothing_of_an_erased_person_is_left(simulator: RunningSimulator, tmp_path: Path, events: str) -> None:
    server = Server(tmp_path / "data", simulator.addresses, TANDEM_LOG_LEVEL="DEBUG")
    try:
        stage = Stage(server, simulator, f"erased-{events}")
        with receiving() as receiver:
            gone, stays = lived(stage, receiver)
            before = everything(server.folder)
            erased(stage, events)
            # A job that was under way finds nothing and ends; erasing waits for no delay of a job's.
            eventually(lambda: not any(gone.id in text for text in queued(server.folder)))
            server.lines.clear()
            stays.sync()
            after = everything(server.folder)

        assert any(MARK in text for text in before)
        assert [text for text in after if MARK in text or gone.id in text] == []
        assert [line for line in server.lines if MARK in line or gone.id in line] == []
        assert titles(stays) == (["stays"] if events == "delete" else ["stays", f"{MARK} one"])
        assert [f"{MARK} two" in titles(gone), f"{MARK} edited" in titles(gone)] == [False, events == "keep"]
        assert f"{MARK} by hand" in titles(gone)
        assert (channels(stage, gone.account), channels(stage, stays.account)) == (0, 1)
        assert not grant_opens(stage, gone.account)
        server.stop()
        assert [file.name for file in files(server.folder) if MARK.encode() in file.read_bytes()] == []
    finally:
        server.stop()


def files(folder: Path) -> list[Path]:
    """Every file, once SQLite has put into its files what it had beside them."""
    for file in folder.glob("*.sqlite"):
        connection = sqlite3.connect(file)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    return [file for file in folder.iterdir() if file.is_file()]


def everything(folder: Path) -> list[str]:
    """Every document of the store and every job of the queue, as text."""
    return [*_texts(folder / "store.sqlite", "SELECT path || data FROM documents"), *queued(folder)]


def queued(folder: Path) -> list[str]:
    """Every job of the queue, as text."""
    return _texts(folder / "queue.sqlite", "SELECT name || payload FROM jobs")


def _texts(file: Path, query: str) -> list[str]:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        return [str(text) for (text,) in connection.execute(query)]
    finally:
        connection.close()
