"""Google Tasks over google-api-python-client, as one access token sees it: a list is a place like a calendar.

Reading and writing is in `shared.google.tasks`. Etags guard writes as in Calendar. Start at `TasksClient`.
"""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shared.errors import CalendarGone
from shared.google.events import Event, Tombstone
from shared.google.responses import living
from shared.google.tasks import (
    LIST_GONE,
    PAGE_SIZE,
    page_asked_for,
    task_lists_of,
    task_of,
    tasks_page_of,
    tasks_query,
)
from shared.model.task_lists import list_id_of

if TYPE_CHECKING:
    from infra.google.calendar_client import GoogleClient
    from shared.google.errors import About
    from shared.google.requests import EventsRequest
    from shared.google.responses import EventPage
    from shared.google.tasks import TaskListPage


class TasksClient:
    """The lists of one access token, one HTTP request a call; the part of `shared.ports.Calendar` that lists have."""

    def __init__(self, google: GoogleClient, access_token: str) -> None:
        self._google = google
        self._token = access_token

    def lists(self, page_token: str | None) -> TaskListPage:
        resources = self._google.task_resources()
        return task_lists_of(self._send(resources.lists.list(maxResults=PAGE_SIZE, pageToken=page_token))[0])

    def list(self, request: EventsRequest) -> EventPage:
        began, token = page_asked_for(request.page_token)
        query = tasks_query(since=request.sync_token, page_token=token)
        made = self._tasks.list(tasklist=list_id_of(request.calendar_id), **query)
        answer, headers = self._send(made, about="list")
        if began is None:
            date = headers.get("date")
            began = email.utils.parsedate_to_datetime(date) if date else self._google.now()
        return tasks_page_of(answer, began=began)

    def get(self, place: str, task_id: str) -> Event | Tombstone:
        return task_of(self._send(self._tasks.get(tasklist=list_id_of(place), task=task_id))[0])

    def insert(self, place: str, body: Mapping[str, object]) -> Event:
        return living(task_of(self._send(self._tasks.insert(tasklist=list_id_of(place), body=dict(body)))[0]))

    def patch(self, place: str, task_id: str, body: Mapping[str, object], *, if_match: str) -> Event:
        request = self._tasks.patch(tasklist=list_id_of(place), task=task_id, body=dict(body))
        return living(task_of(self._send(request, if_match=if_match)[0]))

    def delete(self, place: str, task_id: str, *, if_match: str | None) -> None:
        self._send(self._tasks.delete(tasklist=list_id_of(place), task=task_id), if_match=if_match)

    @property
    def _tasks(self) -> Any:  # noqa: ANN401 - the library's request makers
        return self._google.task_resources().tasks

    def _send(
        self,
        request: Any,  # noqa: ANN401 - the library's request
        *,
        about: About = "event",
        if_match: str | None = None,
    ) -> tuple[object, Mapping[str, str]]:
        try:
            return self._google.answered(request, access_token=self._token, about=about, if_match=if_match)
        except CalendarGone as gone:
            raise CalendarGone(LIST_GONE) from gone
