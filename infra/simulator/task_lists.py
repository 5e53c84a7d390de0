"""Google Tasks lists and their tasks: found, made, changed, listed. Only the date of `due` is kept. Start at `change`.

Source: https://developers.google.com/workspace/tasks/reference/rest/v1/tasks
"""

from datetime import UTC, datetime

from msgspec.structs import replace

from infra.simulator.context import Context
from infra.simulator.model import Fields, GoogleTask, GoogleTaskList
from infra.simulator.wire import ApiError, not_found

LONGEST_TITLE, LONGEST_NOTES = 1024, 8192
DEFAULT_LIST = "@default"


def lists_of(ctx: Context, account: str) -> list[GoogleTaskList]:
    """Give an account's lists, the default one first; every account has one."""
    found = [each for each in ctx.world.task_lists.values() if each.owner == account]
    return found or [add_list(ctx, account, "My Tasks")]


def add_list(ctx: Context, account: str, title: str) -> GoogleTaskList:
    """Make one more list."""
    made = GoogleTaskList(
        id=ctx.secret("MT", 30), owner=account, title=title, updated_us=ctx.now_us(), stamp_us=ctx.stamp()
    )
    ctx.world.task_lists[made.id] = made
    ctx.version += 1
    return made


def remove_list(ctx: Context, home: GoogleTaskList) -> None:
    """Take a list away, with all its tasks, as its owner does on Google's pages."""
    del ctx.world.task_lists[home.id]
    ctx.version += 1


def list_named(ctx: Context, account: str, list_id: str) -> GoogleTaskList:
    """Give the account's list of this id, or its default one.

    Raises:
        ApiError: 404, also for a list of somebody else's.
    """
    lists = lists_of(ctx, account)
    if list_id == DEFAULT_LIST:
        return lists[0]
    found = next((each for each in lists if each.id == list_id), None)
    if found is None:
        raise not_found()
    return found


def task_named(home: GoogleTaskList, task_id: str) -> GoogleTask:
    """Give a task, a deleted one too.

    Raises:
        ApiError: 404.
    """
    if task_id not in home.tasks:
        raise not_found()
    return home.tasks[task_id]


def insert(ctx: Context, home: GoogleTaskList, body: Fields, *, parent: str | None = None) -> GoogleTask:
    """Make a task at the top of the list, under an id that nobody chooses."""
    first = min((task.position for task in home.tasks.values()), default=0)
    made = GoogleTask(id=ctx.secret("", 16), position=first - 1, parent=parent)
    return _kept(ctx, home, _with_fields(ctx, made, body, whole=True, by_person=False))


def change(
    ctx: Context,
    home: GoogleTaskList,
    task: GoogleTask,
    body: Fields,
    *,
    if_match: str | None = None,
    whole: bool = False,
    by_person: bool = False,
) -> GoogleTask:
    """Change what the body names; with `whole` what it leaves out is cleared.

    Raises:
        ApiError: 412 when the etag is another one, 400 for what does not fit.
    """
    _check_match(task, if_match)
    return _kept(ctx, home, _with_fields(ctx, task, body, whole=whole, by_person=by_person))


def delete(ctx: Context, home: GoogleTaskList, task: GoogleTask, *, if_match: str | None = None) -> None:
    """Leave a task that is shown as deleted.

    Raises:
        ApiError: 412 when the etag is another one.
    """
    _check_match(task, if_match)
    _kept(ctx, home, replace(task, deleted=True))


def clear(ctx: Context, home: GoogleTaskList) -> None:
    """Hide what is completed."""
    for task in list(home.tasks.values()):
        if task.completed_us is not None and not task.hidden:
            _kept(ctx, home, replace(task, hidden=True))


def _check_match(task: GoogleTask, if_match: str | None) -> None:
    if if_match not in {None, "*", task_etag(task)}:
        raise ApiError(412, "conditionNotMet", "Precondition Failed", location="If-Match", location_type="header")


def task_etag(task: GoogleTask | GoogleTaskList) -> str:
    """Make the etag; the quotes are part of the value."""
    return f'"{task.stamp_us:x}"'


def _with_fields(ctx: Context, task: GoogleTask, body: Fields, *, whole: bool, by_person: bool) -> GoogleTask:
    title = body.get("title", "" if whole else task.title) or ""
    notes = body.get("notes", None if whole else task.notes) or None
    if len(title) > LONGEST_TITLE or len(notes or "") > LONGEST_NOTES:
        raise ApiError(400, "invalid", "Invalid Value")
    after = replace(task, title=title, notes=notes, due=_day(body["due"]) if "due" in body else task.due)
    if whole and "due" not in body:
        after = replace(after, due=None)
    status = body.get("status", "needsAction" if whole else None)
    if status is None and "completed" in body:
        status = "completed" if body["completed"] else "needsAction"
    match status:
        case "completed":
            done = task.completed_us if task.completed_us is not None else ctx.now_us()
            after = replace(after, completed_us=done, hidden=task.hidden or by_person)
        case "needsAction":
            after = replace(after, completed_us=None, hidden=False)
        case None:
            pass
        case _:
            raise ApiError(400, "invalid", "Invalid task status")
    return replace(after, deleted=bool(body.get("deleted", after.deleted)))


def _day(due: object) -> str | None:
    """Keep the date; the rest of the moment is thrown away."""
    if due is None:
        return None
    try:
        moment = datetime.fromisoformat(str(due))
    except ValueError as fault:
        raise ApiError(400, "invalid", "Invalid value for due") from fault
    return (moment if moment.tzinfo is None else moment.astimezone(UTC)).date().isoformat()


def _kept(ctx: Context, home: GoogleTaskList, task: GoogleTask) -> GoogleTask:
    kept = replace(task, updated_us=ctx.now_us(), stamp_us=ctx.stamp())
    home.tasks[kept.id] = kept
    home.updated_us, home.stamp_us = kept.updated_us, kept.stamp_us
    ctx.version += 1
    return kept
