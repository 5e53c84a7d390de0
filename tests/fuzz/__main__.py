"""`python -m tests.fuzz`: each parser of foreign bytes under atheris, then the API by sequences of calls.

A parser has a process of its own, since atheris ends its process. Ends with 1 when anything was found, and shows it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]


def searched(name: str, seconds: int, folder: Path) -> str | None:
    """What broke the parser within the time, as bytes; None: nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "one", name, str(seconds), str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return None
    broken = [repr(path.read_bytes()) for path in sorted(folder.glob("crash-*"))]
    return f"{name}: {broken}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"


@click.group()
def main() -> None:
    """What strangers could send."""


@main.command()
@click.option("--seconds", default=30, show_default=True, help="For each parser.")
def parsers(seconds: int) -> None:
    """Every parser of foreign bytes, one after another."""
    from tests.fuzz.parsers import PARSERS

    found = []
    for name in PARSERS:
        with tempfile.TemporaryDirectory() as folder:
            broken = searched(name, seconds, Path(folder))
        click.echo(f"{name}: {'broken' if broken else 'nothing found'}")
        found += [broken] if broken else []
    click.echo("\n".join(found))
    sys.exit(1 if found else 0)


@main.command()
@click.argument("name")
@click.argument("seconds", type=int)
@click.argument("folder", type=click.Path(path_type=Path))
def one(name: str, seconds: int, folder: Path) -> None:
    """One parser, in this process, which ends with it; what breaks it is left in the folder."""
    import atheris

    with atheris.instrument_imports(include=["shared", "functions"]):
        from tests.fuzz.parsers import PARSERS, SEEDS
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS[name]):
        (corpus / str(number)).write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-artifact_prefix={folder}/", "-rss_limit_mb=2048", "-timeout=10"]
    atheris.Setup(["tests.fuzz", *options, str(corpus)], PARSERS[name])
    atheris.Fuzz()


@main.command()
@click.option("--seconds", default=600.0, show_default=True)
def api(seconds: float) -> None:
    """Sequences of calls that the API's document leads to, by chance."""
    from tests.fuzz.api import run_for

    with tempfile.TemporaryDirectory() as folder:
        answered = run_for(Path(folder), seconds)
    click.echo(f"{sum(answered.values())} calls of {len({label for label, _ in answered})} kinds")


if __name__ == "__main__":
    main()
