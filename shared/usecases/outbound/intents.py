"""Inserts into a list of Google Tasks, which takes no id of ours and no marker: the intent is stored first.

Who has stored an intent inserts at once. Whoever finds one that is not its own waits until that insert can no longer be
under way, and then looks in the list for a task with just these values that no task of ours has. What a person changed
in between is not found, and then the task stands there twice: this is the limit of what can be known.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import RetryLater
from shared.google.events import Event
from shared.google.requests import EventsRequest
from shared.google.tasks import IN_A_LIST
from shared.google.times import rfc3339
from shared.model.ids import EventId, tenant_path
from shared.model.task import Intent
from shared.ports import Filter, Query
from shared.sync.fingerprint import fingerprint
from shared.sync.google_fields import google_fields
from shared.sync.mapping import event_key, with_keys
from shared.sync.observe import print_in
from shared.sync.state import effective

if TYPE_CHECKING:
    from shared.model.task import Task
    from shared.ports import Calendar
    from shared.sync.context import Context
    from shared.usecases.world import World

UNDER_WAY = timedelta(seconds=120)
"""As long as any function that inserts may run: what was begun before then has been carried out, or never will be."""


def intent_of(task: Task, context: Context, by: str) -> Intent:
    """What this one try is about to insert: just what the CRM wants at this moment."""
    values = effective(task, context)
    return Intent(by=by, at=context.now, prints={name: fingerprint(values[name]) for name in IN_A_LIST})


def rekeyed(task: Task, event_id: EventId) -> Task:
    """The task under the id that Google gave, and no intent any more."""
    connection = task.sync.connection
    keyed = task.sync if connection is None else with_keys(task.sync, event_key(connection, event_id))
    return replace(task, sync=replace(keyed, event_id=event_id, intent=None))


def recovered(world: World, context: Context, calendar: Calendar, task: Task) -> tuple[Task, Event] | None:
    """The Google task that an insert of somebody else's made, and our task with it; None when there is none.

    Raises:
        RetryLater: That insert may still be under way.
    """
    intent, place = task.sync.intent, task.sync.calendar
    if intent is None or place is None:
        return None
    over = intent.at + UNDER_WAY
    if over > context.now:
        raise RetryLater("another try may be inserting the task", after_s=(over - context.now).total_seconds())
    since, page_token = rfc3339(intent.at - UNDER_WAY), None
    while True:
        page = calendar.list(EventsRequest(calendar_id=place, sync_token=since, page_token=page_token))
        for item in page.items:
            if isinstance(item, Event) and _is_it(item, intent, task, context) and _is_free(world, context, item):
                base = {name: (found, found) for name, found in intent.prints.items()}
                mine = rekeyed(task, item.id)
                return replace(mine, sync=replace(mine.sync, base=base)), item
        page_token = page.page_token
        if page_token is None:
            return None


def _is_it(item: Event, intent: Intent, task: Task, context: Context) -> bool:
    shown = google_fields(item, context.rendering(task))
    return all(print_in(shown, name) == wanted for name, wanted in intent.prints.items())


def _is_free(world: World, context: Context, item: Event) -> bool:
    key = event_key(context.connection.id, item.id)
    query = Query(
        collection=f"{tenant_path(context.tenant)}/tasks",
        filters=(Filter("sync.keys", "array_contains_any", [key]),),
        limit=1,
    )
    return not world.store.query(query)
