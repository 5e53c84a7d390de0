"""The world on one machine: a data folder's store, queue and keys, opened together and closed together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.embedded.folder import DataFolder
from infra.embedded.queue import DurableQueue
from infra.embedded.secrets import SealedSecrets
from infra.embedded.sqlite_store import SqliteStore
from infra.jobs_auth import LocalJobTokens
from infra.keys import GivenKeys, PathCipher, PurposeKeys, Ring
from infra.logs import JsonLog, request_trace
from infra.operations import CountedQueue, CountedStore, noted
from infra.system import SystemClock, SystemIds
from shared.usecases.world import World
from shared.webhooks.telling import TellingStore

if TYPE_CHECKING:
    from infra.keys import KeySource
    from infra.settings import Settings
    from shared.ports import Google, OAuth, WebhookSender
    from shared.usecases.world import Addresses, Clients, Options


class Embedded:
    """What one process holds open of a data folder.

    Raises:
        DataFolderFault: The folder or its keys cannot be used.
        WrongFile: A file in it is another version's.
        StoreUnavailable: A file in it cannot be opened.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        google: Google,
        oauth: OAuth,
        clients: Clients,
        sender: WebhookSender,
        addresses: Addresses,
        options: Options,
    ) -> None:
        self.settings = settings
        self.folder = DataFolder(settings.data)
        identity = self.folder.keys.identity(deployment=settings.deployment)
        keys: KeySource = GivenKeys(settings.keys) if settings.keys else self.folder.keys
        self.key_ring = Ring(keys)
        clock = SystemClock()
        log = JsonLog(
            clock=clock,
            level=settings.log_level,
            trace=lambda: request_trace(settings.google_cloud_project),
            counts=noted,
        )
        signing = PurposeKeys(keys)
        self.job_tokens = LocalJobTokens(
            signing, clock=clock, audience=settings.jobs_audience or f"tandem-jobs/{identity.deployment}"
        )
        self.store = SqliteStore(
            self.folder.store,
            clock=clock,
            may_index=not self.folder.is_served(),
            on_scan=lambda query: log.event("store", "scanned", query=query),
        )
        self.queue = DurableQueue(self.folder.queue, clock=clock)
        queue = CountedQueue(self.queue)
        cipher = PathCipher(keys)
        self.world = World(
            deployment=identity.deployment,
            store=TellingStore(CountedStore(self.store), queue, clock=clock, log=log, options=options),
            queue=queue,
            clock=clock,
            ids=SystemIds(),
            cipher=cipher,
            keys=signing,
            google=google,
            oauth=oauth,
            clients=clients,
            secrets=SealedSecrets(cipher),
            sender=sender,
            log=log,
            addresses=addresses,
            options=options,
        )

    def close(self) -> None:
        """The files are closed; calls fail from now on."""
        self.queue.close()
        self.store.close()
