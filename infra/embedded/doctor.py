"""Looks for what is missing: settings, data folder, keys, clock, Google. Changes nothing but an absent data folder.

Start at `examined`. A finding that is not well names its remedy.
"""

from __future__ import annotations

import email.utils
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra import wiring
from infra.embedded.database import WrongFile
from infra.embedded.folder import DataFolderFault
from infra.settings import load_settings, unknown_names
from infra.settings_reading import SettingsFault
from shared.errors import TandemError

if TYPE_CHECKING:
    from infra.settings import Settings

ASK_S = 5.0
SKEW_S = 60.0
PROBE = "doctor/probe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    well: bool
    what: str
    detail: str

    @property
    def line(self) -> str:
        """For a person to read."""
        return f"{'ok  ' if self.well else 'FAIL'}  {self.what}: {self.detail}"


def examined() -> list[Finding]:
    """Everything that was looked at, in the order in which to mend it."""
    try:
        settings = load_settings()
    except SettingsFault as fault:
        return [Finding(well=False, what="settings", detail=line) for line in fault.faults]
    findings = [_names(), _client(settings), _data(settings), *_google(settings)]
    return [*findings, _redirect(settings)]


def _names() -> Finding:
    if names := unknown_names():
        detail = f"{', '.join(names)} is no variable of Tandem's: correct its name or unset it"
        return Finding(well=False, what="settings", detail=detail)
    return Finding(well=True, what="settings", detail="all can be used")


def _client(settings: Settings) -> Finding:
    if settings.oauth_client_id or settings.relay_url:
        return Finding(well=True, what="OAuth client", detail="is set")
    detail = (
        "none is set, so nobody can connect: make one in the Google Cloud console (type: web application) and set "
        "TANDEM_OAUTH_CLIENT_ID and TANDEM_OAUTH_CLIENT_SECRET"
    )
    return Finding(well=False, what="OAuth client", detail=detail)


def _redirect(settings: Settings) -> Finding:
    addresses = wiring.addresses_of(settings)
    pushed = "Google will push" if addresses.push_possible else "no public https address, so calendars are polled"
    detail = f"register {addresses.oauth_callback} with the OAuth client; {pushed}"
    return Finding(well=True, what="redirect URI", detail=detail)


def _data(settings: Settings) -> Finding:
    """The folder, its files and its keys: something sealed opens again, something written is read again."""
    try:
        wiring.configure(settings)
        world = wiring.world()
        sealed = world.cipher.seal(PROBE, "probe")
        opened = world.cipher.open(PROBE, sealed) == "probe"
        world.store.get_many([PROBE])
    except (DataFolderFault, WrongFile, TandemError, SettingsFault) as fault:
        return Finding(well=False, what="data folder", detail=str(fault))
    finally:
        wiring.close()
    detail = f"{settings.data.absolute()} opens, deployment {world.deployment}"
    return Finding(well=opened, what="data folder", detail=detail)


def _google(settings: Settings) -> list[Finding]:
    """Google answers, and its clock and ours agree: signed tokens and sync depend on both."""
    import requests

    findings = []
    for what, address in (("Google Calendar", settings.google_api_url), ("Google OAuth", settings.google_token_url)):
        try:
            answer = requests.head(address, timeout=ASK_S, allow_redirects=False)
        except requests.RequestException as fault:
            detail = f"{address} cannot be reached ({type(fault).__name__}): check network, proxy and firewall"
            findings.append(Finding(well=False, what=what, detail=detail))
            continue
        findings.append(Finding(well=True, what=what, detail=f"{address} answers"))
        if what == "Google Calendar" and (date := answer.headers.get("Date")):
            findings.append(_clock(date))
    return findings


def _clock(date: str) -> Finding:
    skew_s = abs((datetime.now(UTC) - email.utils.parsedate_to_datetime(date)).total_seconds())
    if skew_s <= SKEW_S:
        return Finding(well=True, what="clock", detail="agrees with Google's")
    return Finding(well=False, what="clock", detail=f"{skew_s:.0f} s away from Google's: let it be set by NTP")
