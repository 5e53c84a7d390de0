"""The world of one function on Google Cloud: Firestore, Cloud Tasks and Secret Manager, each connected when it is used.

Nothing is shared with the other functions but what lies there. Start at `Deployed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from infra.jobs_auth import JobTokens
from infra.keys import GivenKeys, PathCipher, PurposeKeys, Ring
from infra.late import Late
from infra.logs import JsonLog, request_trace, trace_headers
from infra.operations import CountedQueue, CountedStore, noted
from infra.settings import CALLED
from infra.settings_reading import SettingsFault
from infra.system import SystemClock, SystemIds
from shared.ports import Queue, Secrets, Store
from shared.usecases.world import World
from shared.webhooks.telling import TellingStore

if TYPE_CHECKING:
    from infra.settings import Settings
    from shared.ports import Google, OAuth, WebhookSender
    from shared.usecases.world import Addresses, Clients, Options


class _Closing(Protocol):
    def close(self) -> None: ...


Adapter = TypeVar("Adapter", bound=_Closing)


class Deployed:
    """What one process of one function holds open.

    Raises:
        SettingsFault: Something is not set that this backend needs.
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
        self._settings = settings
        self._project = _set(settings.google_cloud_project, "GOOGLE_CLOUD_PROJECT")
        self._region = _set(settings.region, "TANDEM_REGION")
        self._account = _set(settings.jobs_account, "TANDEM_JOBS_ACCOUNT")
        self._audience = _set(settings.jobs_audience, "TANDEM_JOBS_AUDIENCE")
        if not settings.keys:
            raise SettingsFault(["TANDEM_KEYS is not set, and the Google Cloud backend needs it"])
        self._open: list[_Closing] = []
        self._clock = SystemClock()
        keys = GivenKeys(settings.keys)
        self.key_ring = Ring(keys)
        self.job_tokens = cast("JobTokens", Late(self._job_tokens))
        log = JsonLog(
            clock=self._clock,
            level=settings.log_level,
            trace=lambda: request_trace(settings.google_cloud_project),
            counts=noted,
        )
        store = CountedStore(cast("Store", Late(self._store)))
        queue = CountedQueue(cast("Queue", Late(self._queue)))
        self.world = World(
            deployment=_set(settings.deployment, "TANDEM_DEPLOYMENT"),
            store=TellingStore(store, queue, clock=self._clock, log=log, options=options),
            queue=queue,
            clock=self._clock,
            ids=SystemIds(),
            cipher=PathCipher(keys),
            keys=PurposeKeys(keys),
            google=google,
            oauth=oauth,
            clients=clients,
            secrets=cast("Secrets", Late(self._secrets)),
            sender=sender,
            log=log,
            addresses=addresses,
            options=options,
        )

    def close(self) -> None:
        """The connections are closed."""
        while self._open:
            self._open.pop().close()

    def _store(self) -> Store:
        from infra.gcp.firestore import HORIZON_S, FirestoreStore

        return self._kept(
            FirestoreStore(
                project=self._project,
                database=self._settings.database,
                emulator=self._settings.firestore_emulator_host,
                horizon_s=self._settings.emulator_horizon_s or HORIZON_S,
            )
        )

    def _queue(self) -> Queue:
        from infra.gcp.cloud_tasks import CloudTasksQueue

        base = self._settings.base_url
        return self._kept(
            CloudTasksQueue(
                project=self._project,
                region=self._region,
                env=self._settings.env,
                urls={**(dict.fromkeys(CALLED, base) if base else {}), **self._settings.urls},
                account=self._account,
                audience=self._audience,
                host=self._settings.tasks_host,
                trace=trace_headers,
            )
        )

    def _secrets(self) -> Secrets:
        from infra.gcp.secrets import SecretManagerSecrets

        return self._kept(
            SecretManagerSecrets(project=self._project, env=self._settings.env, host=self._settings.secrets_host)
        )

    def _job_tokens(self) -> JobTokens:
        from infra.gcp.oidc import CERTS_URL, Certificates, GoogleJobTokens

        certificates = Certificates(self._settings.oidc_certs_url or CERTS_URL, clock=self._clock)
        return GoogleJobTokens(certificates, clock=self._clock, audience=self._audience, account=self._account)

    def _kept(self, adapter: Adapter) -> Adapter:
        self._open.append(adapter)
        return adapter


def _set(value: str | None, name: str) -> str:
    if value is None:
        raise SettingsFault([f"{name} is not set, and the Google Cloud backend needs it"])
    return value
