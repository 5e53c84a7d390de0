"""The doctor on what is stored: keys, grants, connections that need their user, webhooks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra import wiring
from infra.embedded.folder import DataFolder
from infra.settings import Settings
from shared.model.connection import Connection
from shared.model.ids import ConnectionId, TenantId, UserId, connection_path, webhook_path
from shared.model.stored import to_data
from shared.model.webhook import Secret, Webhook
from shared.ports import Set
from shared.usecases.rekey import rekey
from tests.embedded.doctor.examined import faults, said, the_fault
from tests.webhooks.receiver import receiving

T = TenantId("t" * 26)


def connection(status: str, data: Path, *, sealed: str | None = None) -> None:
    """A connection of this status stands in the store; its grant is sound unless another ciphertext is given."""
    wiring.configure(Settings(data=data))
    world = wiring.world()
    id_ = ConnectionId(world.ids.new())
    path = connection_path(T, id_)
    made = Connection(
        id=id_, tenant=T, user=UserId("anna"), created_at=world.clock.now(), status=status,  # type: ignore[arg-type]
        refresh_token=sealed or world.cipher.seal(path, "refresh"),
    )  # fmt: skip
    world.store.commit([Set(path=path, data=to_data(made))])
    wiring.close()


def webhook(url: str, data: Path, state: Any = "active") -> None:  # noqa: ANN401 - a literal
    wiring.configure(Settings(data=data))
    world = wiring.world()
    path = webhook_path(T)
    secret = Secret(sealed=world.cipher.seal(path, "whsec_x"))
    made = Webhook(tenant=T, url=url, secrets=(secret,), state=state, since=world.clock.now())
    world.store.commit([Set(path=path, data=to_data(made))])
    wiring.close()


def test_keys_are_told_to_be_under_way_until_everything_is_sealed_again(data: Path) -> None:
    wiring.configure(Settings(data=data))
    rekey(wiring.world(), wiring.key_ring())
    before = said("keys")[0].detail
    DataFolder(data).keys.rotate(datetime.now(UTC))
    during = said("keys")[0].detail
    wiring.configure(Settings(data=data))
    rekey(wiring.world(), wiring.key_ring())

    assert before.endswith("none retired; all is under it")
    assert during.endswith("1 retired; what is stored is still to be encrypted under the first: `serve` does it")
    assert said("keys")[0].detail.endswith("1 retired; all is under it")


def test_grants_that_no_key_opens_are_counted_and_the_way_back_is_told(data: Path) -> None:
    connection("active", data)
    connection("active", data, sealed="gAAAAAlost")

    assert "1 cannot be opened with these keys: restore" in the_fault("grants")


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        ("needs_reconnect", "POST /v1/connections/{id}/authorize"),
        ("needs_review", "POST /v1/connections/{id}/review"),
    ],
)
def test_connections_that_need_their_user_are_told(data: Path, status: str, remedy: str) -> None:
    connection("active", data)
    connection(status, data)

    found = the_fault("connections")

    assert found.startswith(f"connections: 1 {status}: ")
    assert remedy in found


def test_a_webhook_that_takes_connections_is_sound_and_gets_nothing(data: Path) -> None:
    with receiving() as receiver:
        webhook(receiver.url, data)

        assert faults() == []
        assert receiver.received == []


def test_a_webhook_that_takes_no_connection_is_told_without_its_path(data: Path) -> None:
    webhook("http://127.0.0.1:9/secret-path", data)

    found = the_fault("webhook")

    assert f"that of tenant {T} cannot be reached (no answer (ConnectionRefusedError))" in found
    assert "secret-path" not in found


@pytest.mark.parametrize(
    ("state", "remedy"), [("failing", "GET /v1/webhook/deliveries"), ("off", "set it again with PUT /v1/webhook")]
)
def test_a_webhook_that_does_not_succeed_is_told(data: Path, state: str, remedy: str) -> None:
    with receiving() as receiver:
        webhook(receiver.url, data, state)

        assert remedy in the_fault("webhook")
