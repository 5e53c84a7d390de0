"""`/v1/keys`: the tenant's API keys. A key is shown once, when it is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from functions.api.operation import Answer, Call, Page, PageQuery, Resource
from functions.api.slices import slice_of
from shared.usecases.tenants import CreatedKey, create_key, list_keys, revoke_key

keys = Resource("keys")


class KeyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a key is for, in the operator's words."""

    label: Annotated[str, Meta(max_length=128)] | None = None


class KeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A key as listed: never what it is. `last_used_at` is exact to the day."""

    id: str
    label: str | None
    created_at: datetime
    last_used_at: datetime | None


@keys.call("GET /v1/keys", answers={200: Page[KeyAnswer]})
def list_keys_of_tenant(call: Call, query: PageQuery) -> Answer:
    """The tenant's keys, oldest first."""
    found = [
        KeyAnswer(id=key.id, label=key.label, created_at=key.created_at, last_used_at=key.last_used_at)
        for key in list_keys(call.world, call.tenant)
    ]
    return Answer(value=slice_of(call, "keys", found, query, name=lambda key: key.id))


@keys.call("POST /v1/keys", answers={201: CreatedKey}, example={"label": "billing"})
def make_key(call: Call, body: KeyBody) -> Answer:
    """Another key exists; it is shown this once."""
    return Answer(value=create_key(call.world, call.tenant, body.label), status=201)


@keys.call("DELETE /v1/keys/{key_id}", answers={204: None}, refusals=(404,))
def revoke(call: Call, key_id: str) -> Answer:
    """The key opens nothing any more."""
    revoke_key(call.world, call.tenant, key_id, call.known_keys)
    return Answer(status=204)
