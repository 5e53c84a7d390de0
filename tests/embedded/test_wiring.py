"""One world a process, made at the first need; libraries for Google wait until they are used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra import wiring
from infra.late import Late
from infra.settings import Settings
from shared.errors import NotFound
from shared.model.oauth import Client


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    yield Settings(data=tmp_path / "data")
    wiring.close()


def test_there_is_one_world(settings: Settings) -> None:
    wiring.configure(settings)

    assert wiring.world() is wiring.world()


def test_a_world_made_again_is_the_same_deployment_and_opens_what_was_sealed(settings: Settings) -> None:
    wiring.configure(settings)
    first = wiring.world()
    sealed = first.cipher.seal("a/b", "x")
    wiring.close()

    second = wiring.world()

    assert second is not first
    assert second.deployment == first.deployment
    assert second.cipher.open("a/b", sealed) == "x"


def test_keys_of_the_environment_come_before_those_of_the_folder(settings: Settings, tmp_path: Path) -> None:
    wiring.configure(Settings(data=tmp_path / "data", keys=(b"k" * 32,)))
    mine = wiring.world().keys.for_purpose("p")
    wiring.configure(settings)

    assert wiring.world().keys.for_purpose("p") != mine


def test_the_operators_client_is_the_settings(tmp_path: Path) -> None:
    clients = wiring.OperatorsClient(Settings(oauth_client_id="id", oauth_client_secret="word"))

    assert clients.client() == Client(client_id="id", client_secret="word")


def test_a_client_that_is_not_there_is_told() -> None:
    with pytest.raises(NotFound):
        wiring.OperatorsClient(Settings()).client()


def test_making_the_world_imports_no_google_client(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from infra import wiring
from infra.settings import Settings
wiring.configure(Settings(data=Path({str(tmp_path)!r})))
wiring.world()
print(sorted(set(sys.modules) & {{"googleapiclient", "google.auth", "requests", "oauthlib", "flask"}}))
wiring.close()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "[]\n"


def test_an_adapter_that_waits_is_made_at_its_first_use_only() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("made")
        return "text"

    late = Late(make)
    before = list(made)

    assert (before, callable(late.upper), callable(late.lower), made) == ([], True, True, ["made"])
