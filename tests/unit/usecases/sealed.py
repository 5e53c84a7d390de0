"""A deployment whose store holds something sealed of every kind, and whose keys lie in a file."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from infra.embedded.key_file import KeyFile
from infra.embedded.secrets import SealedSecrets
from infra.embedded.sqlite_store import SqliteStore
from infra.keys import PathCipher, Ring
from shared.ports import Document, Set, Write
from shared.usecases.rekey import Rekeyed, rekey
from tests.closing import closed_later
from tests.simulation.sim import Sim

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.usecases.world import World

ANNA, WEBHOOK, APP = "tenants/t/connections/anna", "tenants/t/webhook/state", "tenants/t/oauth_apps/a"


class Place:
    """A world over SQLite whose keys are in a file, rotated when a test says so."""

    def __init__(self, folder: Path) -> None:
        self.sim = Sim()
        self.keys = KeyFile(folder / "identity.json")
        self.keys.identity()
        self.cipher = PathCipher(self.keys)
        self.store = closed_later(SqliteStore(folder / "store.sqlite", clock=self.sim.clock))
        self.world: World = dataclasses.replace(self.sim.world, store=self.store, cipher=self.cipher)
        self.set(
            ANNA, refresh_token=self.seal(ANNA, "refresh"), access_token=self.seal(ANNA, "access"), status="active"
        )
        self.set(WEBHOOK, secrets=[{"sealed": self.seal(WEBHOOK, "new")}, {"sealed": self.seal(WEBHOOK, "old")}])
        self.set(APP, client_id="plain", secret_ref=SealedSecrets(self.cipher).keep(APP, "client"))
        self.old = list(self.keys)

    def now(self) -> datetime:
        return self.sim.clock.now()

    def later(self, span: timedelta) -> None:
        self.sim.clock.time += span

    def seal(self, path: str, plain: str) -> str:
        return self.cipher.seal(path, plain)

    def set(self, path: str, **data: object) -> None:
        self.store.commit([Set(path=path, data=data)])

    def get(self, path: str) -> Document:
        found = self.store.get_many([path])[path]
        assert found is not None
        return found

    def sealed(self) -> list[tuple[str, str]]:
        """Every ciphertext with its path."""
        anna, secrets = self.get(ANNA).data, self.get(WEBHOOK).data["secrets"]
        assert isinstance(secrets, list)
        found = [
            (ANNA, anna["refresh_token"]),
            (ANNA, anna["access_token"]),
            (APP, str(self.get(APP).data["secret_ref"]).removeprefix("sealed:")),
        ]
        return [(path, str(text)) for path, text in [*found, *((WEBHOOK, each["sealed"]) for each in secrets)]]

    def opened_by(self, *keys: bytes) -> list[str]:
        return sorted(PathCipher(keys).open(path, text) for path, text in self.sealed())

    def rekey(self) -> Rekeyed:
        return rekey(self.world, Ring(self.keys))

    def racing(self, act: Callable[[], object]) -> None:
        """Somebody writes between the next step's read and its commit."""
        self.world = dataclasses.replace(self.world, store=Racing(self.store, act))


class Racing:
    """A store before whose first commit somebody else writes."""

    def __init__(self, store: SqliteStore, act: Callable[[], object]) -> None:
        self._store, self._acts = store, [act]
        self.get_many, self.query, self.count = store.get_many, store.query, store.count
        self.horizon_s = store.horizon_s

    def commit(self, writes: Sequence[Write]) -> datetime:
        while self._acts:
            self._acts.pop()()
        return self._store.commit(writes)
