"""What `doctor` finds in the data folder: rights, room, keys, grants that open, connections that need their user."""

from __future__ import annotations

import dataclasses
import os
import shutil
import stat
from collections import Counter
from typing import TYPE_CHECKING

from infra import wiring
from infra.embedded.database import WrongFile
from infra.embedded.findings import fault, well
from infra.embedded.folder import DataFolder, DataFolderFault
from infra.settings_reading import SettingsFault
from shared.errors import Bug, TandemError
from shared.model.connection import Connection
from shared.model.stored import read_as
from shared.ports import Query
from shared.remedies import remedy_of
from shared.usecases.rekey import POSITION, Progress, is_due

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.embedded.findings import Finding
    from infra.embedded.runtime import Embedded
    from infra.settings import Settings
    from shared.usecases.world import World

LEAST_FREE = 200 * 1024 * 1024
"""Bytes on the disk: below that a busy day may fill it."""
PROBE = "doctor/probe"
PAGE = 500
NEED_THEIR_USER = ("needs_reconnect", "needs_review")


def data_folder(settings: Settings) -> list[Finding]:
    """The folder can be used, there is room, and its files are ours; ends at what prevents the rest."""
    try:
        folder = DataFolder(settings.data)
        embedded = wiring.embedded()
        embedded.world.store.get_many([PROBE])
    except (DataFolderFault, WrongFile, TandemError, SettingsFault) as failure:
        return [fault("data folder", str(failure))]
    try:
        _written(folder.path)
    except OSError as failure:
        return [fault("data folder", f"{folder.path} cannot be written to ({failure.strerror}): make room or mount it")]
    served = f"served on {address}" if (address := folder.server()) else "not served now"
    opens = well("data folder", f"{folder.path} opens, deployment {embedded.world.deployment}, {served}")
    return [opens, _room(folder.path), *_rights(folder)]


def keys_and_people(embedded: Embedded) -> Iterator[Finding]:
    """Keys, what they open, and whom Tandem waits for."""
    world = embedded.world
    progress = world.store.get_many([POSITION])[POSITION]
    done = Progress() if progress is None else read_as(Progress, progress)
    where = "in TANDEM_KEYS" if embedded.settings.keys else f"in {embedded.folder.keys.path}: keep a backup of it"
    count = len(embedded.settings.keys or embedded.folder.keys)
    retired = f"{count - 1} retired" if count > 1 else "none retired"
    waits = is_due(done, embedded.key_ring.due(world.clock.now()))
    state = "what is stored is still to be encrypted under the first: `serve` does it" if waits else "all is under it"
    yield well("keys", f"{where}; {retired}; {state}")
    closed, statuses = _connections(world)
    if closed:
        yield fault(
            "grants",
            f"{closed} cannot be opened with these keys: restore {embedded.folder.keys.path} or TANDEM_KEYS from a "
            "backup, or ask these users to connect again",
        )
    for status in NEED_THEIR_USER:
        if statuses[status]:
            yield fault("connections", f"{statuses[status]} {status}: {remedy_of(status)}")
    yield well("connections", f"{statuses.total()} in all, {statuses['active']} active")


def _connections(world: World) -> tuple[int, Counter[str]]:
    """How many grants no key opens, and how many connections there are of each status."""
    closed, statuses = 0, Counter[str]()
    after: tuple[str] | None = None
    while True:
        page = world.store.query(Query(collection="connections", group=True, limit=PAGE, after=after))
        for document in page:
            connection = read_as(Connection, document)
            statuses[connection.status] += 1
            if connection.refresh_token is not None:
                try:
                    world.cipher.open(document.path, connection.refresh_token)
                except Bug:
                    closed += 1
        if len(page) < PAGE:
            return closed, statuses
        after = (page[-1].path,)


def served_settings(settings: Settings) -> Settings:
    """The settings with the address that the running server answers on, where they name none."""
    address = None if settings.base_url else wiring.embedded().folder.server()
    return dataclasses.replace(settings, base_url=address) if address else settings


def _written(folder: Path) -> None:
    """A file can be made there and is gone again."""
    probe = folder / f"probe-{os.getpid()}"
    try:
        probe.write_bytes(b"probe")
    finally:
        probe.unlink(missing_ok=True)


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    told = f"{free // 1024**2} MB free on the disk of {folder}"
    if free < LEAST_FREE:
        return fault("disk", f"{told}: make room, or set TANDEM_DATA to a folder on another disk")
    return well("disk", told)


def _rights(folder: DataFolder) -> Iterator[Finding]:
    """Whoever reads keys and store has every grant."""
    mine = os.geteuid()
    faults = 0
    for path, mode in ((folder.path, 0o700), (folder.keys.path, 0o600)):
        found = path.stat()
        if stat.S_IMODE(found.st_mode) & 0o077:
            faults += 1
            yield fault("rights", f"others on this machine can open {path}: run `chmod {mode:o} {path}`")
        if found.st_uid != mine:
            faults += 1
            yield fault("rights", f"{path} belongs to another user: run Tandem as that user, or `chown` it to this one")
    if not faults:
        yield well("rights", "only this user opens the data folder and the keys")
