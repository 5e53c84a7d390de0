"""How a connection stands: written to its own document and its user's, and told, in one commit.

A task's write reads only the user, so the two may never differ. Nothing here commits.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from shared.model.connection import Connection, User, UserConnection
from shared.model.ids import connection_path, user_path
from shared.model.stored import to_data
from shared.ports import Must, Patch, Precondition, Set
from shared.usecases.changes import connection_change

if TYPE_CHECKING:
    from shared.model.change import Kind
    from shared.ports import Document, Write
    from shared.usecases.world import World


def standing_writes(
    world: World,
    after: Connection,
    *,
    must: Precondition,
    user: Document | None,
    told: Kind | None = None,
    detail: str | None = None,
) -> list[Write]:
    """The writes after which the connection stands like this.

    Args:
        must: The revision the connection was read at, or that it is new.
        user: Its user's document as read, None when there is none yet.
        told: What the CRM hears of it; None: nothing.
    """
    entry = UserConnection(
        status=after.status,
        created_at=after.created_at,
        calendar=after.calendar,
        primary=after.primary,
        task_list=after.task_list,
        time_zone=after.time_zone,
    )
    place = user_path(after.tenant, after.user)
    if user is None:
        owner = User(id=after.user, connections={after.id: entry})
        person: Write = Set(path=place, data=to_data(owner), must=Must.BE_ABSENT)
    else:
        kept = msgspec.to_builtins(entry, builtin_types=(datetime,))
        person = Patch(path=place, fields={f"connections.{after.id}": kept})
    writes: list[Write] = [
        Set(path=connection_path(after.tenant, after.id), data=to_data(after), must=must),
        person,
    ]
    return [*writes, connection_change(world, after, kind=told, detail=detail)] if told else writes
