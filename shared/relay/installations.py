"""Installation tokens: issued by the relay's operator from the deployment's keys, proved without any store.

`tdr.<id>.<until>.<secret>`: the secret is an HMAC over id and end, so whoever has the keys makes it anew from what an
installation names, and nothing need be kept. The secret signs start requests and never travels itself.
Taken back by its id (`TANDEM_RELAY_REFUSED`), by its end, or all together by giving up the key that made them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from shared.errors import BadRequest, Fault, Invalid

if TYPE_CHECKING:
    from shared.ports import SigningKeys

PURPOSE = "relay-installation"
FRESH = timedelta(minutes=10)
"""How far the time of a signed request may be from ours."""
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_ID = re.compile(r"[a-z0-9-]{1,63}")
_SIGNED = ("return_to", "state", "code_challenge", "scope", "login_hint", "installation", "at")


class InstallationToken(msgspec.Struct, frozen=True, kw_only=True):
    """What an installation holds; `until` is its end, aware UTC. Starts are refused after it, refreshing goes on."""

    id: str
    until: datetime
    secret: str

    @property
    def text(self) -> str:
        """As it is set in `TANDEM_RELAY_TOKEN`."""
        return f"tdr.{self.named}.{self.secret}"

    @property
    def named(self) -> str:
        """Id and end, which may be read by all."""
        return f"{self.id}.{int(self.until.timestamp())}"


def issue(keys: SigningKeys, name: str, *, chance: str, until: datetime) -> InstallationToken:
    """A token for the installation of this name.

    Args:
        keys: The deployment's; the first one makes the token.
        name: The operator's word for it; two of one name are told apart by `chance`.
        chance: Unlike any before.
        until: Aware UTC.

    Raises:
        Invalid: The name cannot stand in an id.
    """
    if not NAME.fullmatch(name):
        raise Invalid([Fault("name", "use 1 to 40 lower-case letters, digits and dashes, such as acme-crm")])
    id_, end = f"{name}-{chance[:8]}", until.replace(microsecond=0)
    plain = InstallationToken(id=id_, until=end, secret="")
    return msgspec.structs.replace(plain, secret=_secret(keys.for_purpose(PURPOSE)[0], plain.named))


def read_token(text: str) -> InstallationToken:
    """The token that an installation was given.

    Raises:
        ValueError: It was not copied whole.
    """
    sign, id_, until, secret = text.split(".")
    if sign != "tdr" or not _ID.fullmatch(id_) or len(secret) != 43:
        message = "no installation token"
        raise ValueError(message)
    return InstallationToken(id=id_, until=datetime.fromtimestamp(int(until), UTC), secret=secret)


def signed(token: InstallationToken, request: Mapping[str, str], *, now: datetime) -> dict[str, str]:
    """The start request with the installation's name, the time, and a signature over all of it."""
    whole = {**request, "installation": token.named, "at": str(int(now.timestamp()))}
    return {**whole, "signature": _signature(token.secret, whole)}


def signer_of(keys: SigningKeys, request: Mapping[str, str], *, now: datetime) -> str | None:
    """The id of the installation that signed the request; None when it is not signed.

    Raises:
        BadRequest: The signature is wrong or old, or the token has ended.
    """
    named, signature = request.get("installation", ""), request.get("signature", "")
    if not named and not signature:
        return None
    fits = [
        hmac.compare_digest(_signature(_secret(key, named), request).encode(), signature.encode())
        for key in keys.for_purpose(PURPOSE)
    ]
    if not any(fits):
        raise BadRequest("the signature is not one of an installation token of this relay")
    id_, _, until = named.rpartition(".")
    if int(until) <= now.timestamp():
        raise BadRequest("the installation token has ended: its relay's operator issues another one")
    if not request.get("at", "").isdecimal() or abs(now.timestamp() - int(request["at"])) > FRESH.total_seconds():
        raise BadRequest("the signed request is older than ten minutes, or the installation's clock is wrong")
    return id_


def _secret(key: bytes, named: str) -> str:
    return _mac(key, f"secret\n{named}")


def _signature(secret: str, request: Mapping[str, str]) -> str:
    return _mac(secret.encode(), urlencode([(name, request.get(name, "")) for name in _SIGNED]))


def _mac(key: bytes, text: str) -> str:
    digest = hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
