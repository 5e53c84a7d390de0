"""Which hosts are this machine and no other: what asks nobody for a password is for these alone. Looks nothing up."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """The name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_addressed_here(host_header: str | None) -> bool:
    """The request means this machine by its own name; one without a `Host` header comes from no browser.

    A page of another site whose name leads to this machine is at home here, for all that a browser knows, but it still
    asks for its own name.
    """
    if host_header is None:
        return True
    try:
        return is_loopback(urlsplit(f"//{host_header}").hostname or "")
    except ValueError:
        return False
