"""Web addresses that others give us: which are plain, which are private. Nothing here looks a name up."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

PRIVATE_ENDINGS = (".local", ".internal", ".localhost", ".test", ".lan", ".home.arpa")
"""Names that no public server has.

Source: https://www.iana.org/assignments/special-use-domain-names
"""
_USUAL_PORTS = {"http": 80, "https": 443}


def plain_address(address: str) -> SplitResult | None:
    """An http address as every browser reads it; None for what is none, or could be read in two ways."""
    try:
        parts = urlsplit(address)
        named = parts.hostname is not None and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    odd = any(character == "\\" or character.isspace() or not character.isprintable() for character in address)
    plain = parts.scheme in {"http", "https"} and "@" not in parts.netloc
    return parts if named and plain and not odd else None


def origin_of(parts: SplitResult) -> str:
    """Scheme, host and port, written one way.

    Source: https://datatracker.ietf.org/doc/html/rfc6454#section-4
    """
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}:{parts.port or _USUAL_PORTS[parts.scheme]}"


def is_private_host(host: str) -> bool:
    """This machine or a private network, by an address or by a name that no public server has."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.endswith(PRIVATE_ENDINGS) or ("." not in host and not _is_a_number(host))
    return address.is_loopback or (address.is_private and not address.is_unspecified)


def _is_a_number(host: str) -> bool:
    """Browsers read such a name as an IPv4 address.

    Source: https://url.spec.whatwg.org/#ends-in-a-number-checker
    """
    return host[:1].isdigit() and all(character in "0123456789abcdefx" for character in host)
