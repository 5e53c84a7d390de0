"""What must hold of a list of Google Tasks when all has come to rest. Start at `broken`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from shared.model.task_lists import is_list

if TYPE_CHECKING:
    from shared.model.task import Task
    from tests.simulation.list_world import ListWorld


def broken(world: ListWorld) -> list[str]:
    """Every way in which the list and the tasks differ."""
    return [*one_each(world), *equal(world), *in_its_place(world), *nobodys_words(world)]


def one_each(world: ListWorld) -> Iterator[str]:
    """Each task has one Google task, and nothing stands in the list beside these."""
    ours = sorted(task.sync.event_id or "" for task in _in_step(world) if is_list(task.sync.calendar))
    shown = sorted(each.id for each in world.shown())
    if ours != shown:
        yield f"tasks have {ours}, the list shows {shown}"


def equal(world: ListWorld) -> Iterator[str]:
    """Title, day and completion are the same on both sides."""
    by_id = {each.id: each for each in world.shown()}
    for task in _in_step(world):
        shown = by_id.get(task.sync.event_id or "")
        if shown is None:
            continue
        here = (task.content.title, task.content.start, task.content.status == "done")
        there = (shown.title, shown.due, shown.completed_us is not None)
        if here != there:
            yield f"{task.id} is {here}, the list shows {there}"


def in_its_place(world: ListWorld) -> Iterator[str]:
    """Tasks with a time have one event, those with a date alone none."""
    calendar = world.sim.google.ctx.world.calendars["anna@example.com"]
    living = sorted(event.id for event in calendar.events.values() if event.status != "cancelled")
    wanted = sorted(task.sync.event_id or "" for task in _in_step(world) if not is_list(task.sync.calendar))
    if living != wanted:
        yield f"tasks with a time have {wanted}, the calendar shows {living}"


def nobodys_words(world: ListWorld) -> Iterator[str]:
    """Every title is what one of both sides has said, and every task is in step."""
    for _, task in world.sim.held():
        if task.sync.state in {"pending", "error", "conflict"}:
            yield f"{task.id} is {task.sync.state}"
        if task.content.title not in world.said:
            yield f"{task.id} says {task.content.title}"


def _in_step(world: ListWorld) -> list[Task]:
    return [task for _, task in world.sim.held() if task.sync.state == "synced"]
