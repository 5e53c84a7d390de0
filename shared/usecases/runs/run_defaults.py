"""A tenant's changed defaults reach its connections, one after another; each goes on as after a change of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from shared.errors import NeedsHuman, Refused
from shared.model.connection import Connection
from shared.model.ids import tenant_path
from shared.model.run import RunItem
from shared.model.stored import read_as
from shared.ports import Query
from shared.usecases.connecting.change_connection import follow_defaults
from shared.usecases.runs.run_work import Ends

if TYPE_CHECKING:
    from shared.usecases.runs.run_work import Stopped, Work

PAGE = 100


def defaults_followed(work: Work) -> Stopped:
    """Every connection that the change concerns has a run of its own."""
    before = work.run.options.get("before")
    query = Query(collection=f"{tenant_path(work.tenant)}/connections", limit=PAGE)
    while True:
        behind = work.text("after")
        page = work.world.store.query(replace(query, after=(behind,) if behind else None))
        for document in page:
            if (stopped := work.stop()) is not None:
                return stopped
            connection = read_as(Connection, document)
            try:
                faults = follow_defaults(work.world, connection, before if isinstance(before, dict) else {})
                for fault in faults:
                    told = f"{connection.id}: {fault.pointer}: {fault.detail}"
                    work.note(RunItem(side="crm", action="skip", reason=told))
            except (NeedsHuman, Refused) as error:
                work.note(RunItem(side="google", action="skip", reason=f"{connection.id}: {error.code}"))
            work.done += 1
            work.place["after"] = document.path
        if len(page) < PAGE:
            return Ends()
