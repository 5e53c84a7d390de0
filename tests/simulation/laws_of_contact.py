"""What must hold after a first contact by its run and by notifications alone, before any schedule has woken.

Start at `check`; each law is a function that tells what breaks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.sync.mapping import uid_key
from tests.simulation import laws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.model.task import Task
    from tests.simulation.chance import Chance, Site


def check(world: Chance) -> None:
    """Nothing in between was lost, nothing doubled.

    Raises:
        LawBroken: Something was.
    """
    broken = [
        *laws.equal(world.sim, one_way=world.ledger.one_way, from_google=world.ledger.said_in_google),
        *laws.one_event_each(world.sim),
        *(each for site in world.sites for each in every_event_is_known(world, site)),
        *(each for site in world.sites for each in every_task_went_out(world, site)),
    ]
    if broken:
        raise laws.LawBroken("; ".join(broken))


def every_event_is_known(world: Chance, site: Site) -> Iterator[str]:
    """Where events are imported, every one that stands in a watched calendar has a task, or one that asks about it.

    A connection that ends deletes no event that people made. Where the task of one was deleted before that was done in
    Google, or afterwards, it stays theirs: it has a task, which says that it was deleted (rules 14 and 22).
    """
    if world.settings["import_external"] != "all":
        return
    sim = world.sim
    held = [task for tenant, task in sim.held() if tenant == site.tenant]
    known = {key.rpartition(":")[2] for task in held for key in task.sync.keys}
    left = {key for task in held if _was_let_go_and_deleted(task) for key in task.sync.keys}
    for shelf in sim.watched():
        connection = next((each for each in world.connections(site) if each.id == shelf.connection), None)
        if connection is None or connection.status != "active":
            continue
        for event in world.people[sim.accounts[connection.id]].events(calendar=shelf.calendar_id):
            if uid_key(event["iCalUID"]) in left:
                continue
            if event["id"] not in known and "tandem" not in str(event.get("extendedProperties")):
                yield f"{event['id']} stands in {shelf.calendar_id} and has no task"


def _was_let_go_and_deleted(task: Task) -> bool:
    return task.created_in == "google" and task.deleted_at is not None and task.sync.connection is None


def every_task_went_out(world: Chance, site: Site) -> Iterator[str]:
    """A task of a user who is connected has its event, or waits for the one connection that it has and that is not.

    One that was stored while its user connected, or for a connection that ended meanwhile, may have been missed by the
    first sync: then a sweep looks at it.
    """
    users = {each.user for each in world.connections(site) if each.status == "active"}
    for tenant, task in world.sim.held():
        if tenant != site.tenant or task.content.user_id not in users or task.deleted_at is not None:
            continue
        if world.sim.connection(task, tenant).status not in laws.WORKING_OR_ENDED:
            continue
        unplaced = (task.sync.state, task.sync.reason) == ("off", "no_connection")
        if task.sync.state == "pending" or (unplaced and task.due_at is None):
            yield f"{task.id} of {task.content.user_id}, who is connected, is {task.sync.state}"
