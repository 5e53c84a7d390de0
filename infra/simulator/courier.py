"""Delivers push messages over HTTP, in the background. Start at `Courier`.

A message is tried by one worker at a time; its answer goes back to the state machine, which decides on retries.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import requests

from infra.simulator.desk import Desk
from infra.simulator.model import Notification

_log = logging.getLogger(__name__)
TIMEOUT_S = 10.0
LONGEST_WAIT_S = 0.5


class Courier:
    """Runs until it is closed; a message that nobody takes is not an error here."""

    def __init__(self, desk: Desk) -> None:
        """Deliver for a desk; call `start`."""
        self._desk = desk
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulator-courier", daemon=True)
        self._workers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="simulator-push")

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def close(self) -> None:
        """Stop; messages under way are finished, the others stay in the outbox."""
        self._stopping.set()
        self._desk.ring()
        if self._thread.is_alive():
            self._thread.join()
        self._workers.shutdown()

    def deliver_now(self) -> None:
        """Deliver what is due in the calling thread, as Google does when a sync message comes before the answer."""
        for message in self._due():
            self._deliver(message)

    def _run(self) -> None:
        while not self._stopping.is_set():
            heard = self._desk.rings
            for message in self._due():
                self._workers.submit(self._deliver, message)
            self._desk.wait(self._pause_s(), heard=heard)

    def _due(self) -> list[Notification]:
        with self._desk.doing() as google:
            return google.due_notifications(google.ctx.now())

    def _pause_s(self) -> float:
        with self._desk.doing() as google:
            next_us, now_us = google.next_notification_at(), google.ctx.now_us()
        if next_us is None:
            return LONGEST_WAIT_S
        return min(LONGEST_WAIT_S, max(0.001, (next_us - now_us) / 1_000_000))

    def _deliver(self, message: Notification) -> None:
        status = None
        try:
            answer = requests.post(
                message.address, headers=message.headers, data=b"", timeout=TIMEOUT_S, allow_redirects=False
            )
            status = answer.status_code
        except requests.RequestException as fault:
            _log.info("push message %d was not taken: %s", message.id, type(fault).__name__)
        with self._desk.doing() as google:
            google.notification_answered(message, status)
