"""Tenants and their API keys: made, listed, revoked, and proved by one read of the path that the key names.

A key's secret has 256 random bits, so one SHA-256 is enough to keep it: slow hashes protect secrets that can be
guessed, and this one cannot be tried out. Keys are compared in constant time and shown once.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from shared.errors import Fault, Invalid, LostRace, NotFound, UnknownKey
from shared.model.ids import TenantId, api_key_path, tenant_path
from shared.model.settings import settings_of
from shared.model.stored import read_as, to_data
from shared.model.tenant import ApiKey, Tenant
from shared.ports import Delete, Document, Must, Patch, Query, Revision, Set
from shared.sync.contradictions import contradictions
from shared.usecases.runs.runs import Starting, starting, under_way

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.usecases.world import World

_KEY = re.compile(r"tdm_([0-9a-v]{26})_([0-9a-v]{26})_([A-Za-z0-9_-]{43})")
_LAST_USED_EVERY = timedelta(days=1)


class CreatedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A new key; `key` is shown this once and kept nowhere."""

    id: str
    key: str


@dataclass(slots=True, kw_only=True)
class KnownKeys:
    """Key documents seen a moment ago, so that a busy CRM costs no read a call.

    A key revoked here is forgotten at once, one revoked by another process within `trusted` at the latest. Only
    documents are remembered, hashes and all: each call still compares its secret.
    """

    trusted: timedelta = timedelta(seconds=15)
    most: int = 1000
    _seen: dict[str, tuple[datetime, ApiKey]] = field(default_factory=dict)

    def recall(self, path: str, now: datetime) -> ApiKey | None:
        """The key as it was read, unless that is too long ago."""
        seen = self._seen.get(path)
        return seen[1] if seen and now - self.trusted <= seen[0] <= now else None

    def remember(self, path: str, key: ApiKey, now: datetime) -> None:
        """Keep what was read just now."""
        if len(self._seen) >= self.most:
            self._seen.clear()
        self._seen[path] = (now, key)

    def forget(self, path: str) -> None:
        """Read it again next time."""
        self._seen.pop(path, None)


def create_tenant(world: World, name: str) -> tuple[Tenant, str]:
    """The tenant exists with one API key, which is returned this once."""
    if not name.strip():
        raise Invalid([Fault("/name", "must not be empty")])
    tenant = Tenant(id=TenantId(world.ids.new()), name=name.strip(), created_at=world.clock.now())
    key, created = _new_key(world, tenant.id, label=None)
    world.store.commit(
        [
            Set(path=tenant_path(tenant.id), data=to_data(tenant), must=Must.BE_ABSENT),
            Set(path=api_key_path(tenant.id, key.id), data=to_data(key), must=Must.BE_ABSENT),
        ]
    )
    return tenant, created.key


def authenticate(world: World, authorization: str | None, known: KnownKeys | None = None) -> TenantId:
    """The tenant whose key the `Authorization` header carries.

    Raises:
        UnknownKey: Absent, malformed, unknown or revoked; which of these is not told.
    """
    scheme, _, token = (authorization or "").partition(" ")
    parts = _KEY.fullmatch(token.strip())
    if scheme.lower() != "bearer" or parts is None:
        raise UnknownKey
    tenant, key_id, secret = TenantId(parts[1]), parts[2], parts[3]
    path, now = api_key_path(tenant, key_id), world.clock.now()
    key = known.recall(path, now) if known else None
    if key is None:
        key = _stored(world.store.get_many([path])[path])
    if not hmac.compare_digest(key.hash, _hash(secret)):
        raise UnknownKey
    if key.last_used_at is None or now - key.last_used_at >= _LAST_USED_EVERY:
        key = _used(world, path, key, now)
    if known:
        known.remember(path, key, now)
    return tenant


def read_tenant(world: World, tenant: TenantId) -> tuple[Tenant, Document]:
    """The tenant's document.

    Raises:
        NotFound: There is none.
    """
    path = tenant_path(tenant)
    document = world.store.get_many([path])[path]
    if document is None:
        raise NotFound
    return read_as(Tenant, document), document


def patch_tenant(world: World, tenant: TenantId, changes: Mapping[str, object]) -> Tenant:
    """The named fields of the tenant are replaced; `settings` are merged, name by name, and its connections follow.

    Raises:
        Invalid: The default settings contradict each other.
        LostRace: Somebody else changed the tenant at the same time; nothing was written.
    """
    current, document = read_tenant(world, tenant)
    fields = dict(changes)
    if isinstance(settings := fields.get("settings"), dict):
        fields["settings"] = current.settings | settings
        if faults := contradictions(settings_of(current.settings, settings)):
            raise Invalid(faults)
    after = msgspec.convert(to_data(current) | fields, Tenant, builtin_types=(datetime,))
    if after == current:
        return after
    begun: Starting | None = None
    if after.settings != current.settings:
        options = {"reason": "defaults", "before": current.settings}
        begun = starting(world, tenant, kind="backlog", options=options)
    changed = Patch(path=tenant_path(tenant), fields=fields, must=Revision(document.revision))
    world.store.commit([changed, *(begun.writes if begun else ())])
    if begun is not None:
        under_way(world, tenant, begun)
    return after


def create_key(world: World, tenant: TenantId, label: str | None) -> CreatedKey:
    """Another key of the tenant exists."""
    key, created = _new_key(world, tenant, label=label)
    world.store.commit([Set(path=api_key_path(tenant, key.id), data=to_data(key), must=Must.BE_ABSENT)])
    return created


def list_keys(world: World, tenant: TenantId) -> list[ApiKey]:
    """All keys of the tenant by age, never what they are."""
    found: list[ApiKey] = []
    query = Query(collection=f"{tenant_path(tenant)}/keys", limit=500)
    while page := world.store.query(query):
        found += [read_as(ApiKey, document) for document in page]
        query = replace(query, after=(page[-1].path,))
    return sorted(found, key=lambda key: (key.created_at, key.id))


def revoke_key(world: World, tenant: TenantId, key_id: str, known: KnownKeys | None = None) -> None:
    """The key opens nothing any more; revoking it again, or the key in use, is allowed.

    Raises:
        NotFound: The tenant has no such key.
    """
    path = api_key_path(tenant, key_id)
    if known:
        known.forget(path)
    try:
        world.store.commit([Delete(path=path, must=Must.EXIST)])
    except LostRace as lost:
        raise NotFound from lost


def _new_key(world: World, tenant: TenantId, *, label: str | None) -> tuple[ApiKey, CreatedKey]:
    secret = world.ids.secret()
    key = ApiKey(id=world.ids.new(), hash=_hash(secret), label=label, created_at=world.clock.now())
    return key, CreatedKey(id=key.id, key=f"tdm_{tenant}_{key.id}_{secret}")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _stored(document: Document | None) -> ApiKey:
    if document is None:
        raise UnknownKey
    return read_as(ApiKey, document)


def _used(world: World, path: str, key: ApiKey, now: datetime) -> ApiKey:
    try:
        world.store.commit([Patch(path=path, fields={"last_used_at": now})])
    except LostRace as revoked:
        raise UnknownKey from revoked
    return msgspec.structs.replace(key, last_used_at=now)
