"""Reads variables one by one and collects what is wrong with them, never repeating a secret. Start at `Reading`."""

from __future__ import annotations

import base64
import binascii
import math
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import msgspec

from shared.relay.installations import read_token
from shared.web_addresses import is_private_host

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.relay.installations import InstallationToken

KEY_BYTES = 32
KEY_REMEDY = (
    "set a JSON list of keys, newest first, each 32 random bytes in URL-safe base64: "
    """python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"""
)
DEPLOYMENT = re.compile(r"[a-z0-9][a-z0-9-]{2,62}")
Choice = TypeVar("Choice", bound=str)


class SettingsFault(Exception):
    """Tandem cannot start with these settings.

    Args:
        faults: One line each: the variable, what is wrong, and the remedy.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class Reading:
    """One pass over the variables; a faulty one reads as its default, so that the pass goes on."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._faults: list[str] = []
        self._read: set[str] = set()

    def fault(self, name: str, wrong: str, remedy: str) -> None:
        """Remember that this variable is wrong."""
        self._faults.append(f"{name} {wrong}: {remedy}")

    def done(self) -> None:
        """Raise what was remembered, if anything was."""
        if self._faults:
            raise SettingsFault(self._faults)

    def unread(self, prefix: str, *, except_for: str) -> list[str]:
        """Variables with this prefix that nobody asked for."""
        return sorted(
            name
            for name in self._environment
            if name.startswith(prefix) and not name.startswith(except_for) and name not in self._read
        )

    def text(self, name: str) -> str | None:
        """The variable without surrounding space; None when it is not set or empty."""
        self._read.add(name)
        return self._environment.get(name, "").strip() or None

    def name(self, name: str) -> str | None:
        """A stable id."""
        given = self.text(name)
        if given is not None and not DEPLOYMENT.fullmatch(given):
            self.fault(name, "is no usable id", "use 3 to 63 lower-case letters, digits and dashes")
            return None
        return given

    def choice(self, name: str, choices: Sequence[Choice], default: Choice) -> Choice:
        """One of these words, in whatever case it was written."""
        given = self.text(name)
        if given is None:
            return default
        for choice in choices:
            if choice.lower() == given.lower():
                return choice
        self.fault(name, f"is {given!r}", f"set one of {', '.join(choices)}")
        return default

    def seconds(self, name: str, default: float, *, least: float, most: float) -> float:
        """A span within its bounds."""
        given = self.text(name)
        if given is None:
            return default
        try:
            value = float(given)
        except ValueError:
            value = math.nan
        if least <= value <= most:
            return value
        self.fault(name, f"is {given!r}", f"set seconds between {least:g} and {most:g}")
        return default

    def url(self, name: str) -> str | None:
        """An http or https address without a slash at its end."""
        given = self.text(name)
        if given is None:
            return None
        if is_url(given):
            return given.rstrip("/")
        self.fault(name, f"is {given!r}", "set a whole address, such as https://tandem.example.com")
        return None

    def safe_url(self, name: str) -> str | None:
        """An address that tokens may travel to: https, or on this machine or a private network."""
        given = self.url(name)
        if given is None or is_safe(given):
            return given
        self.fault(name, f"is {given!r}", "set an https address; plain http is only for this machine and private names")
        return None

    def installation(self, name: str) -> InstallationToken | None:
        """An installation token of a relay."""
        given = self.text(name)
        if given is None:
            return None
        try:
            return read_token(given)
        except (ValueError, OverflowError):
            self.fault(name, "is no installation token", "set what the relay's operator was given by `relay issue`")
            return None

    def words(self, name: str) -> tuple[str, ...]:
        """Words separated by commas."""
        return tuple(part.strip() for part in (self.text(name) or "").split(",") if part.strip())

    def urls_by_name(self, name: str) -> Mapping[str, str]:
        """A JSON object of addresses."""
        given = self.text(name)
        if given is None:
            return MappingProxyType({})
        try:
            urls = msgspec.json.decode(given, type=dict[str, str])
        except msgspec.DecodeError:
            urls = {}
        if urls and all(is_url(url) for url in urls.values()):
            return MappingProxyType({function: url.rstrip("/") for function, url in urls.items()})
        self.fault(name, "is no JSON object of addresses", 'set it like {"oauth": "https://…", "api": "https://…"}')
        return MappingProxyType({})

    def origins(self, name: str) -> tuple[str, ...]:
        """Origins separated by commas."""
        given = [part.strip().rstrip("/") for part in (self.text(name) or "").split(",") if part.strip()]
        unsafe = [origin for origin in given if is_url(origin) and not is_safe(origin)]
        if unsafe:
            remedy = "list it as https; plain http is only for this machine and private names"
            self.fault(name, f"has {', '.join(unsafe)}", remedy)
            return ()
        if all(is_url(origin) and not urlsplit(origin).path for origin in given):
            return tuple(given)
        self.fault(
            name, "is no list of origins", "set scheme and host only, separated by commas: https://crm.example.com"
        )
        return ()

    def keys(self, name: str) -> tuple[bytes, ...]:
        """The deployment's keys."""
        given = self.text(name)
        if given is None:
            return ()
        try:
            keys = tuple(key_from(text) for text in msgspec.json.decode(given, type=list[str]))
        except (msgspec.DecodeError, binascii.Error, ValueError):
            keys = ()
        if keys and all(len(key) >= KEY_BYTES for key in keys):
            return keys
        self.fault(name, "holds no usable keys", KEY_REMEDY)
        return ()


def is_url(text: str) -> bool:
    """A whole http or https address, without query, fragment or credentials."""
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    return whole and not (parts.query or parts.fragment or parts.username or parts.password) and " " not in text


def is_safe(url: str) -> bool:
    """Nobody on the way reads what travels to this address."""
    parts = urlsplit(url)
    return parts.scheme == "https" or is_private_host(parts.hostname or "")


def key_from(text: str) -> bytes:
    """A key from URL-safe base64, with or without padding.

    Raises:
        ValueError: It is none.
    """
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
