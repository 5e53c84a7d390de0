"""What a pull leaves behind when Google is not to be had: nothing depends on its job."""

from __future__ import annotations

import pytest

from infra.simulator.model import Fault
from shared.errors import LostRace
from shared.model.connection import Watched
from shared.model.ids import CalendarId, ConnectionId, calendar_path, key_of
from shared.model.stored import read_as
from shared.ports import Patch
from shared.usecases.inbound.pull import PullPayload, pull_calendar
from tests.usecases.bench import ANNA, TENANT, Bench


def shelf(bench: Bench, connection: ConnectionId) -> Watched:
    path = calendar_path(TENANT, connection, CalendarId(ANNA))
    document = bench.store.get_many([path])[path]
    assert document is not None
    return read_as(Watched, document)


def test_a_calendar_that_cannot_be_read_now_is_due_when_its_job_is(bench: Bench) -> None:
    connection = bench.connect("anna")
    before = shelf(bench, connection)
    bench.simulator.google.add_fault(Fault(effect="backendError503", method="GET", path="/events$", count=1))

    pulled = pull_calendar(bench.world, PullPayload(tenant=TENANT, connection=connection, calendar=key_of(ANNA)))

    (job,) = bench.queue.jobs
    after = shelf(bench, connection)
    assert pulled.outcome == "later:google_unavailable"
    assert after.due_at == job.not_before
    assert after.sync_token == before.sync_token


def test_a_list_that_lost_a_race_is_made_again_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise LostRace("somebody else wrote the same tasks")

    connection = bench.connect("anna")
    bench.store.commit([Patch(path=calendar_path(TENANT, connection, CalendarId(ANNA)), fields={"sync_token": None})])
    payload = PullPayload(tenant=TENANT, connection=connection, calendar=key_of(ANNA))
    with monkeypatch.context() as patch:
        patch.setattr("shared.usecases.inbound.pull.advance", lost)
        with pytest.raises(LostRace):
            pull_calendar(bench.world, payload)

    assert pull_calendar(bench.world, payload).outcome == "pulled"
