"""The methods of Tasks v1: parameters in, one answer out; what they do is in `task_lists`. Start at `TASK_METHODS`."""

from collections.abc import Callable
from datetime import datetime

from infra.simulator import task_lists
from infra.simulator.calls import Call
from infra.simulator.clock import rfc3339_ms, to_us
from infra.simulator.model import GoogleTask, GoogleTaskList
from infra.simulator.wire import ApiError, JsonObject, Response, answer, parameter_error

NO_CONTENT = Response(status=204, headers={"Content-Length": "0"})
USUAL_PAGE, LARGEST_PAGE = 20, 100
SELF = "https://www.googleapis.com/tasks/v1"


def list_lists(call: Call) -> Response:
    """Answer tasklists.list."""
    items = [_list_document(each) for each in task_lists.lists_of(call.ctx, call.account)]
    return answer({"kind": "tasks#taskLists", "etag": '"lists"', "items": items})


def get_list(call: Call) -> Response:
    """Answer tasklists.get."""
    return answer(_list_document(_home(call)))


def insert_list(call: Call) -> Response:
    """Answer tasklists.insert."""
    return answer(_list_document(task_lists.add_list(call.ctx, call.account, str(call.body.get("title") or ""))))


def listing(call: Call) -> Response:
    """Answer tasks.list; what is deleted, hidden or completed is shown as asked."""
    home = _home(call)
    shown = [task for task in home.tasks.values() if _is_asked(call, task)]
    shown.sort(key=lambda task: task.position)
    first, size = _page(call)
    document: JsonObject = {"kind": "tasks#tasks", "etag": task_lists.task_etag(home)}
    document["items"] = [_document(home, task) for task in shown[first : first + size]]
    if first + size < len(shown):
        document["nextPageToken"] = f"p{first + size}"
    return answer(document)


def get(call: Call) -> Response:
    """Answer tasks.get; a deleted task is given with `deleted`."""
    home = _home(call)
    return _shown(home, _task(call, home))


def insert(call: Call) -> Response:
    """Answer tasks.insert."""
    home = _home(call)
    return _shown(home, task_lists.insert(call.ctx, home, call.body, parent=call.value("parent")))


def patch(call: Call) -> Response:
    """Answer tasks.patch."""
    home = _home(call)
    changed = task_lists.change(call.ctx, home, _task(call, home), call.body, if_match=call.if_match)
    return _shown(home, changed)


def update(call: Call) -> Response:
    """Answer tasks.update; what the body leaves out is cleared."""
    home = _home(call)
    task = _task(call, home)
    return _shown(home, task_lists.change(call.ctx, home, task, call.body, if_match=call.if_match, whole=True))


def delete(call: Call) -> Response:
    """Answer tasks.delete."""
    home = _home(call)
    task_lists.delete(call.ctx, home, _task(call, home), if_match=call.if_match)
    return NO_CONTENT


def clear(call: Call) -> Response:
    """Answer tasks.clear."""
    task_lists.clear(call.ctx, _home(call))
    return NO_CONTENT


TASK_METHODS: dict[str, Callable[[Call], Response]] = {
    "tasks.tasklists.list": list_lists,
    "tasks.tasklists.get": get_list,
    "tasks.tasklists.insert": insert_list,
    "tasks.tasks.list": listing,
    "tasks.tasks.get": get,
    "tasks.tasks.insert": insert,
    "tasks.tasks.patch": patch,
    "tasks.tasks.update": update,
    "tasks.tasks.delete": delete,
    "tasks.tasks.clear": clear,
}
"""Each method that is played; the others answer 501."""


def _home(call: Call) -> GoogleTaskList:
    return task_lists.list_named(call.ctx, call.account, call.path["tasklist"])


def _task(call: Call, home: GoogleTaskList) -> GoogleTask:
    return task_lists.task_named(home, call.path["task"])


def _is_asked(call: Call, task: GoogleTask) -> bool:
    if task.deleted and call.value("showDeleted") != "true":
        return False
    if task.hidden and call.value("showHidden") != "true":
        return False
    if task.completed_us is not None and call.value("showCompleted") == "false":
        return False
    updated_min = _moment(call, "updatedMin")
    due = None if task.due is None else f"{task.due}T00:00:00+00:00"
    low, high = _moment(call, "dueMin"), _moment(call, "dueMax")
    if (low is not None or high is not None) and due is None:
        return False
    at = to_us(datetime.fromisoformat(due)) if due else 0
    in_days = (low is None or at >= low) and (high is None or at < high)
    return in_days and (updated_min is None or task.updated_us >= updated_min)


def _moment(call: Call, name: str) -> int | None:
    text = call.value(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise parameter_error("invalidParameter", f"Invalid value for {name}", name) from fault
    if moment.tzinfo is None:
        raise parameter_error("invalidParameter", f"Invalid value for {name}", name)
    return to_us(moment)


def _page(call: Call) -> tuple[int, int]:
    token, size = call.value("pageToken"), int(call.value("maxResults") or USUAL_PAGE)
    if token is not None and not token.removeprefix("p").isdecimal():
        raise ApiError(400, "invalid", "Invalid page token")
    return int((token or "p0").removeprefix("p")), max(1, min(size, LARGEST_PAGE))


def _shown(home: GoogleTaskList, task: GoogleTask) -> Response:
    return answer(_document(home, task), headers={"ETag": task_lists.task_etag(task)})


def _document(home: GoogleTaskList, task: GoogleTask) -> JsonObject:
    """Write a task as Google does: what is not set is left out."""
    document: JsonObject = {
        "kind": "tasks#task",
        "id": task.id,
        "etag": task_lists.task_etag(task),
        "title": task.title,
        "updated": rfc3339_ms(task.updated_us),
        "selfLink": f"{SELF}/lists/{home.id}/tasks/{task.id}",
        "position": f"{task.position + 10**9:020d}",
        "status": "needsAction" if task.completed_us is None else "completed",
        "links": [],
        "webViewLink": f"https://tasks.google.com/task/{task.id}",
    }
    said: JsonObject = {
        "notes": task.notes,
        "due": f"{task.due}T00:00:00.000Z" if task.due else None,
        "completed": None if task.completed_us is None else rfc3339_ms(task.completed_us),
        "hidden": task.hidden or None,
        "deleted": task.deleted or None,
        "parent": task.parent,
    }
    return document | {name: value for name, value in said.items() if value is not None}


def _list_document(home: GoogleTaskList) -> JsonObject:
    return {
        "kind": "tasks#taskList",
        "id": home.id,
        "etag": task_lists.task_etag(home),
        "title": home.title,
        "updated": rfc3339_ms(home.updated_us),
        "selfLink": f"{SELF}/users/@me/lists/{home.id}",
    }
