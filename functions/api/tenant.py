"""`/v1/tenant`: the CRM installation itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType

from functions.api.operation import Answer, Call, Resource
from functions.api.settings import SettingsPatch, stored_settings
from shared.errors import Fault, Invalid
from shared.model.settings import Settings, settings_of
from shared.model.tenant import Tenant
from shared.usecases.tenants import patch_tenant, read_tenant
from shared.web_addresses import plain_address

if TYPE_CHECKING:
    from collections.abc import Iterator

tenant = Resource("tenant")

Origin = Annotated[
    str,
    Meta(pattern="^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$(?!\\n)", max_length=256, description="https://crm.example"),
]
Origins = Annotated[tuple[Origin, ...], Meta(max_length=50)]


class Brand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How pages for the tenant's users look."""

    name: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    color: Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$(?!\\n)")] | None = None
    logo_url: Annotated[str, Meta(pattern="^https://[^\\s]+$(?!\\n)", max_length=2048)] | None = None


class TenantAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The tenant. `settings` are the defaults of its connections."""

    id: str
    name: str
    settings: Settings
    return_origins: tuple[str, ...]
    frame_origins: tuple[str, ...]
    brand: Brand


class TenantBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to change; settings are merged name by name, the rest is replaced."""

    name: Annotated[str, Meta(min_length=1, max_length=128, pattern="\\S")] | UnsetType = UNSET
    settings: SettingsPatch | UnsetType = UNSET
    return_origins: Origins | UnsetType = UNSET
    frame_origins: Origins | UnsetType = UNSET
    brand: Brand | UnsetType = UNSET


@tenant.call("GET /v1/tenant", answers={200: TenantAnswer})
def read_own_tenant(call: Call) -> Answer:
    """The tenant that the key belongs to."""
    return _answer(read_tenant(call.world, call.tenant)[0])


@tenant.call(
    "PATCH /v1/tenant",
    answers={200: TenantAnswer},
    example={"return_origins": ["https://crm.example"], "settings": {"conflict": "crm_wins"}},
)
def change_tenant(call: Call, body: TenantBody) -> Answer:
    """The tenant is as sent; defaults reach connections that do not set their own."""
    fields = cast("dict[str, object]", msgspec.to_builtins(body))
    if faults := [
        *_unreachable("return_origins", body.return_origins),
        *_unreachable("frame_origins", body.frame_origins),
    ]:
        raise Invalid(faults)
    if body.settings is not UNSET:
        fields["settings"] = stored_settings(body.settings, "/settings")
    return _answer(patch_tenant(call.world, call.tenant, fields))


def _unreachable(name: str, origins: tuple[str, ...] | UnsetType) -> Iterator[Fault]:
    """Origins that no address can lie on, though they are written as one."""
    for index, origin in enumerate(origins or ()):
        if plain_address(origin) is None:
            yield Fault(f"/{name}/{index}", "has no such port; send one from 1 to 65535, or none")


def _answer(found: Tenant) -> Answer:
    answer = TenantAnswer(
        id=found.id,
        name=found.name,
        settings=settings_of(found.settings),
        return_origins=found.return_origins,
        frame_origins=found.frame_origins,
        brand=msgspec.convert(found.brand, Brand),
    )
    return Answer(value=answer)
