"""The Cloud Tasks queue joins the contract, through the real client."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
import pytest

from infra.gcp.cloud_tasks import CloudTasksQueue
from infra.queues import QUEUES
from shared.ports import Job
from tests.contracts.queue_contract import START, QueueContract
from tests.gcp.cloud_tasks_server import CloudTasksServer, Held, Limits

QUEUE = "projects/p/locations/europe-west1/queues/test-{}"


class Bench:
    def __init__(self) -> None:
        self.time = START
        self.server = CloudTasksServer({QUEUE.format(name): Limits() for name in QUEUES}, now=self.now)
        self.queue = CloudTasksQueue(
            project="p",
            region="europe-west1",
            env="test",
            urls={"sync_task": "https://sync.example.com"},
            account="jobs@p.iam.gserviceaccount.com",
            audience="https://jobs.example.com",
            host=self.server.host,
        )

    def now(self) -> datetime:
        return self.time

    def due(self) -> list[Job]:
        return [_job(each) for each in self.server.due()]

    def all_done(self) -> None:
        for each in self.server.due():
            self.server.settle(each, 204)

    def pass_time(self, span: timedelta) -> None:
        self.time += span


def _job(held: Held) -> Job:
    return Job(
        queue=held.queue.rpartition("-")[2],
        function=held.task.http_request.url.rpartition("/")[2].replace("-", "_"),
        name=held.id,
        payload=msgspec.json.decode(held.task.http_request.body),
        not_before=held.eta,
    )


class TestCloudTasksQueue(QueueContract):
    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        made = Bench()
        with made.server:
            yield made
            made.queue.close()
