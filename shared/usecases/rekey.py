"""After a change of keys everything sealed is sealed again under the current one, in the background, a page at a time.

Nothing waits for it: what is still under a retired key opens meanwhile. A retired key is given up only behind a whole
pass that began after its time was over, so no job that sealed late under it loses anything. A killed pass goes on where
it was noted. Start at `rekey`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

import msgspec

from shared.errors import LostRace
from shared.model.ids import Path
from shared.model.stored import read_as, to_data
from shared.ports import Must, Patch, Query, Revision, Set

if TYPE_CHECKING:
    from shared.ports import Document
    from shared.usecases.world import World

POSITION = Path("sweeps/keys")
SEALED_IN = ("connections", "webhook", "oauth_apps")
"""The collections whose documents hold something sealed for longer than a retired key lives."""
PAGE = 100
ROUNDS = 5
Became: TypeAlias = Literal["well", "renewed", "left"]


class KeyPass(msgspec.Struct, frozen=True, kw_only=True):
    """One whole pass over what is sealed; keys are told by names that say nothing about them.

    Args:
        current: The key that everything is under afterwards.
        expired: Retired keys whose time is over: they are given up at its end.
    """

    current: str
    expired: tuple[str, ...] = ()


class KeyRing(Protocol):
    """The deployment's keys as a whole."""

    def due(self, now: datetime) -> KeyPass:
        """The pass that must have been done by now."""

    def renewed(self, path: str, text: str) -> str | None:
        """The text sealed under the current key; None when it is already, or is nothing that a key of ours opens."""

    def finish(self, done: KeyPass) -> None:
        """The pass is done: its expired keys open nothing from now on."""


class Progress(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far the pass is, as stored.

    Args:
        done: The current key of the last pass that was finished.
        going: The pass under way; None: none is.
        kind: The position in `SEALED_IN`.
        after: The path behind which it goes on there.
        left: Documents that were being written meanwhile, so that another round must follow.
    """

    schema: int = 1
    done: str | None = None
    going: KeyPass | None = None
    kind: int = 0
    after: str | None = None
    left: int = 0


class Rekeyed(msgspec.Struct, frozen=True, kw_only=True):
    """What one step did; `due` says whether there was anything to look at."""

    due: bool = False
    renewed: int = 0
    finished: bool = False


def rekey(world: World, ring: KeyRing) -> Rekeyed:
    """More of what is sealed is under the current key, or all of it; costs one read when it is already."""
    now = world.clock.now()
    kept = world.store.get_many([POSITION])[POSITION]
    before = Progress() if kept is None else read_as(Progress, kept)
    wanted = ring.due(now)
    if not is_due(before, wanted):
        return Rekeyed()
    at = before if before.going == wanted else Progress(done=before.done, going=wanted)
    until = now + timedelta(seconds=world.options.run_step_s)
    renewed = 0
    while at.kind < len(SEALED_IN) and world.clock.now() < until:
        at, count = _page(world, ring, at)
        renewed += count
    finished = at.kind == len(SEALED_IN)
    if finished:
        at = Progress(done=at.done, going=wanted) if at.left else Progress(done=wanted.current)
        finished = at.going is None
    if finished:
        ring.finish(wanted)
    _keep(world, kept, at)
    world.log.event(
        "rekey", "finished" if finished else "goes_on", documents=renewed, dropped=len(wanted.expired) * finished
    )
    return Rekeyed(due=True, renewed=renewed, finished=finished)


def is_due(progress: Progress, wanted: KeyPass) -> bool:
    """The pass has not been finished yet."""
    return progress.done != wanted.current or bool(wanted.expired)


def _page(world: World, ring: KeyRing, at: Progress) -> tuple[Progress, int]:
    """The next documents of a collection are done; how many were sealed again."""
    after = None if at.after is None else (at.after,)
    page = world.store.query(Query(collection=SEALED_IN[at.kind], group=True, limit=PAGE, after=after))
    became = _together(world, ring, page)
    further = msgspec.structs.replace(at, left=at.left + became.count("left"))
    if len(page) < PAGE:
        return msgspec.structs.replace(further, kind=at.kind + 1, after=None), became.count("renewed")
    return msgspec.structs.replace(further, after=page[-1].path), became.count("renewed")


def _together(world: World, ring: KeyRing, page: list[Document]) -> list[Became]:
    """One commit for the page; where somebody writes one of its documents meanwhile, one for each."""
    writes = [write for document in page if (write := _write(world, ring, document)) is not None]
    kept_back = sum(_is_leased(world, document) for document in page)
    try:
        if writes:
            world.store.commit(writes)
    except LostRace:
        return [_alone(world, ring, document) for document in page]
    renewed: list[Became] = ["renewed"] * len(writes)
    left: list[Became] = ["left"] * kept_back
    return renewed + left


def _alone(world: World, ring: KeyRing, document: Document) -> Became:
    current: Document | None = document
    for _ in range(ROUNDS):
        if current is None:
            return "well"
        if _is_leased(world, current):
            return "left"
        write = _write(world, ring, current)
        if write is None:
            return "well"
        try:
            world.store.commit([write])
        except LostRace:
            current = world.store.get_many([document.path])[document.path]
            continue
        return "renewed"
    return "left"


def _is_leased(world: World, document: Document) -> bool:
    """A job is fetching a new token and will compare the grant with the one it began with."""
    lease = document.data.get("lease_until")
    return isinstance(lease, datetime) and lease > world.clock.now()


def _write(world: World, ring: KeyRing, document: Document) -> Patch | None:
    """What seals this document's secrets again, if one of them is under a retired key."""
    if _is_leased(world, document):
        return None
    fields: dict[str, object] = {}
    for name, value in document.data.items():
        after = _again(ring, document.path, value)
        if after != value:
            fields[name] = after
    return Patch(path=document.path, fields=fields, must=Revision(document.revision)) if fields else None


def _again(ring: KeyRing, path: str, value: object) -> object:
    match value:
        case str():
            # A reference to a secret names where it lies before what is sealed: `sealed:…`.
            scheme, colon, text = value.rpartition(":")
            after = ring.renewed(path, text)
            return value if after is None else f"{scheme}{colon}{after}"
        case list():
            return [_again(ring, path, each) for each in value]
        case Mapping():
            return {name: _again(ring, path, each) for name, each in value.items()}
    return value


def _keep(world: World, kept: Document | None, at: Progress) -> None:
    """The next step goes on from here; another step of the same time may have noted its own."""
    must = Must.BE_ABSENT if kept is None else Revision(kept.revision)
    try:
        world.store.commit([Set(path=POSITION, data=to_data(at), must=must)])
    except LostRace:
        world.log.event("rekey", "two_at_once")
