"""`/v1/changes`: the feed."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from functions.api.operation import Answer, Call, Limit, Resource
from shared.model.content import OutsideId
from shared.model.ids import UserId
from shared.usecases.answers import ChangeAnswer
from shared.usecases.feed import read_changes
from shared.usecases.present import change_answer

changes = Resource("changes")


class ChangesQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go on, and whose changes."""

    cursor: (
        Annotated[str, Meta(max_length=2048, description="next_cursor of the page before; `now`: the end")] | None
    ) = None
    limit: Limit = 100
    user_id: OutsideId | None = None
    include: Annotated[Literal["crm"], Meta(description="also the CRM's own writes")] | None = None


class FeedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Changes in order. There is always a cursor: go on with it, also when there was nothing."""

    data: tuple[ChangeAnswer, ...]
    next_cursor: str


@changes.call("GET /v1/changes", answers={200: FeedAnswer}, refusals=(410,))
def list_changes(call: Call, query: ChangesQuery) -> Answer:
    """The changes behind the cursor; everything up to it counts as read."""
    page = read_changes(
        call.world,
        call.tenant,
        query.cursor,
        limit=query.limit,
        user_id=UserId(query.user_id) if query.user_id else None,
        include_crm=query.include == "crm",
    )
    return Answer(value=FeedAnswer(data=tuple(map(change_answer, page.changes)), next_cursor=page.cursor))
