"""A browser passes through the relay: to Google with a sealed state, and on to the installation with a sealed code.

Nothing is stored: state, challenge and return address travel in what is sealed. A return address is taken from there
alone, so the callback leads nowhere that `start` has not allowed. Start at `start`, then `callback`.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from shared.errors import BadRequest, BadState
from shared.model.ids import digest_of
from shared.model.oauth import CALENDAR_SCOPES, SCOPE_TASKS, Consent
from shared.relay.callers import MOST_CHARACTERS, caller_of, relays_client
from shared.relay.sealed import Caller, Code, Passage, opened, seal

if TYPE_CHECKING:
    from shared.usecases.world import World

STATE_LIVES = timedelta(minutes=10)
CODE_LIVES = timedelta(minutes=5)
SCOPES = frozenset({*CALENDAR_SCOPES, SCOPE_TASKS})
"""What may be asked for under the relay's name: what Tandem needs, and nothing else."""
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_ERROR = re.compile(r"[a-z_]{1,64}")


class Onward(msgspec.Struct, frozen=True, kw_only=True):
    """Where the browser goes, and the cookie that it holds until it is back; an empty value: the cookie is spent."""

    location: str
    cookie: str
    cookie_value: str
    max_age_s: int
    caller: Caller


def start(world: World, query: Mapping[str, str]) -> Onward:
    """The browser is on its way to Google.

    Raises:
        BadRequest: Something of the request is not acceptable; it says what.
        ClientRefused: The installation's token was taken back.
        NotFound: There is no relay here.
    """
    client = relays_client(world)
    caller = caller_of(world, query)
    state, challenge = query.get("state", ""), query.get("code_challenge", "")
    if not state or len(state) > MOST_CHARACTERS:
        raise BadRequest("state is missing or too long: send a value that only this browser's session has")
    if not _CHALLENGE.fullmatch(challenge) or query.get("code_challenge_method", "S256") != "S256":
        raise BadRequest("code_challenge must be the S256 challenge of a verifier that stays with the installation")
    scopes = tuple(query.get("scope", "").split()) or CALENDAR_SCOPES
    if not SCOPES.issuperset(scopes):
        raise BadRequest("scope names a permission that this relay does not ask for; see its documentation")
    cookie = world.ids.secret()
    passage = Passage(
        caller=caller,
        return_to=query["return_to"],
        state=state,
        challenge=challenge,
        browser=_browser(cookie),
        until=world.clock.now() + STATE_LIVES,
    )
    asked = Consent(
        redirect_uri=world.addresses.relay_callback,
        scopes=scopes,
        state=seal(world, passage),
        challenge=challenge,
        login_hint=query.get("login_hint") or None,
    )
    return Onward(
        location=world.oauth.authorize_url(client, asked),
        cookie=_cookie(world, state),
        cookie_value=cookie,
        max_age_s=int(STATE_LIVES.total_seconds()),
        caller=caller,
    )


def callback(world: World, query: Mapping[str, str], cookies: Mapping[str, str]) -> Onward:
    """The browser goes on to the installation, with a code or with Google's word for why there is none.

    Raises:
        BadState: The state is forged or old, or this is another browser than the one that started.
        ClientRefused: The caller was allowed in at the start and no longer is.
    """
    try:
        passage = opened(world, Passage, query.get("state", ""))
    except BadRequest:
        raise BadState from None
    name, now = _cookie(world, passage.state), world.clock.now()
    if passage.until <= now or not hmac.compare_digest(_browser(cookies.get(name, "")), passage.browser):
        raise BadState
    answer = {"state": passage.state}
    if "code" in query:
        code = Code(caller=passage.caller, code=query["code"], challenge=passage.challenge, until=now + CODE_LIVES)
        answer["code"] = seal(world, code)
    else:
        error = query.get("error", "")
        answer["error"] = error if _ERROR.fullmatch(error) else "server_error"
    joint = "&" if "?" in passage.return_to else "?"
    return Onward(
        location=f"{passage.return_to}{joint}{urlencode(answer)}",
        cookie=name,
        cookie_value="",
        max_age_s=0,
        caller=passage.caller,
    )


def _browser(cookie: str) -> str:
    return digest_of("relay-browser", cookie, length=52)


def _cookie(world: World, state: str) -> str:
    """The cookie of one passage; `__Host-` keeps other hosts of the domain from planting one."""
    prefix = "__Host-" if world.addresses.relay.startswith("https://") else ""
    return f"{prefix}tandem_relay_{digest_of('relay-cookie', state, length=8)}"
