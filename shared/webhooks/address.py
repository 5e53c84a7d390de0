"""Where a webhook may be: https and public, so that no tenant makes Tandem speak to what only Tandem can reach.

`read_address` judges what is written, when it is set; `may_reach` judges each address that the name turns out to have,
every time something is sent. Only both together are enough: a name can lead somewhere else tomorrow. No I/O.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

import msgspec

LONGEST = 2048
_PRINTABLE = re.compile(r"[!-~]+")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# https://www.iana.org/assignments/special-use-domain-names, and what home and office networks use
_PRIVATE_NAMES = (
    "localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan", "home.arpa",
)  # fmt: skip
# https://www.iana.org/assignments/ipv6-address-space: all other space is local, reserved or stands for something else
_UNICAST = IPv6Network("2000::/3")
_NOT_HOSTS = (
    IPv6Network("2001::/23"),  # protocol assignments, Teredo among them
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("2002::/16"),  # 6to4: leads to the IPv4 address in it
    IPv6Network("3fff::/20"),  # documentation
)


class UnusableAddress(ValueError):
    """The address cannot be a webhook's; the message says why, and what would do."""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook's address in its parts.

    Args:
        plain: Without TLS; only ever to this machine.
        target: Path and query, as they stand in a request.
    """

    plain: bool
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (80 if self.plain else 443) else f"{host}:{self.port}"


def read_address(url: str, *, loopback_allowed: bool) -> Address:
    """The address in its parts, if by its looks it is https and public; where its name leads is not known yet.

    Args:
        url: As the tenant wrote it.
        loopback_allowed: It may also be on this machine, without TLS.

    Raises:
        UnusableAddress: Something else.
    """
    if len(url) > LONGEST or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise UnusableAddress(f"must be an address of at most {LONGEST} printable ASCII characters, without spaces")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower().removesuffix("."), parts.port
    except ValueError:
        raise UnusableAddress("is not an address; write it as https://crm.example/hook") from None
    if "@" in parts.netloc or "#" in url:
        raise UnusableAddress("must have neither a user name nor a fragment")
    if not host or port == 0:
        raise UnusableAddress("names no host; write it as https://crm.example/hook")
    local = _checked_host(host, loopback_allowed=loopback_allowed)
    _checked_scheme(parts, local=local, loopback_allowed=loopback_allowed)
    plain = parts.scheme == "http"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(plain=plain, host=host, port=port or (80 if plain else 443), target=target)


def may_reach(ip: str, *, plain: bool, loopback_allowed: bool) -> bool:
    """Whether a connection to this IP address may be made; without TLS only to this machine, and only if allowed."""
    return (loopback_allowed and is_loopback(ip)) or (not plain and is_public(ip))


def is_public(ip: str) -> bool:
    """Whether the address is a host's on the public internet; a way into another network is none."""
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return address.is_global and not (address.is_multicast or address.is_reserved)
    return (
        address in _UNICAST
        and address.scope_id is None
        and address.is_global
        and not any(address in network for network in _NOT_HOSTS)
    )


def is_loopback(ip: str) -> bool:
    """Whether the address is this machine's own; one of IPv4 inside IPv6 is not, whatever the Python."""
    try:
        address: IPv4Address | IPv6Address = ip_address(ip)
    except ValueError:
        return False
    return address.is_loopback and getattr(address, "ipv4_mapped", None) is None


def _checked_host(host: str, *, loopback_allowed: bool) -> bool:
    """True when the host is this machine; refuses what is private by its name or number."""
    literal = ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2])
    if host == "localhost" or (literal and is_loopback(host)):
        if not loopback_allowed:
            raise UnusableAddress("must be a public address: this one is Tandem's own machine")
        return True
    if literal:
        if not is_public(host):
            raise UnusableAddress("must be a public address: this number is private, reserved or in an unusual form")
        return False
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise UnusableAddress("names a host that cannot be; write names with other letters in their xn-- form")
    if len(labels) < 2 or host.endswith(tuple(f".{name}" for name in _PRIVATE_NAMES)):
        raise UnusableAddress("must be a public address: this name is only known inside a network")
    return False


def _checked_scheme(parts: SplitResult, *, local: bool, loopback_allowed: bool) -> None:
    if parts.scheme == "https" or (parts.scheme == "http" and local):
        return
    also = ", or http to this machine" if loopback_allowed else ""
    raise UnusableAddress(f"must begin with https://{also}")
