"""What `doctor` finds behind the network: Google's addresses and clock, and the webhooks of CRMs. Sends no content."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.doctor.findings import fault, well
from shared.model.oauth import CALENDAR_SCOPES, RELAYED, Consent
from shared.model.stored import read_as
from shared.model.webhook import Webhook
from shared.ports import Query
from shared.remedies import remedy_of
from shared.usecases.connecting.oauth_links import challenge_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.doctor.findings import Finding
    from infra.settings import Settings
    from shared.relay.installations import InstallationToken
    from shared.usecases.world import World

ASK_S = 5.0
SKEW_S = 60.0
MOST_WEBHOOKS = 100


def google(settings: Settings) -> list[Finding]:
    """Google answers, and its clock and ours agree: signed tokens and sync depend on both."""
    import requests

    findings, dates = [], []
    for what, address in (
        ("Google Calendar", settings.google_api_url),
        ("Google consent", settings.google_auth_url),
        ("Google OAuth", settings.google_token_url),
    ):
        try:
            answer = requests.head(address, timeout=ASK_S, allow_redirects=False)
        except requests.RequestException as failure:
            detail = f"{address} cannot be reached ({type(failure).__name__}): check network, proxy and firewall"
            findings.append(fault(what, detail))
            continue
        if answer.status_code >= 500:
            findings.append(fault(what, f"{address} answers {answer.status_code}: wait, and see Google's status pages"))
        else:
            findings.append(well(what, f"{address} answers"))
        if date := answer.headers.get("Date"):
            dates.append(date)
    return [*findings, *(clock(date) for date in dates[:1])]


def relay(url: str, return_to: str, token: InstallationToken | None) -> Finding:
    """The relay would let a user of ours pass; it keeps nothing of being asked."""
    import requests

    from infra.google.oauth_client import OAuthClient
    from infra.google.relay_client import RelayClient

    if token is not None and token.until <= datetime.now(UTC):
        return fault("relay", f"the installation token ended on {token.until:%Y-%m-%d}: ask its operator for another")
    asked = Consent(redirect_uri=return_to, scopes=CALENDAR_SCOPES, state="doctor", challenge=challenge_of("doctor"))
    address = RelayClient(url, OAuthClient(), token=token).authorize_url(RELAYED, asked)
    try:
        answer = requests.get(address, timeout=ASK_S, allow_redirects=False)
    except requests.RequestException as failure:
        return fault("relay", f"{url} cannot be reached ({type(failure).__name__}): check address, network and proxy")
    if answer.status_code == 302:
        return well("relay", f"leads back to {return_to}")
    remedy = "ask its operator to list this origin in TANDEM_RELAY_RETURN_TO, or for an installation token"
    if token is not None:
        remedy = "ask its operator whether TANDEM_RELAY_TOKEN is still good, and check this machine's clock"
    return fault("relay", f"{url} answers {answer.status_code} and does not lead back to {return_to}: {remedy}")


def clock(date: str) -> Finding:
    """This machine's clock agrees with that of an answer."""
    skew_s = abs((datetime.now(UTC) - email.utils.parsedate_to_datetime(date)).total_seconds())
    if skew_s <= SKEW_S:
        return well("clock", "agrees with Google's")
    return fault("clock", f"{skew_s:.0f} s away from Google's: let it be set by NTP")


def webhooks(world: World) -> Iterator[Finding]:
    """Each CRM's address takes a connection and has been answering; what is told of it is its tenant, not its path."""
    from infra.webhook_sender import HttpWebhookSender

    sender = HttpWebhookSender(loopback_allowed=world.options.loopback_allowed, timeout_s=ASK_S)
    for document in world.store.query(Query(collection="webhook", group=True, limit=MOST_WEBHOOKS)):
        webhook = read_as(Webhook, document)
        whose = f"tenant {webhook.tenant}"
        if why := sender.unreachable(webhook.url):
            yield fault("webhook", f"that of {whose} cannot be reached ({why}): check the CRM's server and its name")
        elif webhook.state != "active":
            yield fault("webhook", f"that of {whose} is {webhook.state}: {remedy_of(f'webhook_{webhook.state}')}")
        else:
            yield well("webhook", f"that of {whose} takes connections")
