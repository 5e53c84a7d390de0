"""A connection's settings, defaults first; the tenant's own defaults lie between these and the connection's."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

Direction: TypeAlias = Literal["both", "to_google", "from_google"]
ConflictPolicy: TypeAlias = Literal["manual", "crm_wins", "google_wins", "latest_wins"]
GoogleDeletePolicy: TypeAlias = Literal["cancel_task", "unlink", "recreate"]
DonePolicy: TypeAlias = Literal["keep", "check", "color", "free", "delete"]
TypeName = Annotated[str, Meta(min_length=1, max_length=64)]
HexColor = Annotated[str, Meta(pattern="^#[0-9A-Fa-f]{6}$(?!\\n)")]
ClockTime = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\\n)|^24:00$(?!\\n)")]
IsoDay = Annotated[int, Meta(ge=1, le=7)]

DEFAULT_COLORS: dict[str, str] = {
    "call": "#8B5CF6",
    "email": "#3B82F6",
    "meeting": "#EF4444",
    "task": "#10B981",
    "follow_up": "#F59E0B",
}
DEFAULT_TEMPLATE = "{description}\n\n{details}\n\n{footer}"


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Only tasks that start inside these hours sync: the calendar's zone, ISO days (1 is Monday), `to` exclusive."""

    start: ClockTime = msgspec.field(name="from")
    end: ClockTime = msgspec.field(name="to")
    days: Annotated[tuple[IsoDay, ...], Meta(min_length=1, max_length=7)] = (1, 2, 3, 4, 5, 6, 7)


class Duration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a task lasts that has no `end`: minutes when timed, days when all-day."""

    timed_min: Annotated[int, Meta(ge=1, le=40320)] = 30
    all_day: Annotated[int, Meta(ge=1, le=366)] = 1


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which days export and import look at, around today."""

    past_days: Annotated[int, Meta(ge=0, le=3650)] = 0
    future_days: Annotated[int, Meta(ge=1, le=3650)] = 365


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one connection syncs; every name is part of the contract."""

    direction: Direction = "both"
    conflict: ConflictPolicy = "manual"
    auto_sync: bool = True
    calendar_id: Annotated[str, Meta(min_length=1, max_length=1024)] = "primary"
    import_external: Literal["off", "all", "marked"] = "off"
    mark: Annotated[str, Meta(min_length=1, max_length=64)] = "#crm"
    private_events: Literal["sync", "to_google_only", "to_crm_only", "skip"] = "sync"
    private_arrives: Literal["private", "public"] = "private"
    hours: Hours | None = None
    on_google_delete: GoogleDeletePolicy = "cancel_task"
    on_done: DonePolicy = "keep"
    colors: Annotated[dict[TypeName, HexColor], Meta(max_length=100)] = msgspec.field(
        default_factory=lambda: dict(DEFAULT_COLORS)
    )
    notify_guests: Literal["none", "external_only", "all"] = "none"
    description_format: Literal["html", "text"] = "html"
    description_template: Annotated[str, Meta(max_length=4000)] = DEFAULT_TEMPLATE
    default_duration: Duration = Duration()
    window: Window = Window()
    google_tasks: Annotated[str, Meta(min_length=1, max_length=1024)] | None = None
    language: Annotated[str, Meta(pattern="^[a-z]{2}(-[A-Z]{2})?$(?!\\n)")] = "en"


SETTING_NAMES = frozenset(field.encode_name for field in msgspec.structs.fields(Settings))


def settings_of(*layers: dict[str, object]) -> Settings:
    """The settings that hold, later layers over earlier ones (the tenant's defaults, then the connection's).

    Raises:
        msgspec.ValidationError: A stored layer is not valid; layers are checked before they are stored.
    """
    merged: dict[str, object] = {}
    for layer in layers:
        merged |= layer
    return msgspec.convert(merged, Settings)
