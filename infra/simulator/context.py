"""What every part of the state machine shares: the world, the clock, the dice, the switches. Never I/O."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from random import Random

import msgspec

from infra.simulator.clock import rfc3339_ms, to_us
from infra.simulator.model import Calendar, Mail, World
from infra.simulator.settings import SimSettings

_BASE32HEX = "0123456789abcdefghijklmnopqrstuv"
_OPAQUE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something, and how: a person in Google's own pages, or a client on an account's behalf."""

    account: str
    by_person: bool = False
    because: str = ""
    send_updates: str = "none"
    conference_version: int = 0


class Context:
    """The world and the means to change it deterministically.

    `touched` collects what the present action changed, so that each watch gets one message per action.
    """

    def __init__(self, *, world: World, now: Callable[[], datetime], rng: Random, settings: SimSettings) -> None:
        """Hold the parts; nothing is created."""
        self.world = world
        self.now = now
        self.rng = rng
        self.settings = settings
        self.touched: set[str] = set()
        self.counters: Counter[str] = Counter()
        self.version = 0

    def now_us(self) -> int:
        """Read the injected clock."""
        return to_us(self.now())

    def stamp(self) -> int:
        """Give a moment later than every stamp before it, the present if it can be."""
        self.world.stamp_us = max(self.now_us(), self.world.stamp_us + 1)
        return self.world.stamp_us

    def next_number(self) -> int:
        """Count on."""
        self.world.counter += 1
        return self.world.counter

    def new_id(self, length: int = 26) -> str:
        """Make an id of Google's alphabet (base32hex)."""
        return "".join(self.rng.choices(_BASE32HEX, k=length))

    def secret(self, prefix: str, length: int = 48) -> str:
        """Make an opaque token."""
        return prefix + "".join(self.rng.choices(_OPAQUE, k=length))

    def touch(self, resource: str) -> None:
        """Remember that a watched resource changed."""
        self.touched.add(resource)
        self.version += 1

    def send_mail(self, *, to: str, kind: str, calendar: Calendar, event_id: str, summary: str, because: str) -> None:
        """Put a mail into the log."""
        self.world.mails.append(
            Mail(
                at=rfc3339_ms(self.now_us()),
                to=to,
                kind=kind,
                calendar_id=calendar.id,
                event_id=event_id,
                summary=summary,
                because=because,
            )
        )


def etag(stamp_us: int) -> str:
    """Make the etag of a stamp; the quotes are part of the value."""
    return f'"{2 * stamp_us}"'
