"""Finds what tests need beside Python packages, and installs what it may. Never changes anything without saying so.

`python -m tests.bootstrap` runs before every `make test`; tests ask `require` for what was found. With REQUIRE_ALL=1 a
missing thing fails the test that needs it instead of skipping it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

Found = TypeVar("Found")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
CHROMIUM_ELSEWHERE = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
CHROMIUM_REMEDY = "install Chromium (Debian: apt-get install chromium) or name it: TANDEM_TEST_CHROMIUM=/path/to/it"
CURL_REMEDY = "install curl: the integrator's page is written for it"
EMULATOR_REMEDY = (
    "install Java 17 and the Google Cloud CLI's Firestore emulator (gcloud components install cloud-firestore-emulator)"
)
EMULATOR_JAR = Path("platform/cloud-firestore-emulator/cloud-firestore-emulator.jar")
PRODUCTION = "3.13"
"""The Python that terraform/image runs."""
ROOT = Path(__file__).resolve().parents[1]
INSTALL_DEADLINE_S = 600
ANSWER_DEADLINE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FirestoreEmulator:
    """Where Java and the emulator's jar are; started by running the jar's class, not by gcloud."""

    java: Path
    jar: Path

    def command(self, port: int) -> list[str]:
        """The command line that serves on this port of the loopback address; stopping its process stops it."""
        return [
            str(self.java), "-Duser.language=en", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", str(self.jar),
            "com.google.cloud.datastore.emulator.firestore.CloudFirestore", "--host=127.0.0.1", f"--port={port}",
        ]  # fmt: skip


def find_chromium() -> Path | None:
    """The Chromium or Chrome to test with: TANDEM_TEST_CHROMIUM, else the first on PATH, else a usual place."""
    if named := os.environ.get("TANDEM_TEST_CHROMIUM"):
        return Path(named) if Path(named).is_file() else None
    on_path = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next((Path(path) for path in on_path if path), None) or next(
        (path for path in CHROMIUM_ELSEWHERE if path.is_file()), None
    )


def find_firestore_emulator() -> FirestoreEmulator | None:
    """Java and the jar in the Google Cloud CLI's folder, or None when either is missing. Takes a second: ask once."""
    java, gcloud = shutil.which("java"), shutil.which("gcloud")
    if not java or not gcloud:
        return None
    asked = subprocess.run(
        [gcloud, "info", "--format=value(installation.sdk_root)"],
        capture_output=True, text=True, timeout=ANSWER_DEADLINE_S, check=False,
    )  # fmt: skip
    jar = Path(asked.stdout.strip()) / EMULATOR_JAR
    return FirestoreEmulator(java=Path(java), jar=jar) if asked.returncode == 0 and jar.is_file() else None


def find_production_python() -> Path | None:
    """A Python as Cloud Run has it: TANDEM_TEST_PYTHON, else on PATH, else pyenv's; None: there is none."""
    named = [os.environ["TANDEM_TEST_PYTHON"]] if os.environ.get("TANDEM_TEST_PYTHON") else []
    on_path = [path for path in (shutil.which(f"python{PRODUCTION}"),) if path]
    of_pyenv = sorted(map(str, Path("~/.pyenv/versions").expanduser().glob(f"{PRODUCTION}.*/bin/python{PRODUCTION}")))
    asked = f"import sys; sys.exit('{PRODUCTION}' != '.'.join(map(str, sys.version_info[:2])))"
    for each in [*named, *on_path, *of_pyenv]:
        # A shim on PATH may name a version that is not switched on.
        if (
            subprocess.run([each, "-c", asked], capture_output=True, timeout=ANSWER_DEADLINE_S, check=False).returncode
            == 0
        ):
            return Path(each)
    return None


def clean_installation(python: Path) -> Path:
    """The Python of an environment that holds requirements.txt alone; made once for each version of that file."""
    pins = ROOT / "requirements.txt"
    version = subprocess.run(
        [str(python), "-c", "import sys; print('.'.join(map(str, sys.version_info[:3])))"],
        capture_output=True, text=True, timeout=ANSWER_DEADLINE_S, check=True,
    ).stdout.strip()  # fmt: skip
    name = f"{version}-{hashlib.sha256(pins.read_bytes()).hexdigest()[:12]}"
    folder = Path(sys.prefix) / "clean" / name
    folder.parent.mkdir(exist_ok=True)
    with (folder.parent / f"{name}.lock").open("w") as lock:
        # Two workers of one run want the same one.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            print(f"tests: installing requirements.txt alone for Python {version}", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            installed = str(folder / "bin" / "python")
            for command in (
                [str(python), "-m", "venv", str(folder)],
                [installed, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(pins)],
                [installed, "-m", "pip", "check"],
            ):
                subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_DEADLINE_S, check=True)
            (folder / "complete").touch()
    return folder / "bin" / "python"


def everything_required() -> bool:
    """Whether this run may leave nothing out."""
    return os.environ.get("REQUIRE_ALL") == "1"


def require(thing: Found | None, reason: str) -> Found:
    """The thing, when it is there. Otherwise the test is skipped with the reason, or fails under REQUIRE_ALL=1.

    Args:
        thing: What a finder found, or None.
        reason: What is missing and how to get it.
    """
    if thing is not None:
        return thing
    if everything_required():
        pytest.fail(f"REQUIRE_ALL=1, and missing: {reason}", pytrace=False)
    pytest.skip(reason)


def install(package: str) -> None:
    """Install a package of the distribution's when this is root on a Debian; otherwise change nothing."""
    apt = shutil.which("apt-get")
    if not apt or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    print(f"tests: installing {package} with apt-get", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", package]):
        done = subprocess.run(
            [apt, *arguments],
            env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
            timeout=INSTALL_DEADLINE_S,
        )  # fmt: skip
        if done.returncode:
            print(f"tests: apt-get {arguments[0]} failed:\n{done.stderr.strip()}", flush=True)


def main() -> int:
    """Say what was found and what tests will be left out without it; the tests themselves decide what that means."""
    if find_chromium() is None:
        install("chromium")
    if shutil.which("curl") is None:
        install("curl")
    for what, found, remedy in (
        ("Chromium", find_chromium(), CHROMIUM_REMEDY),
        ("curl", shutil.which("curl"), CURL_REMEDY),
        ("Firestore emulator", find_firestore_emulator(), EMULATOR_REMEDY),
    ):
        where = found.jar if isinstance(found, FirestoreEmulator) else found
        left_out = "the tests that need it FAIL" if everything_required() else "the tests that need it are SKIPPED"
        print(f"tests: {what}: {where}" if found else f"tests: {what}: not found, {left_out}; {remedy}", flush=True)
    production = find_production_python()
    told = f"{production}" if production else "not found, a deployment's functions are tested on this Python instead"
    print(f"tests: Python {PRODUCTION}: {told}", flush=True)
    clean_installation(production or Path(sys.executable))
    return 0


def other() -> int:
    """Print the Python that Cloud Run has, for running the tests on it too; 1 where it is this one or is not there."""
    found = find_production_python()
    if found is None:
        print(f"tests: Python {PRODUCTION} is not here, so nothing is tested on it", file=sys.stderr)
    elif sys.version_info[:2] != tuple(map(int, PRODUCTION.split("."))):
        print(found)
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(other() if sys.argv[1:] == ["other"] else main())
