"""Every alert's filter counts lines that the functions really write: one that counts nothing alerts nobody."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, Request
from msgspec.structs import replace

import functions.deliver_changes
import functions.pull_calendar
import functions.renew_channels
import functions.sync_task
from infra import wiring
from infra.logs import JsonLog
from infra.simulator.model import Client, Fault
from infra.simulator.server import RunningSimulator
from shared.model.connection import Connection, Watched
from shared.model.ids import CalendarId, ConnectionId, TaskId, calendar_path, connection_path, key_of, task_path
from shared.model.stored import read_as, to_data
from shared.ports import Job, Set
from shared.webhooks.manage import set_webhook
from tests.receivers import KeptMessages
from tests.terraform.log_filter import counts
from tests.terraform.tables import Tables, sources
from tests.usecases.bench import ANNA, MONDAY, TENANT, Bench

CALL = {"user_id": "anna", "title": "Call", "start": f"{MONDAY}T10:00:00", "status": "open"}
Line = dict[str, object]


class Deployed:
    """A bench whose jobs go through their functions; `lines` are what these wrote."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench = bench
        self._written = io.StringIO()
        self.receiver = KeptMessages()
        self.world = dataclasses.replace(
            bench.world,
            log=JsonLog(clock=bench.clock, stream=self._written),
            sender=self.receiver,
            addresses=dataclasses.replace(bench.world.addresses, push_possible=True),
        )
        monkeypatch.setattr(wiring, "world", lambda: self.world)
        monkeypatch.setattr(wiring, "verify_job", lambda headers: None)
        self.connection = bench.connect("anna")

    def lines(self) -> list[Line]:
        return [json.loads(line) for line in self._written.getvalue().splitlines()]

    def call(self, function: Callable[[Request], object], payload: object) -> None:
        """The function is called as its queue calls it."""
        data = json.dumps(payload).encode()
        with Flask(__name__).test_request_context("/jobs/x", method="POST", data=data) as context:
            function(context.request)

    def put(self, task: str, **content: object) -> None:
        """The CRM writes a task, and its job comes."""
        self.bench.put(task, **{**CALL, **content})
        self.sync(task)

    def sync(self, task: str) -> None:
        """One job of a task, whatever is enqueued."""
        self.bench.queue.jobs.clear()
        named = {"schema": 1, "tenant": TENANT, "connection": self.connection, "calendar": None, "task": task}
        self.call(functions.sync_task.sync_task, named)

    def pull(self) -> None:
        """One job of the calendar."""
        named = {"schema": 1, "tenant": TENANT, "connection": self.connection, "calendar": key_of(ANNA)}
        self.call(functions.pull_calendar.pull_calendar, named)

    def change(self, path: str, kind: type[Connection | Watched], **fields: object) -> None:
        """A document has these fields."""
        document = self.bench.store.get_many([path])[path]
        assert document is not None
        self.bench.store.commit([Set(path=path, data=to_data(replace(read_as(kind, document), **fields)))])


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    with RunningSimulator() as simulator:
        yield Deployed(Bench(tmp_path, simulator), monkeypatch)


def a_document_that_nobody_understands(here: Deployed) -> None:
    here.bench.store.commit([Set(path=task_path(TENANT, TaskId("odd")), data={"schema": 1, "version": "one"})])
    here.sync("odd")


def google_is_not_to_be_had(here: Deployed) -> None:
    here.bench.simulator.google.add_fault(Fault(effect="backendError503", path="/events"))
    here.put("a")


def google_refuses_for_good(here: Deployed) -> None:
    here.bench.simulator.google.add_fault(Fault(effect="forbidden", path="/events"))
    here.put("a")


def a_grant_is_revoked(here: Deployed) -> None:
    client = Client(client_id="c", client_secret="s", name="Tandem", redirect_uris=[])
    here.bench.simulator.google.add_client(client)
    path = connection_path(TENANT, here.connection)
    sealed = here.world.cipher.seal(path, "1//nobody-knows-this")
    then = here.bench.clock.now() - timedelta(hours=1)
    here.change(path, Connection, refresh_token=sealed, access_expires_at=then)
    here.put("a")


def many_events_vanish(here: Deployed) -> None:
    for number in range(12):
        here.put(f"t{number}")
    for event in here.bench.person().events():
        here.bench.person().delete(str(event["id"]))
    here.pull()


def a_channel_cannot_be_renewed(here: Deployed) -> None:
    path = calendar_path(TENANT, ConnectionId(here.connection), CalendarId(ANNA))
    here.change(path, Watched, renew_at=here.bench.clock.now())
    here.bench.simulator.google.add_fault(Fault(effect="backendError503", path="/watch$"))
    here.call(functions.renew_channels.renew_channels, {})


def a_webhook_refuses(here: Deployed) -> None:
    set_webhook(here.world, TENANT, "http://127.0.0.1:9/hook")
    here.receiver.otherwise = 500
    here.put("a")
    here.bench.person().edit(str(here.bench.task("a").sync.event_id), summary="Renamed")
    here.pull()
    deliver = [job for job in here.bench.queue.jobs if job.function == "deliver_changes"]
    here.bench.clock.pass_(minutes=1)
    here.call(functions.deliver_changes.deliver_changes, payload_of(deliver))


def payload_of(jobs: list[Job]) -> object:
    """What the last of them carries."""
    return dict(jobs[-1].payload)


ALERTING = {
    "errors": a_document_that_nobody_understands, "failed_tries": google_is_not_to_be_had,
    "needs_reconnect": a_grant_is_revoked, "needs_review": many_events_vanish,
    "renewals_failed": a_channel_cannot_be_renewed, "deliveries_failed": a_webhook_refuses,
}  # fmt: skip
"""What each alert is about, done to a deployment."""


@pytest.mark.parametrize("metric", ALERTING)
def test_an_alert_counts_the_line_that_is_written_when_it_happens(
    tables: Tables, deployed: Deployed, metric: str
) -> None:
    ALERTING[metric](deployed)

    counted = [line for line in deployed.lines() if counts(tables.log_metrics[metric].filter, line)]
    assert len(counted) == 1, deployed.lines()


def test_every_metric_is_tried(tables: Tables) -> None:
    assert tables.log_metrics.keys() == ALERTING.keys()


def test_on_a_good_day_nothing_is_counted(tables: Tables, deployed: Deployed) -> None:
    deployed.put("a")
    deployed.pull()

    assert [line["outcome"] for line in deployed.lines()] == ["synced", "pulled"]
    assert [
        (name, line)
        for name, each in tables.log_metrics.items()
        for line in deployed.lines()
        if counts(each.filter, line)
    ] == []


def test_what_google_refuses_is_counted_by_its_reason(tables: Tables, deployed: Deployed) -> None:
    google_refuses_for_good(deployed)

    (line,) = (each for each in deployed.lines() if counts(tables.log_metrics["failed_tries"].filter, each))
    assert (line["outcome"], line["severity"], bool(line["reason"])) == ("refused", "WARNING", True)


def test_a_metrics_labels_are_fields_that_its_lines_have(deployed: Deployed) -> None:
    extracted = set(re.findall(r"EXTRACT\(jsonPayload\.(\w+)\)", sources()["monitoring.tf"]))
    a_document_that_nobody_understands(deployed)
    google_is_not_to_be_had(deployed)

    assert extracted <= {name for line in deployed.lines() for name in line}


def test_metrics_are_made_of_these_filters() -> None:
    assert re.search(r"filter = join\(.+?each\.value\.filter,\n", sources()["monitoring.tf"], re.DOTALL)


def test_a_filter_is_held_to_the_lines_fields() -> None:
    line = {"severity": "WARNING", "flow": "brake", "outcome": "held"}

    assert counts('jsonPayload.flow="brake" AND jsonPayload.outcome=("held" OR "gone")', line)
    assert not counts('jsonPayload.flow="brake" AND jsonPayload.tenant:*', line)
    assert not counts("severity>=ERROR", line)
    with pytest.raises(ValueError, match="not understood"):
        counts("textPayload:held", line)
