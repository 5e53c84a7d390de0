"""All future tasks of a connection's user go out: those inside the settings' window, once, without mail to guests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.model.ids import tenant_path
from shared.ports import Filter, Query
from shared.usecases.runs.run_outbound import outbound
from shared.usecases.runs.run_work import Ends

if TYPE_CHECKING:
    from shared.model.connection import Connection
    from shared.usecases.runs.run_work import Stopped, Work


def export(work: Work) -> Stopped:
    """Every task in the window stands in Google, or the run's list says why not."""
    return tasks_out(work, doubles=True) or Ends()


def tasks_out(work: Work, *, doubles: bool = False) -> Stopped | None:
    """The same as one part of a longer run.

    Args:
        doubles: Also tasks that wait because an event like them stands already: somebody asked for all.
    """
    account = work.account()
    query = tasks_of(account.connection)
    if work.total is None:
        work.total = work.run.done + work.done + work.world.store.count(query)
    return outbound(work, account, query, window=True, quiet=True, doubles=doubles)


def tasks_of(connection: Connection) -> Query:
    """Every living task of the connection's user, whichever connection it has."""
    filters = (Filter("listed.user", "==", connection.user),)
    return Query(collection=f"{tenant_path(connection.tenant)}/tasks", filters=filters)
