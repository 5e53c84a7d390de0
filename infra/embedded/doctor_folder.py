"""What `doctor` finds in the data folder: rights, room, keys."""

from __future__ import annotations

import dataclasses
import os
import shutil
import stat
from typing import TYPE_CHECKING

from infra import wiring
from infra.doctor.findings import fault, well
from infra.doctor.people import keys, people
from infra.embedded.database import WrongFile
from infra.embedded.folder import DataFolder, DataFolderFault
from infra.settings_reading import SettingsFault
from shared.errors import TandemError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from infra.doctor.findings import Finding
    from infra.embedded.runtime import Embedded
    from infra.settings import Settings

LEAST_FREE = 200 * 1024 * 1024
"""Bytes on the disk: below that a busy day may fill it."""
PROBE = "doctor/probe"


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
    settings, folder = embedded.settings, embedded.folder
    where = "in TANDEM_KEYS" if settings.keys else f"in {folder.keys.path}: keep a backup of it"
    count = len(settings.keys or folder.keys)
    yield keys(embedded.world, embedded.key_ring, where=where, count=count, resealed_by="`serve` does it")
    yield from people(embedded.world, restore=f"restore {folder.keys.path} or TANDEM_KEYS from a backup")


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
