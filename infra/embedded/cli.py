"""The command line: `demo`, `serve`, `simulator`, `tenants create`, `keys rotate`, `relay issue`, `restored`, `doctor`.

It works beside a running server. Whatever keeps Tandem from starting is said with its remedy, and the exit status is 1.
Start at `command_line`.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import click
import msgspec

from infra import wiring
from infra.embedded.cli_relay import relay
from infra.embedded.doctor import examined
from infra.embedded.explained import explained
from infra.embedded.server import OnePort
from infra.embedded.site import Site
from infra.settings import DEFAULT_PORT, load_settings
from infra.settings_reading import SettingsFault
from shared.ports import Query
from shared.usecases.restored import take_restored
from shared.usecases.tenants import create_tenant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from infra.settings import Settings
    from shared.usecases.world import World

FIRST_TENANT = "First tenant"
OWN_KEYS = (
    "make one (python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'), put it first "
    "in the list, keep the others behind it, and start Tandem again; what is stored is then encrypted again in the "
    "background. When `doctor` says that this is done and 30 days have passed, take the old one out"
)


def command_line(functions: Sequence[str], *, source: Path, version: str) -> click.Group:
    """The commands, serving these functions of this `main.py`."""

    @click.group(context_settings={"help_option_names": ["-h", "--help"]})
    @click.version_option(version, prog_name="tandem", message="%(prog)s %(version)s")
    def tandem() -> None:
        """Tandem keeps a CRM's tasks and its users' Google Calendars in step, both ways."""

    port = click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))

    @tandem.command()
    @port
    @explained
    def serve(port: int) -> None:
        """Serve every function on this machine, for real Google accounts."""
        settings = load_settings()
        with (
            stopped_by_signal() as stop,
            Site(settings, functions=functions, source=source, server=OnePort(port)) as site,
        ):
            introduce(wiring.world())
            click.echo(f"Tandem is ready on {site.url} (API pages: {site.url}/docs). Ctrl-C stops it.")
            stop.wait()

    @tandem.command()
    @port
    @explained
    def demo(port: int) -> None:
        """Serve Tandem beside a simulated Google Calendar, on one address."""
        from infra.embedded.demo_site import demo_site

        server = OnePort(port)
        with (
            stopped_by_signal() as stop,
            demo_site(functions=functions, source=source, server=server, first_key=first_key) as site,
        ):
            click.echo(f"Open {site.url}. Ctrl-C stops it.")
            stop.wait()

    @tandem.command()
    @port
    @explained
    def simulator(port: int) -> None:
        """Serve the Google simulator alone."""
        from infra.embedded.demo_site import simulated_google

        server = OnePort(port)
        with stopped_by_signal() as stop, simulated_google(server) as google:
            click.echo(f"The Google simulator is ready on {server.url}. Point Tandem to it:")
            for name, value in google.addresses.items():
                click.echo(f"  export {name}={value}")
            stop.wait()

    @tandem.group()
    def tenants() -> None:
        """CRM installations."""

    @tenants.command()
    @click.argument("name")
    @click.option("--json", "as_json", is_flag=True, help="Print {tenant, api_key} as JSON.")
    @explained
    def create(name: str, *, as_json: bool) -> None:
        """Make a tenant and its first API key, which is shown this once."""
        wiring.configure(load_settings())
        tenant, api_key = create_tenant(wiring.world(), name)
        if as_json:
            click.echo(msgspec.json.encode({"tenant": tenant.id, "api_key": api_key}))
        else:
            click.echo(f"Tenant {tenant.id}\nAPI key (shown this once): {api_key}")

    @tandem.group()
    def keys() -> None:
        """The keys that encrypt grants and sign links and tokens."""

    @keys.command()
    @explained
    def rotate() -> None:
        """Encrypt and sign with a new key; what is stored is encrypted again in the background."""
        click.echo(rotated(load_settings()))

    tandem.add_command(relay)

    @tandem.command()
    @explained
    def restored() -> None:
        """After a backup was put back: read everything from Google again, with the brake on."""
        click.echo(proved_anew(load_settings()))

    @tandem.command()
    @click.pass_context
    def doctor(context: click.Context) -> None:
        """Say what is missing and how to mend it; exit 0 when nothing is, else 1."""
        findings = examined()
        for finding in findings:
            click.echo(finding.line)
        context.exit(0 if all(finding.well for finding in findings) else 1)

    return tandem


def rotated(settings: Settings) -> str:
    """A new key encrypts and signs from now on; what a person must know of it.

    Raises:
        SettingsFault: The keys are the operator's own.
    """
    if settings.keys:
        raise SettingsFault([f"TANDEM_KEYS holds the keys, so Tandem cannot change them: {OWN_KEYS}"])
    wiring.configure(settings)
    embedded = wiring.embedded()
    until = embedded.folder.keys.rotate(embedded.world.clock.now())
    served = embedded.folder.is_served()
    follows = "The running server encrypts" if served else "Once it is served, Tandem encrypts"
    return (
        f"A new key encrypts and signs from now on. {follows} what is stored again in the background: `doctor` says "
        "when that is done.\n"
        f"The key before still opens and verifies until {until:%Y-%m-%d %H:%M} UTC and is then given up. "
        f"Back up {embedded.folder.keys.path} now: without it no grant opens."
    )


def proved_anew(settings: Settings) -> str:
    """The store's documents are taken for a backup's from now on; what a person must know of it."""
    wiring.configure(settings)
    done = take_restored(wiring.world())
    return (
        f"Proved anew: {done.tasks} of tasks, {done.calendars} of calendars, {done.connections} of access tokens.\n"
        "Every calendar is read whole as soon as jobs run; what would be a mass change waits for a review.\n"
        "Have the CRM send all its tasks again: POST /v1/tasks/batch."
    )


def introduce(world: World) -> None:
    """There is a tenant; the first one is made here."""
    if not world.store.query(Query(collection="tenants", limit=1)):
        first_key(world)


def first_key(world: World) -> str:
    """The API key of a new tenant, printed this once."""
    tenant, api_key = create_tenant(world, FIRST_TENANT)
    click.echo(f"First start: made tenant {tenant.id}\nAPI key (shown this once): {api_key}")
    return api_key


class stopped_by_signal:  # noqa: N801 - reads as what it does
    """An event that Ctrl-C or SIGTERM sets; a second one ends the process at once."""

    def __enter__(self) -> threading.Event:
        self._event = threading.Event()
        self._before = {number: signal.signal(number, self._heard) for number in (signal.SIGINT, signal.SIGTERM)}
        return self._event

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, _frame: object) -> None:
        self._event.set()
        signal.signal(number, signal.SIG_DFL)
