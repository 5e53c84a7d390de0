"""A backup is put back: what happened since is read from Google, nothing is sent from the past, and the brake holds."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from shared.errors import Conflicting
from shared.model.connection import Connection, Watched
from shared.model.ids import CalendarId, ConnectionId, calendar_path, connection_path
from shared.model.stored import read_as
from shared.ports import Delete, Document, Query, Set
from shared.usecases.restored import AHEAD, take_restored
from shared.usecases.sweep import SweepPayload, sweep
from tests.usecases.bench import ANNA, MONDAY, TENANT, Bench

CALL = {"user_id": "anna", "title": "Call", "start": f"{MONDAY}T10:00:00", "status": "open"}
GROUPS = ("connections", "calendars", "users", "tasks", "changes", "runs", "pages")


def backup(bench: Bench) -> list[Document]:
    """Everything that is stored but the tenant."""
    return [document for name in GROUPS for document in bench.store.query(Query(collection=name, group=True))]


def put_back(bench: Bench, kept: list[Document]) -> None:
    """Exactly that is stored again, and the store knows nothing of what came later."""
    bench.clock.pass_(hours=2)
    bench.store.commit([Delete(path=document.path) for document in backup(bench)])
    bench.store.commit([Set(path=document.path, data=document.data) for document in kept])
    bench.queue.jobs.clear()
    take_restored(bench.world)
    connected(bench)


def connected(bench: Bench) -> None:
    """The access token that a refresh would bring, which the simulator's bench has no grant for."""
    for document in bench.store.query(Query(collection="connections", group=True)):
        connection = read_as(Connection, document)
        sealed = bench.world.cipher.seal(document.path, bench.simulator.google.access_token(ANNA))
        later = bench.clock.now() + timedelta(days=1)
        after = replace(connection, access_token=sealed, access_expires_at=later)
        bench.store.commit([Set(path=document.path, data={**document.data, **_token(after)})])


def _token(connection: Connection) -> dict[str, object]:
    return {"access_token": connection.access_token, "access_expires_at": connection.access_expires_at}


def shelf(bench: Bench, connection: ConnectionId) -> Watched:
    path = calendar_path(TENANT, connection, CalendarId(ANNA))
    document = bench.store.get_many([path])[path]
    assert document is not None
    return read_as(Watched, document)


def synced(bench: Bench, *names: str) -> None:
    for name in names:
        bench.put(name, **CALL)
    bench.run()


def test_what_the_crm_wrote_since_the_backup_comes_back_from_its_event(bench: Bench) -> None:
    connection = bench.connect("anna")
    synced(bench, "a")
    kept = backup(bench)
    bench.put("a", title="Newer than the backup")
    bench.run()

    put_back(bench, kept)
    bench.pull(connection)

    assert bench.event("a")["summary"] == "Newer than the backup"
    assert bench.task("a").content.title == "Newer than the backup"


def test_without_it_the_past_would_be_sent_out(bench: Bench) -> None:
    connection = bench.connect("anna")
    synced(bench, "a")
    kept = backup(bench)
    bench.put("a", title="Newer than the backup")
    bench.run()

    bench.store.commit([Set(path=document.path, data=document.data) for document in kept])
    bench.pull(connection)

    assert bench.event("a")["summary"] == "Call"


def test_what_a_person_did_since_the_backup_is_taken_in(bench: Bench) -> None:
    connection = bench.connect("anna")
    synced(bench, "a", "b")
    kept = backup(bench)
    bench.person().edit(str(bench.task("a").sync.event_id), summary="Moved")
    bench.person().delete(str(bench.task("b").sync.event_id))
    bench.pull(connection)

    put_back(bench, kept)
    bench.pull(connection)

    assert bench.task("a").content.title == "Moved"
    assert bench.task("b").content.status == "cancelled"


def test_a_task_that_the_crm_deleted_since_gets_no_event_again(bench: Bench) -> None:
    connection = bench.connect("anna")
    synced(bench, "a")
    kept = backup(bench)
    bench.put("a", title="Newer")
    bench.run()
    bench.delete("a")
    bench.run()

    put_back(bench, kept)
    bench.pull(connection)

    assert bench.person().events() == []
    assert bench.task("a").content.status == "cancelled"


def test_a_task_that_the_backup_does_not_know_finds_its_event_when_it_is_sent_again(bench: Bench) -> None:
    connection = bench.connect("anna")
    kept = backup(bench)
    synced(bench, "a")

    put_back(bench, kept)
    bench.pull(connection)
    bench.put("a", **CALL)
    # Its job has the name that this version's job had before: the queue takes it once, so the sweep sends it.
    bench.clock.pass_(minutes=10)
    sweep(bench.world, SweepPayload(kind="tasks"))
    bench.run()

    assert len(bench.person().events()) == 1
    assert bench.task("a").sync.state == "synced"


def test_the_crm_sees_versions_that_are_newer_than_any_it_saw(bench: Bench) -> None:
    connection = bench.connect("anna")
    synced(bench, "a")
    kept = backup(bench)
    for number in range(5):
        bench.put("a", title=f"Call {number}")
    seen = bench.task("a").version

    put_back(bench, kept)
    bench.pull(connection)

    assert bench.task("a").version > seen
    assert bench.task("a").sync.synced_version == bench.task("a").version


def test_every_calendar_is_due_and_is_read_whole(bench: Bench) -> None:
    connection = bench.connect("anna")
    kept = backup(bench)

    put_back(bench, kept)

    swept = sweep(bench.world, SweepPayload(kind="calendars"))
    assert getattr(swept, "due", 0) == 1
    assert shelf(bench, connection).token_parameters is None


def test_the_brake_holds_what_would_flood_in(bench: Bench) -> None:
    connection = bench.connect("anna", import_external="all")
    kept = backup(bench)
    for number in range(201):
        bench.person().create(f"Event {number}", datetime(2026, 11, 24, 9, 0, tzinfo=UTC))

    put_back(bench, kept)

    assert bench.pull(connection).outcome.startswith("held")


def test_the_brake_holds_what_would_be_cancelled(bench: Bench) -> None:
    connection = bench.connect("anna")
    names = [f"t{number}" for number in range(12)]
    synced(bench, *names)
    kept = backup(bench)
    for name in names:
        bench.person().delete(str(bench.task(name).sync.event_id))

    put_back(bench, kept)

    assert bench.pull(connection).outcome.startswith("held")
    assert {bench.task(name).content.status for name in names} == {"open"}


def test_a_later_write_that_died_is_still_told_by_its_marker(bench: Bench) -> None:
    connection = bench.connect("anna")
    synced(bench, "a")
    put_back(bench, backup(bench))
    bench.put("a", title="First after it")
    bench.run()

    assert not bench.task("a").sync.restored
    assert bench.pull(connection).changed == 0


def test_an_access_token_of_then_is_dropped_and_the_grant_stays(bench: Bench) -> None:
    connection = bench.connect("anna")
    path = connection_path(TENANT, connection)
    document = bench.store.get_many([path])[path]
    assert document is not None
    bench.store.commit([Set(path=path, data={**document.data, "refresh_token": "sealed"})])

    take_restored(bench.world)

    after = bench.store.get_many([path])[path]
    assert after is not None
    assert "access_token" not in after.data
    assert after.data["refresh_token"] == "sealed"


def test_another_deployments_documents_are_refused_and_stay_as_they_are(bench: Bench) -> None:
    bench.connect("anna")
    synced(bench, "a")
    before = bench.task("a")

    with pytest.raises(Conflicting, match="TANDEM_DEPLOYMENT"):
        take_restored(dataclasses.replace(bench.world, deployment="another"))

    assert bench.task("a") == before


def test_doing_it_twice_only_raises_versions_again(bench: Bench) -> None:
    bench.connect("anna")
    synced(bench, "a")
    version = bench.task("a").version

    first, second = take_restored(bench.world), take_restored(bench.world)

    assert first.tasks == second.tasks == 1
    assert bench.task("a").version == version + 2 * AHEAD
