"""Tasks on their way out within a run: what each needs is stored for a whole page, then they are sent one by one.

A task gets its place and its state by the same pure steps as everywhere; the sending itself is `sync_task`. One
connection's tasks go out serially, so its calendars are written serially.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import LostRace
from shared.model.ids import connection_path
from shared.model.run import ItemAction, RunItem
from shared.model.stored import read_as, to_data
from shared.model.task import Task
from shared.ports import Document, Query, Revision, Set
from shared.sync.context import ENDED, Unwanted
from shared.sync.crm_fields import when_of
from shared.sync.likeness import LIKELY_DUPLICATE
from shared.sync.place import Placing, at_home, looked_at_again, place
from shared.sync.policy import in_window, takes_private
from shared.sync.state import with_state
from shared.usecases.outbound.sync_task import SyncTaskPayload, sync_task
from shared.usecases.runs.run_work import Ends, GoesOn, soon

if TYPE_CHECKING:
    from shared.usecases.runs.run_work import Account, Stopped, Work
    from shared.usecases.world import World

PAGE = 100
"""Tasks in a page: as many as one commit takes."""
STOPPING = frozenset(
    {"later", "later:rate_limited", "later:quota_exceeded", "later:google_unavailable", "later:access_token_refused",
     "later:client_refused", "later:store_unavailable", "later:retry_later"}
)  # fmt: skip
"""Outcomes that the next task would have too."""
SLOWED_S = 10.0


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What one task of a page needs.

    Args:
        task: As it should be stored.
        unwanted: Why it wants no event; None: it wants one.
        reason: Why it is not sent; None: it is, or it is in step.
    """

    document: Document
    before: Task
    task: Task
    unwanted: Unwanted | None = None
    reason: str | None = None

    @property
    def goes_out(self) -> bool:
        """There is something to do at Google."""
        return self.task.sync.state == "pending" and self.reason is None

    @property
    def action(self) -> ItemAction:
        """What happens to its event."""
        living = self.task.sync.etag is not None and not self.task.sync.gone
        if not self.goes_out or (self.unwanted is not None and not living):
            return "skip"
        if self.unwanted is not None:
            return "delete"
        return "update" if living else "create"

    def waited(self, rests_since: datetime) -> bool:
        """The CRM changed what stands in Google and that waits, or wrote it while the connection rested."""
        before = self.before
        if before.version <= before.sync.synced_version:
            return False
        return before.sync.synced_version > 0 or (before.changed_at is not None and before.changed_at > rests_since)

    @property
    def inferred(self) -> bool:
        """Nobody asked for it by name: it follows from the settings, so the brake counts it."""
        by_settings = self.action == "delete" and self.unwanted not in ENDED
        return by_settings or (self.action == "create" and self.before.sync.state != "pending")


def wanted(world: World, account: Account, document: Document, *, window: bool, doubles: bool = False) -> Wanted | None:
    """What the task needs under the connection's settings; None when it is another connection's.

    Args:
        window: Also a task that has its place is only sent when it lies in the settings' window.
        doubles: Also a task that waits because an event like it stands already.
    """
    before = read_as(Task, document)
    if before.moved_to is not None or not _is_ours(before, account):
        return None
    unplaced = before.sync.connection is None or before.sync.event_id is None
    if (window or unplaced) and before.deleted_at is None and not _lies_in_window(world, account, before):
        return _outside(document, before, unplaced=unplaced)
    if not doubles and _waits_for_a_word(before):
        return Wanted(document=document, before=before, task=before, reason=LIKELY_DUPLICATE)
    task = before
    if before.sync.connection is None and before.deleted_at is None:
        wants = Placing(deployment=world.deployment, tenant=account.tenant.id, user=account.user)
        task = place(before, wants, before=before)
        if task.sync.connection != account.connection.id:
            return None
    task = at_home(task, account.connection)
    context = account.context(world, task.sync.calendar)
    unwanted = context.unwanted(task)
    if unwanted is None:
        task = looked_at_again(task, sees_private=takes_private(context.settings))
    after = with_state(task, context)
    if unwanted is None and after.sync.gone:
        # It qualifies again: the next generation is made by its own try.
        after = replace(after, sync=replace(after.sync, state="pending", reason=None))
    off = after.sync.reason if after.sync.state == "off" else None
    return Wanted(document=document, before=before, task=_due(world, after), unwanted=unwanted, reason=off)


def outbound(
    work: Work, account: Account, query: Query, *, window: bool, quiet: bool, doubles: bool = False,
    rests_since: datetime | None = None,
) -> Stopped | None:  # fmt: skip
    """All tasks that the query finds have been sent, as far as they are this connection's; or why it stops before.

    The checkpoint's `after` is the path of the last one that is through; the query has no order of its own.

    Args:
        quiet: No mail to guests, but for what the CRM writes while this goes on.
        rests_since: When the connection last worked: of what the CRM wrote since, guests hear as always.
    """
    while True:
        if (stopped := work.stop()) is not None:
            return stopped
        behind = work.text("after")
        documents = work.world.store.query(replace(query, limit=PAGE, after=(behind,) if behind else None))
        if not documents:
            return None
        page = [wanted(work.world, account, document, window=window, doubles=doubles) for document in documents]
        mine = [each for each in page if each is not None]
        work.done += len(documents) - len(mine)
        ended = send_page(work, account, store_page(work, mine), quiet=quiet, rests_since=rests_since)
        if ended is not None:
            return ended
        work.place["after"] = documents[-1].path
        if len(documents) < PAGE:
            return None


def store_page(work: Work, page: Sequence[Wanted]) -> list[Wanted]:
    """Everything of the page that changed is stored; what somebody else wrote meanwhile is left to its own job."""
    changed = [each for each in page if each.task != each.before]
    if not changed:
        return list(page)
    try:
        work.world.store.commit([_write(each) for each in changed])
    except LostRace:
        lost = {each.document.path for each in changed if not _stored_alone(work, each)}
        return [each for each in page if each.document.path not in lost]
    return list(page)


def send_page(
    work: Work, account: Account, page: Sequence[Wanted], *, quiet: bool, rests_since: datetime | None = None
) -> Stopped | None:
    """The page's tasks are sent, each noted; the checkpoint's `after` follows. None when the page is through."""
    for each in page:
        if each.goes_out:
            if (stopped := work.stop()) is not None:
                return stopped
            news = rests_since is not None and each.waited(rests_since)
            outcome = _sent(work, each, quiet=quiet and not news)
            if outcome in STOPPING:
                return _slowed(work, account)
            if outcome == "waits":
                return Ends(state="failed", detail="the connection no longer works; what is left goes out when it does")
        else:
            work.note(item_of(each, "skip", each.reason), listed=each.reason is not None)
        work.done += 1
        work.place["after"] = each.document.path
    return None


def send(work: Work, each: Wanted, *, quiet: bool) -> str:
    """The task has been tried at Google, as it is stored; the outcome's name."""
    sync = each.task.sync
    payload = SyncTaskPayload(tenant=work.tenant, connection=sync.connection, calendar=sync.calendar, task=each.task.id)
    return sync_task(work.world, payload, quiet=quiet, since=work.run.created_at)


def item_of(each: Wanted, action: ItemAction, reason: str | None = None) -> RunItem:
    """A task's line in the run's list."""
    content = each.task.content
    return RunItem(
        side="google", action=action, task_id=each.task.id, event_id=each.task.sync.event_id,
        title=content.title or None, start=content.start or None, reason=reason,
    )  # fmt: skip


def _sent(work: Work, each: Wanted, *, quiet: bool) -> str:
    outcome = send(work, each, quiet=quiet)
    if outcome in STOPPING or outcome == "waits":
        return outcome
    if outcome.startswith(("refused", "later", "already_refused")):
        work.note(item_of(each, "skip", outcome.partition(":")[2] or outcome))
    elif outcome in {"already_synced", "gone", "no_connection"}:
        work.note(item_of(each, "skip"), listed=False)
    else:
        work.note(item_of(each, each.action, each.unwanted))
    return outcome


def _slowed(work: Work, account: Account) -> GoesOn:
    """Google asked for less, or is not there: the run goes on when the connection's own jobs may."""
    link = connection_path(work.tenant, account.connection.id)
    document = work.world.store.get_many([link])[link]
    until = None if document is None else document.data.get("slow_until")
    if isinstance(until, datetime) and until > work.world.clock.now():
        return GoesOn(not_before=until)
    return soon(work, SLOWED_S)


def _is_ours(task: Task, account: Account) -> bool:
    named = task.content.connection_id
    if task.sync.connection is not None:
        return task.sync.connection == account.connection.id
    return task.content.user_id == account.connection.user and (
        not isinstance(named, str) or named == account.connection.id
    )


def _waits_for_a_word(task: Task) -> bool:
    error = task.sync.error
    return task.sync.state == "error" and error is not None and error.code == LIKELY_DUPLICATE


def _lies_in_window(world: World, account: Account, task: Task) -> bool:
    context = account.context(world, task.sync.calendar)
    when = when_of(task.content, context.rendering(task))
    if when is None:
        return True
    lines = task.content.recurrence or ()
    return in_window(when, context.now, context.settings.window, context.time_zone, recurrence=lines)


def _outside(document: Document, before: Task, *, unplaced: bool) -> Wanted:
    """A task outside the window, which a run does not send; one that never had a place says so."""
    sync = before.sync
    if unplaced and sync.state in {"off", "pending"} and sync.reason != "window":
        after = replace(before, due_at=None, sync=replace(sync, state="off", reason="window"))
        return Wanted(document=document, before=before, task=after, reason="window")
    return Wanted(document=document, before=before, task=before, reason="window")


def _due(world: World, task: Task) -> Task:
    if task.sync.state != "pending":
        return replace(task, due_at=None)
    if task.due_at is not None:
        return task
    return replace(task, due_at=world.clock.now() + timedelta(seconds=world.options.pending_after_s))


def _write(each: Wanted) -> Set:
    return Set(path=each.document.path, data=to_data(each.task), must=Revision(each.document.revision))


def _stored_alone(work: Work, each: Wanted) -> bool:
    try:
        work.world.store.commit([_write(each)])
    except LostRace:
        return False
    return True
