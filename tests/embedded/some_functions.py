"""Stands where main.py stands, with functions that only show how they are served; the servers of these tests run it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from flask import Request, Response

from infra import wiring
from shared.errors import UnknownKey
from shared.ports import Job, Must, Set

NAMES = ("api", "calendar_webhook", "sync_task", "sweep", "renew_channels")
together = threading.Barrier(50)


def api(request: Request) -> Response:
    """Tells the path; `/v1/enqueue/<name>` enqueues, `/v1/stream` streams, `/v1/together` waits for 49 others."""
    if request.path.startswith("/v1/enqueue/"):
        name = request.path.rpartition("/")[2]
        payload = {"schema": 1, "task": name}
        wiring.world().queue.enqueue(Job(queue="sync", function="sync_task", name=name, payload=payload))
    if request.path == "/v1/stream":
        return Response(_beats(), mimetype="text/event-stream")
    if request.path == "/v1/together":
        together.wait(timeout=30)
    return Response(request.path)


def calendar_webhook(request: Request) -> Response:
    """Fails."""
    raise RuntimeError(request.path)


def sync_task(request: Request) -> Response:
    """Keeps what it was sent, once a name, and the headers of a job. The first try of `held` never ends."""
    try:
        wiring.verify_job(request.headers)
    except UnknownKey as refused:
        return Response(str(refused), status=401)
    task = str(request.get_json()["task"])
    if task == "held" and request.headers["X-CloudTasks-TaskRetryCount"] == "0":
        wiring.world().store.commit([Set(path="done/holding", data={})])
        threading.Event().wait()
    headers = {name: value for name, value in request.headers.items() if name.startswith("X-Cloudtasks")}
    at = wiring.world().clock.now()
    wiring.world().store.commit([Set(path=f"done/{task}", data={"at": at, "headers": headers}, must=Must.BE_ABSENT)])
    return Response(status=204)


def sweep(request: Request) -> Response:
    """Finds nothing."""
    return Response(status=204)


def renew_channels(request: Request) -> Response:
    """Finds nothing."""
    return Response(status=204)


def _beats() -> Iterator[str]:
    yield "data: first\n\n"
    threading.Event().wait()
