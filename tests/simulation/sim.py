"""The whole product in one thread under a virtual clock and one seed. Start at `Sim`; `stepping` pauses jobs.

The use cases, the core and the simulated Google are the real ones; store, queue and the small ports are doubles.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from infra.embedded.secrets import SealedSecrets
from infra.simulator.settings import SimSettings
from infra.simulator.state import DEMO_CLIENT_ID, Google
from shared.errors import BadChannelToken
from shared.google import channel_token
from shared.model.ids import TenantId, calendar_path, key_of
from shared.usecases.connecting.channels import open_channel
from shared.usecases.jobs import pull_job
from shared.usecases.world import Addresses, Options, World
from shared.webhooks.telling import TellingStore
from tests.simulation import laws
from tests.simulation.crm import Crm
from tests.simulation.doubles import (
    DemoClients,
    InstanceClock,
    KeptLog,
    OpenCipher,
    PlainKeys,
    SeededIds,
    SteppedQueue,
    SteppedSender,
    SteppedStore,
    VirtualClock,
)
from tests.simulation.founding import found_calendars, found_connection, found_tenant
from tests.simulation.google_in_process import InProcessGoogle, InProcessOAuth
from tests.simulation.looking import DEPLOYMENT, Looking
from tests.simulation.memory_queue import MemoryQueue
from tests.simulation.memory_store import MemoryStore
from tests.simulation.receiver import Receiver
from tests.simulation.running import FUNCTIONS, Runner
from tests.simulation.stepping import Job, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.model.ids import ConnectionId

ANNA, BEN = "anna@example.com", "ben@example.com"
ULA = "ula@other.example"


class Sim(Looking):
    """A deployment with Google beside it.

    `store` and `queue` are the bare doubles, for looking; `world` is what use cases get.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        options: Options | None = None,
        google: SimSettings | None = None,
        horizon_s: float = 0.0,
    ) -> None:
        self.rng = Random(seed)
        self.clock = VirtualClock()
        self.stage = Stage()
        self.store = MemoryStore(self.clock, horizon_s=horizon_s)
        self.queue = MemoryQueue(self.clock)
        self.log = KeptLog()
        self.google = Google(now=self.clock.now, rng=self.rng, settings=google)
        self.cipher = OpenCipher()
        self.receiver = Receiver(self.clock.advance)
        self.client = InProcessGoogle(self.google, self.stage, self.clock, is_ours=self.is_ours)
        clock = InstanceClock(self.clock, self.stage)
        queue = SteppedQueue(self.queue, self.stage)
        options = options or Options()
        store = SteppedStore(self.store, self.stage)
        self.world = World(
            deployment=DEPLOYMENT,
            store=TellingStore(store, queue, clock=clock, log=self.log, options=options),
            queue=queue,
            clock=clock,
            ids=SeededIds(self.rng),
            cipher=self.cipher,
            keys=PlainKeys(),
            google=self.client,
            oauth=InProcessOAuth(self.google, self.stage, self.clock),
            clients=DemoClients(),
            secrets=SealedSecrets(self.cipher),
            sender=SteppedSender(self.receiver, self.stage),
            log=self.log,
            addresses=Addresses(
                oauth="https://tandem.test",
                calendar_webhook="https://tandem.test",
                api="https://tandem.test",
                portal="https://tandem.test",
                push_possible=True,
            ),
            options=options,
        )
        self.runner = Runner(self)
        oauth_client = self.google.ctx.world.clients[DEMO_CLIENT_ID]
        oauth_client.redirect_uris.append(self.world.addresses.oauth_callback)
        self.accounts: dict[str, str] = {}
        self.tenants: list[TenantId] = []

    # Setting up

    def found(self, name: str = "acme", **settings: object) -> TenantId:
        """A tenant with these default settings."""
        tenant = found_tenant(self.store, self.clock, name, settings)
        self.tenants.append(tenant)
        return tenant

    def connect(
        self,
        tenant: TenantId,
        user: str,
        account: str,
        *,
        name: str = "",
        watch: Sequence[str] | None = None,
        pull: bool = True,
        **settings: object,
    ) -> ConnectionId:
        """The user's connection to the account, active; the calendars (the primary one) are watched and pulled once."""
        calendars = list(watch) if watch is not None else [account]
        connection = found_connection(
            self.store,
            self.cipher,
            self.clock,
            self.google,
            tenant=tenant,
            user=user,
            account=account,
            name=name or f"c-{user}",
            calendar=calendars[0] if calendars else account,
            settings=settings,
        )
        self.accounts[connection] = account
        found_calendars(
            self.store,
            self.clock,
            self.google,
            tenant=tenant,
            connection=connection,
            account=account,
            calendars=calendars,
        )
        if pull:
            for calendar in calendars:
                self.pull(calendar, connection, tenant)
        return connection

    def watch(self, calendar: str, connection: str, tenant: TenantId) -> None:
        """One more calendar is watched."""
        found_calendars(
            self.store,
            self.clock,
            self.google,
            tenant=tenant,
            connection=connection,  # type: ignore[arg-type]
            account=self.accounts[connection],
            calendars=[calendar],
        )
        self.pull(calendar, connection, tenant)

    def crm(self, tenant: TenantId, *, user: str = "anna") -> Crm:
        """The tenant's CRM, writing for this user where it says nothing else."""
        return Crm(self.world, tenant, user=user)

    # Jobs

    def job(self, function: str, **payload: object) -> Job:
        """A run of a function that no queue knows of: such as the second delivery of the same job."""
        return Job(self.stage, function, partial(FUNCTIONS[function], self.world, {"schema": 1, **payload}))

    def sync(self, task: str, tenant: TenantId | None = None) -> Job:
        """A run of `sync_task` for the task, not begun."""
        owner = tenant or self.tenants[0]
        sync = self.task(task, owner).sync
        return self.job("sync_task", tenant=owner, connection=sync.connection, calendar=sync.calendar, task=task)

    def pulling(self, calendar: str, connection: str, tenant: TenantId | None = None) -> Job:
        """A run of `pull_calendar`, not begun."""
        owner = tenant or self.tenants[0]
        return self.job("pull_calendar", tenant=owner, connection=connection, calendar=key_of(calendar))

    def pull(self, calendar: str, connection: str, tenant: TenantId | None = None) -> object:
        """The calendar is pulled now; the outcome."""
        return self.pulling(calendar, connection, tenant).finish()

    def opening(self, calendar: str, connection: str, tenant: TenantId | None = None) -> Job:
        """The opening of a calendar's channel, not begun."""
        owner = tenant or self.tenants[0]
        path = calendar_path(owner, connection, calendar)  # type: ignore[arg-type]
        token = self.google.access_token(self.accounts[connection])

        def opened() -> str:
            return open_channel(self.world, self.world.google.calendar(token), path)

        return Job(self.stage, "open_channel", opened)

    def open_channels(self) -> None:
        """Google pushes for every watched calendar."""
        for shelf in self.watched():
            self.opening(shelf.calendar_id, shelf.connection, shelf.tenant).finish()

    def deliver_notifications(self, *, slow_s: float = 0.0) -> None:
        """What Google pushed up to now is proved and becomes jobs, as the function behind the webhook does it.

        Args:
            slow_s: How far the clock of the instance that takes them is behind.
        """
        for message in self.google.due_notifications(self.clock.now()):
            headers = {name.lower(): value for name, value in message.headers.items()}
            keys = self.world.keys.for_purpose(channel_token.PURPOSE)
            try:
                proved = channel_token.prove(headers, keys=keys, now=self.clock.now())
            except BadChannelToken:
                self.google.notification_answered(message, 404)
                continue
            self.google.notification_answered(message, 204)
            if proved.state == "sync":
                continue
            job = pull_job(
                proved.tenant,
                proved.connection,
                proved.calendar_key,
                now=self.clock.now() - timedelta(seconds=slow_s),
                options=self.world.options,
            )
            self.queue.enqueue(job)

    def settle(self) -> None:
        """The weather clears, everything that is due runs, and the laws hold.

        Raises:
            LawBroken: They do not, or the world does not come to rest.
        """
        self.runner.settle()
        laws.check(self)
