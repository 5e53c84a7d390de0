"""A CRM as the contract sees it: a key and HTTP. What must come about is waited for with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests

T = TypeVar("T")
SOON_S = 60.0
POLL_S = 0.1


def eventually(look: Callable[[], T], *, within_s: float = SOON_S, what: str = "") -> T:
    """The first truthy answer of `look`, or a failure that says what it last answered."""
    deadline = time.monotonic() + within_s
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what or look} (last: {answer!r})")
        time.sleep(POLL_S)


class Crm:
    """One tenant's; it keeps what it was told, for whoever looks at it afterwards."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {key}"
        self._seen: str | None = None
        self._left: list[Any] = []
        self.problems: list[str] = []
        """Every problem document that this CRM was given."""
        self.sent: list[object] = []
        """Every JSON body that it sent."""
        self.got: list[object] = []
        """Every answer with a secret in it, which is told once."""

    def call(self, method: str, path: str, body: object = None, **headers: str) -> requests.Response:
        """Any call; asserts nothing."""
        self.sent.append(body)
        return self._noted(self._http.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=30))

    def raw(self, method: str, path: str, body: bytes) -> requests.Response:
        """Any call with a body that may be no JSON at all."""
        return self._noted(self._http.request(method, f"{self.url}{path}", data=body, timeout=30))

    def _noted(self, answer: requests.Response) -> requests.Response:
        if answer.headers.get("Content-Type") == "application/problem+json":
            self.problems.append(answer.text)
        elif answer.request.method in {"POST", "PUT"} and answer.content and '"' in answer.text:
            self.got.append(answer.json())
        return answer

    def ok(self, method: str, path: str, body: object = None, **headers: str) -> Any:  # noqa: ANN401 - JSON
        """A call that must succeed; its JSON."""
        answer = self.call(method, path, body, **headers)
        assert answer.ok, (method, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def put(self, task: str, **content: object) -> Any:  # noqa: ANN401 - JSON
        return self.ok("PUT", f"/v1/tasks/{task}", content)

    def task(self, task: str) -> Any:  # noqa: ANN401 - JSON
        return self.ok("GET", f"/v1/tasks/{task}")

    def delete(self, task: str) -> None:
        self.ok("DELETE", f"/v1/tasks/{task}")

    def synced(self, task: str, state: str = "synced", **content: object) -> Any:  # noqa: ANN401 - JSON
        """The task, once it is in that state and holds these fields; a failure tells in which state it is instead."""
        now: Any = None

        def look() -> bool:
            nonlocal now
            now = self.task(task)
            return now["sync_state"]["state"] == state and all(now[name] == value for name, value in content.items())

        try:
            eventually(look)
        except AssertionError as error:
            raise AssertionError(f"{task} is not {state} with {content}, {error}, but {now}") from None
        return now

    def changes(self) -> list[Any]:
        """What `told` read and left, and the next changes of the feed, acknowledged by the next call."""
        cursor = f"?cursor={self._seen}" if self._seen else ""
        page = self.ok("GET", f"/v1/changes{cursor}")
        self._seen = page["next_cursor"]
        left, self._left = self._left, []
        return [*left, *page["data"]]

    def told(self, kind: str, **fields: object) -> Any:  # noqa: ANN401 - JSON
        """The next change of that kind with these fields that the feed tells; what follows it is left to be read."""

        def look() -> Any:  # noqa: ANN401 - JSON
            page = self.changes()
            for number, change in enumerate(page):
                if change["kind"] == kind and all(change.get(name) == value for name, value in fields.items()):
                    self._left = page[number + 1 :]
                    return change
            return None

        return eventually(look, what=f"{kind} {fields}")

    def finished(self, run_id: str) -> Any:  # noqa: ANN401 - JSON
        """The run, once it is not running any more."""

        def look() -> Any:  # noqa: ANN401 - JSON
            run = self.ok("GET", f"/v1/runs/{run_id}")
            return run if run["state"] != "running" else None

        return eventually(look, within_s=60, what=f"run {run_id}")
