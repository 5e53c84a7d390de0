"""`python -m tests.audit`: the pinned packages against today's advisories, or those of a clone that is there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import click

from tests.audit.advisories import known_to_be_weak, pins

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "https://github.com/pypa/advisory-database"
FILES = ("requirements.txt", "requirements-dev.txt")


@click.command()
@click.option("--database", type=click.Path(path_type=Path), help="A clone; without it today's is fetched.")
def main(database: Path | None) -> None:
    """Name every pinned package that an advisory holds for; ends with 1 when there is one."""
    with tempfile.TemporaryDirectory() as folder:
        if database is None:
            database = Path(folder) / "database"
            fetched = subprocess.run(["git", "clone", "--quiet", "--depth=1", SOURCE, str(database)], check=False)
            if fetched.returncode:
                raise click.ClickException(
                    f"{SOURCE} cannot be fetched: connect to the network, or name a clone with ADVISORIES=/path"
                )
        pinned = pins((ROOT / name).read_text("utf-8") for name in FILES)
        found = known_to_be_weak(pinned, database)
        for each in found:
            click.echo(f"{each.package} {each.version}: {each.advisory}; fixed in {each.fixed or 'no version yet'}")
        click.echo(f"{len(pinned)} packages, {len(found)} weaknesses known to the database of {_date(database)}")
    sys.exit(1 if found else 0)


def _date(database: Path) -> str:
    """The day of the database's newest entry."""
    told = subprocess.run(
        ["git", "-C", str(database), "log", "-1", "--format=%cs"], capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "an unknown day"


if __name__ == "__main__":
    main()
