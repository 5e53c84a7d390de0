"""Google Tasks beside the calendars of `google_in_process`: a list is a place of the same port."""

from __future__ import annotations

import email.utils
from typing import TYPE_CHECKING
from urllib.parse import quote

from shared.google.responses import living
from shared.google.tasks import page_asked_for, task_lists_of, task_of, tasks_page_of, tasks_query
from shared.model.task_lists import is_list, list_id_of
from tests.simulation.google_in_process import InProcessCalendar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.google.requests import EventsRequest
    from shared.google.responses import Event, EventPage, Tombstone
    from shared.google.tasks import TaskListPage


class InProcessAccount(InProcessCalendar):
    """Calendars and lists of one token; implements `shared.ports.Calendar`."""

    def task_lists(self, page_token: str | None = None) -> TaskListPage:
        query = {"pageToken": page_token} if page_token else {}
        return task_lists_of(self._answered("lists", "GET", "/tasks/v1/users/@me/lists", query, about="account")[0])

    def list(self, request: EventsRequest) -> EventPage:
        if not is_list(request.calendar_id):
            return super().list(request)
        began, token = page_asked_for(request.page_token)
        asked = tasks_query(since=request.sync_token, page_token=token)
        query = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in asked.items()}
        answer, headers = self._answered("list", "GET", _tasks(request.calendar_id), query, about="list")
        return tasks_page_of(answer, began=began or email.utils.parsedate_to_datetime(headers["date"]))

    def get(self, calendar_id: str, event_id: str) -> Event | Tombstone:
        if not is_list(calendar_id):
            return super().get(calendar_id, event_id)
        return task_of(self._answered("get", "GET", f"{_tasks(calendar_id)}/{event_id}")[0])

    def insert(self, calendar_id: str, body: Mapping[str, object], *, notify: str) -> Event:
        if not is_list(calendar_id):
            return super().insert(calendar_id, body, notify=notify)
        return living(task_of(self._answered("insert", "POST", _tasks(calendar_id), body=body)[0]))

    def patch(
        self, calendar_id: str, event_id: str, body: Mapping[str, object], *, if_match: str, notify: str
    ) -> Event | Tombstone:
        if not is_list(calendar_id):
            return super().patch(calendar_id, event_id, body, if_match=if_match, notify=notify)
        path = f"{_tasks(calendar_id)}/{event_id}"
        return living(task_of(self._answered("patch", "PATCH", path, body=body, if_match=if_match)[0]))

    def delete(self, calendar_id: str, event_id: str, *, if_match: str | None, notify: str) -> None:
        if not is_list(calendar_id):
            super().delete(calendar_id, event_id, if_match=if_match, notify=notify)
            return
        self._answered("delete", "DELETE", f"{_tasks(calendar_id)}/{event_id}", if_match=if_match)


def _tasks(place: str) -> str:
    return f"/tasks/v1/lists/{quote(list_id_of(place))}/tasks"
