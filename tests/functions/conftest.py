"""A place to connect accounts in with a browser in front of it, and a relay whose store fails at every touch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.functions.relay_place import CRM, RELAY, NoQueue, NoStore, Relay
from tests.google.worlds import Place, place


@pytest.fixture(name="here")
def a_place(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as made:
        yield made


@pytest.fixture
def browser(here: Place) -> FlaskClient:
    return here.browser()


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    with place(tmp_path) as made:
        made.with_world(store=NoStore(), queue=NoQueue(), addresses=replace(made.world.addresses, relay=RELAY))
        here = Relay(place=made)
        here.allow(CRM)
        yield here
