"""Looks for what is missing: settings, OAuth client, data folder, keys, Google, clock, connections, webhooks.

Changes nothing but an absent data folder, and tells no secret. Start at `examined`; what lies in the data folder is
looked at in `doctor_folder.py`, what lies behind the network in `infra/doctor/network.py`, a deployment on Google
Cloud in `infra/gcp/doctor.py`.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from infra import wiring
from infra.doctor.findings import fault, well
from infra.doctor.network import google, relay, webhooks
from infra.embedded.doctor_folder import data_folder, keys_and_people, served_settings
from infra.settings import load_settings, unknown_names
from infra.settings_reading import SettingsFault
from shared.errors import TandemError
from shared.model.oauth import CALENDAR_SCOPES, SCOPE_TASKS

if TYPE_CHECKING:
    from infra.doctor.findings import Finding
    from infra.settings import Settings


def examined() -> list[Finding]:
    """Everything that was looked at, in the order in which to mend it."""
    try:
        settings = load_settings()
    except SettingsFault as faults:
        return [fault("settings", line) for line in faults.faults]
    findings = [_names(), _client(settings)]
    wiring.configure(settings)
    try:
        if settings.backend == "gcp":
            from infra.gcp.doctor import deployed

            return [*findings, *google(settings), *_redirect(settings), *deployed(settings)]
        folder = data_folder(settings)
        opens = folder[0].well
        findings += [*folder, *google(settings), *_redirect(served_settings(settings) if opens else settings)]
        if opens:
            findings += _inside()
    finally:
        wiring.close()
    return findings


def _inside() -> list[Finding]:
    """What the store holds, where it can be opened."""
    try:
        return [*keys_and_people(wiring.embedded()), *webhooks(wiring.world())]
    except TandemError as error:
        return [fault("store", str(error))]


def _names() -> Finding:
    if names := unknown_names():
        return fault("settings", f"{', '.join(names)} is no variable of Tandem's: correct its name or unset it")
    return well("settings", "all can be used")


def _client(settings: Settings) -> Finding:
    if settings.relay_url and settings.oauth_client_id:
        return fault(
            "OAuth client",
            "a client and a relay are set, and only the relay is used: unset TANDEM_OAUTH_CLIENT_ID and "
            "TANDEM_OAUTH_CLIENT_SECRET, or TANDEM_RELAY_URL",
        )
    if settings.relay_url:
        return well("OAuth client", f"is held by the relay at {settings.relay_url}")
    if settings.oauth_client_id:
        return well("OAuth client", "is set")
    return fault(
        "OAuth client",
        "none is set, so nobody can connect: make one in the Google Cloud console (type: web application) and set "
        "TANDEM_OAUTH_CLIENT_ID and TANDEM_OAUTH_CLIENT_SECRET; or use somebody's relay and set TANDEM_RELAY_URL",
    )


def _redirect(settings: Settings) -> list[Finding]:
    """What is to be copied into Google's console, and whether Google would take it."""
    addresses = wiring.addresses_of(settings)
    uri = addresses.oauth_callback
    pushed = "Google will push" if addresses.push_possible else "no public https address, so calendars are polled"
    if settings.relay_url:
        registered = f"{addresses.relay_callback} is registered by the relay's operator, and nothing here; {pushed}"
        return [well("redirect URI", registered), relay(settings.relay_url, uri, settings.relay_token)]
    scopes = well("scopes", f"add these to the OAuth consent screen: {' '.join(CALENDAR_SCOPES)}")
    tasks = well("Google Tasks", f"where connections set google_tasks, enable its API and add {SCOPE_TASKS}")
    more = well("relay", f"to serve installations without an address, register {addresses.relay_callback} too")
    if not settings.google_is_a_stand_in and (refusal := _refused_by_google(uri)):
        return [fault("redirect URI", f"Google refuses {uri}: {refusal}"), scopes, tasks, more]
    return [well("redirect URI", f"register {uri} with the OAuth client; {pushed}"), scopes, tasks, more]


def _refused_by_google(uri: str) -> str | None:
    """Why Google would not take this redirect URI, and what it takes.

    Source: https://developers.google.com/identity/protocols/oauth2/web-server#uri-validation
    """
    parts = urlsplit(uri)
    host = parts.hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if host == "localhost":
            return None
    else:
        if address.is_loopback:
            return None
        return "it is a bare IP address; set TANDEM_BASE_URL to an https address with a name"
    if parts.scheme != "https":
        return "it is not https; set TANDEM_BASE_URL to an https address"
    return None
