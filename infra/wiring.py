"""The composition root: turns settings into the world that use cases act in; all of `infra` that functions see.

Nothing is built on import. A process has one world, made at the first call of `world()` from the environment, or from
what `configure` was given before.
"""

from __future__ import annotations

import ipaddress
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import urlsplit

from infra.late import Late
from infra.operations import note_google
from infra.settings import DEFAULT_PORT, Settings, load_settings
from infra.settings_reading import SettingsFault
from infra.structs import make_ready
from shared.errors import NotFound
from shared.model.oauth import RELAYED, Client
from shared.usecases.world import Addresses, Options, World
from shared.web_addresses import is_private_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.embedded.runtime import Embedded
    from infra.jobs_auth import Headers, JobTokens
    from shared.ports import Google, OAuth, WebhookSender
    from shared.usecases.rekey import KeyRing

EMBEDDED_GUARD_S = 0.05
"""One machine has one clock, so the guard behind a bucket only covers rounding (rule 25)."""


class Backend(Protocol):
    """What a process has open."""

    @property
    def world(self) -> World:
        """Everything a use case may touch."""

    @property
    def job_tokens(self) -> JobTokens:
        """What proves calls to `/jobs/…`."""

    @property
    def key_ring(self) -> KeyRing:
        """The deployment's keys."""

    def close(self) -> None:
        """Files and connections are closed; calls fail from now on."""


def world() -> World:
    """Everything a use case may touch, the same in every call.

    Raises:
        SettingsFault: The environment is not usable; it says why.
    """
    return _process.backend().world


def check_settings() -> None:
    """The world can be made from the environment, where nothing else was configured: a function refuses to start else.

    Raises:
        SettingsFault: Naming everything that is wrong, with its remedy.
    """
    _process.check_settings()


def make_structs_ready() -> None:
    """Classes that were loaded since the start may be decoded by many threads."""
    make_ready()


def verify_job(headers: Headers) -> None:
    """The call to `/jobs/…` is this deployment's own.

    Raises:
        UnknownKey: It is a stranger's.
    """
    _process.backend().job_tokens.verify(headers)


def key_ring() -> KeyRing:
    """The deployment's keys, for what seals everything again after a change of them."""
    return _process.backend().key_ring


def configure(settings: Settings) -> None:
    """The world is made from these settings from now on; one that was made already is closed."""
    _process.configure(settings)


def close() -> None:
    """Files are closed. The next call of `world()` opens them again."""
    _process.close()


def embedded() -> Embedded:
    """What the embedded server and the command line need beside the world.

    Raises:
        SettingsFault: The backend is another one.
    """
    from infra.embedded.runtime import Embedded

    backend = _process.backend()
    if not isinstance(backend, Embedded):
        raise SettingsFault(["TANDEM_BACKEND is gcp, and this is only for one machine: set it to embedded"])
    return backend


class _Process:
    """What this process has built so far."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._settings: Settings | None = None
        self._backend: Backend | None = None

    def backend(self) -> Backend:
        if self._backend is None:
            with self._lock:
                if self._backend is None:
                    made = _built(self._settings or load_settings())
                    make_ready()
                    self._backend = made
        return self._backend

    def check_settings(self) -> None:
        if self._settings is None:
            load_settings()

    def configure(self, settings: Settings) -> None:
        with self._lock:
            self.close()
            self._settings = settings

    def close(self) -> None:
        with self._lock:
            if self._backend is not None:
                self._backend.close()
            self._backend = None


_process = _Process()


def _built(settings: Settings) -> Backend:
    # On an emulator of Firestore all of the deployment is on this machine, and so are the webhooks.
    one_machine = settings.backend == "embedded" or settings.firestore_emulator_host is not None
    options = Options(
        coalesce_s=settings.coalesce_s,
        safety_pull_s=settings.safety_pull_s,
        poll_s=settings.poll_s,
        loopback_allowed=one_machine,
        relay_return_to=settings.relay_return_to,
        relay_refused=settings.relay_refused,
    )
    made: Callable[..., Backend]
    if settings.backend == "gcp":
        from infra.gcp.runtime import Deployed

        made = Deployed
    else:
        from infra.embedded.runtime import Embedded

        made, options = Embedded, replace(options, guard_s=EMBEDDED_GUARD_S)
    return made(
        settings=settings,
        google=google_of(settings),
        oauth=oauth_of(settings),
        clients=OperatorsClient(settings),
        sender=sender_of(loopback_allowed=one_machine),
        addresses=addresses_of(settings),
        options=options,
    )


def addresses_of(settings: Settings) -> Addresses:
    """Where the functions are reached from outside."""
    base = settings.base_url or f"http://127.0.0.1:{DEFAULT_PORT}"
    webhook = settings.urls.get("calendar_webhook", base)
    return Addresses(
        oauth=settings.urls.get("oauth", base),
        calendar_webhook=webhook,
        api=settings.urls.get("api", base),
        portal=settings.urls.get("portal", base),
        relay=settings.relay_url or settings.urls.get("relay", base),
        push_possible=settings.google_is_a_stand_in or is_public_https(webhook),
    )


def is_public_https(url: str) -> bool:
    """Google would push to this address: https, and neither this machine nor a private network."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" and ipaddress.ip_address(host).is_global
    except ValueError:
        return parts.scheme == "https" and not is_private_host(host)


class OperatorsClient:
    """The one OAuth client of the settings, or the relay that holds one in its place."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def client(self) -> Client:
        if self._settings.relay_url is not None:
            return RELAYED
        client_id, secret = self._settings.oauth_client_id, self._settings.oauth_client_secret
        if client_id is None or secret is None:
            raise NotFound(
                "this deployment has no Google OAuth client: set TANDEM_OAUTH_CLIENT_ID and "
                "TANDEM_OAUTH_CLIENT_SECRET, or TANDEM_RELAY_URL"
            )
        return Client(client_id=client_id, client_secret=secret)


def google_of(settings: Settings) -> Google:
    """Google's calendar API, or what stands in for it."""

    def made() -> Google:
        from infra.google.calendar_client import GoogleClient

        return GoogleClient(settings.google_api_url, tasks_url=settings.google_tasks_url, on_request=note_google)

    return cast("Google", Late(made))


def oauth_of(settings: Settings) -> OAuth:
    """Google's OAuth endpoints, or what stands in for them; through a relay where one is set."""

    def made() -> OAuth:
        from infra.google.oauth_client import OAuthClient

        google = OAuthClient(
            auth_url=settings.google_auth_url,
            token_url=settings.google_token_url,
            revoke_url=settings.google_revoke_url,
            userinfo_url=settings.google_userinfo_url,
            on_request=note_google,
        )
        if settings.relay_url is None:
            return google
        from infra.google.relay_client import RelayClient

        return RelayClient(settings.relay_url, google, token=settings.relay_token, on_request=note_google)

    return cast("OAuth", Late(made))


def sender_of(*, loopback_allowed: bool) -> WebhookSender:
    """What speaks to the webhooks of CRMs."""

    def made() -> WebhookSender:
        from infra.webhook_sender import HttpWebhookSender

        return HttpWebhookSender(loopback_allowed=loopback_allowed)

    return cast("WebhookSender", Late(made))
