"""A person is erased: nothing that names the person is stored any more."""

import pytest

from shared.errors import GoogleRefused
from shared.model.ids import RunId, run_path
from shared.ports import Document, Query
from tests.simulation.google_in_process import InProcessOAuth
from tests.simulation.sim import BEN
from tests.unit.usecases.runs.stage import Stage


def _synced(stage: Stage) -> None:
    stage.connect(import_external="all")
    for each in range(3):
        stage.put(f"t{each}")
    stage.drain()


@pytest.mark.parametrize(("events", "left"), [("keep", ["t0", "t1", "t2"]), ("delete", [])])
def test_of_an_erased_person_only_the_run_that_did_it_is_left(stage: Stage, events: str, left: list[str]) -> None:
    _synced(stage)
    run = stage.run("erase", None, user="anna", events=events)

    assert (run.state, stage.titles()) == ("done", left)
    told = {change.path for change in _in(stage, "changes")}
    kept = {path for path in _paths(stage) if "/latest_runs/" not in path}
    assert kept - told == {"tenants/acme", run_path(stage.tenant, RunId(run.id))}


def test_tombstones_of_an_erased_person_go_too(stage: Stage) -> None:
    _synced(stage)
    stage.sim.crm(stage.tenant).delete("t1")
    stage.drain()

    stage.run("erase", None, user="anna", events="keep")

    assert _in(stage, "tasks") == []


def test_an_erasure_is_done_when_it_has_done_as_much_as_it_announced(stage: Stage) -> None:
    _synced(stage)

    run = stage.run("erase", None, user="anna", events="delete")

    assert run.done == run.total


def test_another_persons_things_stay_when_one_is_erased(stage: Stage) -> None:
    _synced(stage)
    stage.connect("ben", BEN)
    stage.put("bens", user="ben")
    stage.drain()

    stage.run("erase", None, user="anna", events="delete")

    assert [task.id for task in stage.sim.tasks()] == ["bens"]
    assert stage.connection("c-ben").status == "active"


def test_erasing_a_person_nobody_knows_ends_well(stage: Stage) -> None:
    assert stage.run("erase", None, user="nobody", events="keep").state == "done"


def _in(stage: Stage, collection: str) -> list[Document]:
    return stage.store.query(Query(collection=f"tenants/{stage.tenant}/{collection}"))


def _paths(stage: Stage) -> set[str]:
    with stage.store._database.reading() as connection:  # type: ignore[attr-defined]
        return {path for (path,) in connection.execute("SELECT path FROM documents")}


def test_a_grant_that_google_will_not_take_back_holds_up_no_erasure(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(_self: InProcessOAuth, _token: str) -> None:
        raise GoogleRefused("no", reason="invalid_client")

    _synced(stage)
    monkeypatch.setattr(InProcessOAuth, "revoke", refuses)

    run = stage.run("erase", None, user="anna", events="keep")

    assert (run.state, _in(stage, "tasks"), _in(stage, "connections")) == ("done", [], [])
