"""Everything a use case may touch, handed to it as one value; `infra.wiring` makes it, tests make their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from shared.model.oauth import Client
    from shared.ports import Cipher, Clock, Google, Ids, Log, OAuth, Queue, Secrets, SigningKeys, Store, WebhookSender


class Clients(Protocol):
    """The OAuth client that the operator has set; tenants' own are documents."""

    def client(self) -> Client:
        """The operator's client.

        Raises:
            NotFound: There is none.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What an operator may set; numbers are seconds."""

    coalesce_s: float = 2.0
    guard_s: float = 1.0
    """Added to a bucket's end: at least the largest clock skew between an instance and the queue (rule 25)."""
    safety_pull_s: float = 21_600.0
    poll_s: float = 300.0
    pending_after_s: float = 120.0
    """How long an enqueued job may take before the sweep enqueues it again."""
    run_step_s: float = 50.0
    tombstone_s: float = 30 * 86_400.0
    loopback_allowed: bool = False
    """Embedded mode: return addresses and webhooks may be loopback http."""
    relay_return_to: tuple[str, ...] = ()
    """Origins to which this deployment's relay leads without a signature."""
    relay_refused: tuple[str, ...] = ()
    """Installation tokens that the operator has taken back, by their ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where this deployment is reached from outside, without trailing slashes."""

    oauth: str
    calendar_webhook: str
    api: str
    portal: str
    relay: str = ""
    """The relay that is used, or else this deployment's own."""
    push_possible: bool
    """Google can push here: the address is https and public, or the Google in use is a stand-in that allows it."""

    @property
    def oauth_callback(self) -> str:
        """The redirect URI to register with Google."""
        return f"{self.oauth}/oauth/callback"

    @property
    def relay_callback(self) -> str:
        """The redirect URI to register with Google for the relay."""
        return f"{self.relay}/relay/callback"

    @property
    def webhook(self) -> str:
        """Where Google sends notifications."""
        return f"{self.calendar_webhook}/webhooks/google-calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The ports and what is fixed for this deployment."""

    deployment: str
    store: Store
    queue: Queue
    clock: Clock
    ids: Ids
    cipher: Cipher
    keys: SigningKeys
    google: Google
    oauth: OAuth
    clients: Clients
    secrets: Secrets
    sender: WebhookSender
    log: Log
    addresses: Addresses
    options: Options = Options()
