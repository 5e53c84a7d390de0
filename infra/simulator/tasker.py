"""A person in Google Tasks' own pages: tasks change with no API client involved. Start at `Tasker`."""

from infra.simulator import task_lists
from infra.simulator.context import Context
from infra.simulator.model import GoogleTask
from infra.simulator.wire import JsonObject


class Tasker:
    """Somebody in front of their task lists; `home` is a list's id, `@default` the first one."""

    ctx: Context
    account: str

    def tasks(self, *, home: str = task_lists.DEFAULT_LIST) -> list[GoogleTask]:
        """Give what the list shows, ticked ones included, the newest first."""
        found = task_lists.list_named(self.ctx, self.account, home).tasks.values()
        return sorted((task for task in found if not task.deleted), key=lambda task: task.position)

    def task_named(self, title: str, *, home: str = task_lists.DEFAULT_LIST) -> GoogleTask | None:
        """Give the task of this title, None when the list shows none."""
        return next((task for task in self.tasks(home=home) if task.title == title), None)

    def add_task(
        self, title: str, *, due: str | None = None, notes: str | None = None, home: str = task_lists.DEFAULT_LIST
    ) -> GoogleTask:
        """Write down a task; `due` is a date."""
        place = task_lists.list_named(self.ctx, self.account, home)
        return task_lists.insert(self.ctx, place, {"title": title, "due": _moment(due), "notes": notes})

    def tick(self, task_id: str, *, home: str = task_lists.DEFAULT_LIST) -> None:
        """Tick a task; Google's pages hide it then."""
        self._change(task_id, home, {"status": "completed"})

    def untick(self, task_id: str, *, home: str = task_lists.DEFAULT_LIST) -> None:
        """Take the tick back."""
        self._change(task_id, home, {"status": "needsAction"})

    def edit_task(self, task_id: str, *, home: str = task_lists.DEFAULT_LIST, **fields: str | None) -> None:
        """Change title, notes or due, which is a date."""
        body: JsonObject = dict(fields)
        if "due" in body:
            body["due"] = _moment(body["due"])
        self._change(task_id, home, body)

    def delete_task(self, task_id: str, *, home: str = task_lists.DEFAULT_LIST) -> None:
        """Delete a task."""
        place = task_lists.list_named(self.ctx, self.account, home)
        task_lists.delete(self.ctx, place, task_lists.task_named(place, task_id))

    def _change(self, task_id: str, home: str, body: JsonObject) -> None:
        place = task_lists.list_named(self.ctx, self.account, home)
        task_lists.change(self.ctx, place, task_lists.task_named(place, task_id), body, by_person=True)


def _moment(day: str | None) -> str | None:
    return None if day is None else f"{day}T00:00:00.000Z"
