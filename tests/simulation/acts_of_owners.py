"""What users and admins of a tenant may do: settings, pauses, grants, connections, runs, webhooks, erasure."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from shared.model.ids import CalendarId, ConnectionId
from shared.usecases.connecting.begin import begin
from shared.usecases.connecting.calendars import watch_calendar
from shared.usecases.connecting.change_connection import change_connection
from shared.usecases.runs.connection_runs import AskedKind, review, run_on_connection
from shared.usecases.runs.runs import start_run
from shared.usecases.tenants import patch_tenant
from shared.webhooks.manage import remove_webhook, rotate_secret, set_webhook
from tests.simulation.consenting import connect_again, connect_anew
from tests.simulation.sim import ANNA

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from shared.model.connection import Connection
    from tests.simulation.chance import Chance, Site

DECIDING: dict[str, tuple[object, ...]] = {
    "conflict": ("manual", "crm_wins", "google_wins", "latest_wins"),
    "on_google_delete": ("cancel_task", "unlink", "recreate"),
    "import_external": ("off", "all"),
}
"""Settings that choose between two sides."""
EVERYTHING: dict[str, tuple[object, ...]] = DECIDING | {
    "direction": ("both", "both", "to_google", "from_google"),
    "auto_sync": (True, False),
    "import_external": ("off", "all", "marked"),
    "mark": ("#crm", "[sync]"),
    "private_events": ("sync", "to_google_only", "to_crm_only", "skip"),
    "private_arrives": ("private", "public"),
    "hours": (None, {"from": "09:00", "to": "16:00"}, {"from": "00:00", "to": "24:00", "days": [1, 2, 3, 4, 5]}),
    "on_done": ("keep", "check", "color", "free", "delete"),
    "colors": ({"call": "#8B5CF6"}, {"call": "#EF4444", "meeting": "#3B82F6"}),
    "notify_guests": ("none", "external_only", "all"),
    "description_format": ("html", "text"),
    "description_template": ("{description}\n\n{details}\n\n{footer}", "{description}", "{details}\n{description}"),
    "default_duration": ({}, {"timed_min": 45, "all_day": 2}),
    "window": ({}, {"past_days": 30, "future_days": 60}),
    "google_tasks": (None,),
    "language": ("en", "de"),
}
"""Every setting but the calendar, which is changed with an eye on what the account has."""


def changes_settings(world: Chance, rng: Random) -> str | None:
    """A connection's settings change, or a tenant's defaults."""
    site = world.site(rng)
    palette = EVERYTHING if world.wide else DECIDING
    name = rng.choice(sorted(palette))
    changed: dict[str, object] = {name: rng.choice(palette[name])}
    if changed.get("notify_guests") in {"external_only", "all"}:
        world.asked_for_mail = True
    if rng.random() < 0.1 and name in DECIDING:
        world.ledger.decided(site.tenant, changed)
        patch_tenant(world.sim.world, site.tenant, {"settings": changed})
        return f"{site.tenant} {changed}"
    connection = _some(world, site, rng)
    if connection is None:
        return None
    if world.sim.accounts[connection.id] == ANNA and rng.random() < 0.2:
        changed["calendar_id"] = rng.choice(("primary", world.second))
    world.ledger.decided(site.tenant, changed)
    work = partial(change_connection, world.sim.world, site.tenant, connection.id, settings=changed, paused=None)
    return world.call(f"settings of {connection.id} {changed}", work, rng)


def pauses(world: Chance, rng: Random) -> str | None:
    """A connection is paused."""
    return _paused(world, rng, paused=True)


def resumes(world: Chance, rng: Random) -> str | None:
    """A connection goes on."""
    return _paused(world, rng, paused=False)


def revokes(world: Chance, rng: Random) -> str:
    """A user takes the access away in the Google account."""
    account = rng.choice(sorted(world.people))
    world.sim.google.revoke_grant(account)
    return account


def reconnects(world: Chance, rng: Random) -> str | None:
    """A user connects again under the same connection, whatever its state."""
    site = world.site(rng)
    connection = _some(world, site, rng)
    if connection is None:
        return None
    account, sim = world.sim.accounts[connection.id], world.sim
    work = partial(connect_again, sim.world, sim.google, site.tenant, connection.id, account)
    return world.call(f"reconnect {connection.id}", work, rng)


def connects_anew(world: Chance, rng: Random) -> str | None:
    """A user whose connection was ended connects the same account under a new one."""
    return _connects(world, rng, first_sync="auto")


def connects_held(world: Chance, rng: Random) -> str | None:
    """The same, and the new one waits until somebody starts it."""
    return _connects(world, rng, first_sync="hold")


def previews(world: Chance, rng: Random) -> str | None:
    """Somebody looks at what a held connection would do."""
    found = _held_back(world)
    if not found:
        return None
    site, connection = rng.choice(found)
    work = partial(run_on_connection, world.sim.world, site.tenant, connection.id, "preview")
    return world.call(f"preview {connection.id}", work, rng)


def starts(world: Chance, rng: Random) -> str | None:
    """Somebody starts a held connection, previewed or not."""
    found = _held_back(world)
    if not found:
        return None
    site, connection = rng.choice(found)
    return world.call(f"start {connection.id}", partial(begin, world.sim.world, site.tenant, connection.id), rng)


def all_started(world: Chance) -> None:
    """No connection waits to be started."""
    for site, connection in _held_back(world):
        begin(world.sim.world, site.tenant, connection.id)


def disconnects(world: Chance, rng: Random) -> str | None:
    """A connection is ended; its events stay or go."""
    site = world.site(rng)
    connection = _some(world, site, rng)
    if connection is None:
        return None
    events = rng.choice(("keep", "delete"))
    world.ledger.released(site.tenant)
    work = partial(
        start_run, world.sim.world, site.tenant, kind="disconnect", connection=connection.id,
        options={"events": events},
    )  # fmt: skip
    return world.call(f"disconnect {connection.id} {events}", work, rng)


def erases(world: Chance, rng: Random) -> str | None:
    """A person is erased; the CRM forgets them first, gives none of their tasks' ids again, and waits for the end."""
    site = world.site(rng)
    if site.writing or world.erasing(site):
        return None
    user = rng.choice(sorted(site.accounts))
    events = rng.choice(("keep", "delete"))
    site.crm.forget(user, world.sim.of_user(site.tenant, user))
    world.ledger.released(site.tenant)
    start_run(world.sim.world, site.tenant, kind="erase", user=user, options={"events": events})
    return f"{user} of {site.tenant} {events}"


def runs(world: Chance, rng: Random) -> str | None:
    """Long work is asked for."""
    site = world.site(rng)
    connection = _some(world, site, rng)
    if connection is None:
        return None
    kind: AskedKind = rng.choice(("preview", "sync", "export", "import"))
    work = partial(run_on_connection, world.sim.world, site.tenant, connection.id, kind)
    return world.call(f"{kind} of {connection.id}", work, rng)


def reviews(world: Chance, rng: Random) -> str | None:
    """A person decides what the brake holds."""
    held = [(site, each) for site in world.sites for each in world.connections(site) if each.status == "needs_review"]
    if not held:
        return None
    site, connection = rng.choice(held)
    decision: Literal["confirm", "discard"] = rng.choice(("confirm", "discard"))
    return world.call(
        f"{decision} {connection.id}", partial(review, world.sim.world, site.tenant, connection.id, decision), rng
    )


def webhook(world: Chance, rng: Random) -> str:
    """A tenant sets, rotates or removes its webhook."""
    site = world.site(rng)
    what = rng.choice(("set", "set", "set", "rotate", "remove"))
    work: Callable[[], object]
    match what:
        case "set":
            work = partial(set_webhook, world.sim.world, site.tenant, site.url)
        case "rotate":
            work = partial(rotate_secret, world.sim.world, site.tenant)
        case _:
            work = partial(remove_webhook, world.sim.world, site.tenant)
    return world.call(f"{what} the webhook of {site.tenant}", work, rng)


def all_at_work(world: Chance) -> None:
    """Every connection that is not ended has a grant, and none is paused."""
    sim = world.sim
    for site in world.sites:
        for connection in world.connections(site):
            if connection.status == "needs_reconnect" or not _granted(world, connection):
                connect_again(sim.world, sim.google, site.tenant, connection.id, sim.accounts[connection.id])
        for connection in world.connections(site):
            if connection.status == "paused":
                change_connection(sim.world, site.tenant, connection.id, settings={}, paused=False)


def all_decided(world: Chance) -> bool:
    """What the brake holds is decided by somebody; False when it held nothing."""
    held = [(site, each) for site in world.sites for each in world.connections(site) if each.status == "needs_review"]
    for site, connection in held:
        review(world.sim.world, site.tenant, connection.id, "confirm" if world.orphans else "discard")
    return bool(held)


def _granted(world: Chance, connection: Connection) -> bool:
    path = f"tenants/{connection.tenant}/connections/{connection.id}"
    refresh = world.sim.cipher.open(path, connection.refresh_token or "")
    return refresh in world.sim.google.ctx.world.refresh_tokens


def _held_back(world: Chance) -> list[tuple[Site, Connection]]:
    return [(site, each) for site in world.sites for each in world.connections(site) if each.status == "ready"]


def _connects(world: Chance, rng: Random, *, first_sync: Literal["auto", "hold"]) -> str | None:
    site = world.site(rng)
    user = rng.choice(sorted(site.accounts))
    if world.erasing(site) or any(each.user == user for each in world.connections(site)):
        return None
    held = " and hold" if first_sync == "hold" else ""
    return world.call(f"connect {user}{held}", partial(_connected, world, site, user, first_sync), rng)


def _connected(world: Chance, site: Site, user: str, first_sync: Literal["auto", "hold"]) -> None:
    sim, account = world.sim, site.accounts[user]
    site.crm.welcome(user)

    def made(connection: ConnectionId) -> None:
        sim.accounts[connection] = account

    connection, _ = connect_anew(sim.world, sim.google, site.tenant, user, account, made=made, first_sync=first_sync)
    if account == ANNA and any(each.id == connection for each in world.connections(site)):
        watch_calendar(sim.world, site.tenant, ConnectionId(connection), CalendarId(world.second))


def _some(world: Chance, site: Site, rng: Random) -> Connection | None:
    found = world.connections(site)
    return rng.choice(found) if found else None


def _paused(world: Chance, rng: Random, *, paused: bool) -> str | None:
    site = world.site(rng)
    connection = _some(world, site, rng)
    if connection is None:
        return None
    work = partial(change_connection, world.sim.world, site.tenant, connection.id, settings={}, paused=paused)
    return world.call(f"{'pause' if paused else 'resume'} {connection.id}", work, rng)
