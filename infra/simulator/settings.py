"""What the simulator does differently on request; defaults are what Google is seen to do. Start at `SimSettings`."""

from typing import Literal

import msgspec


class Notifications(msgspec.Struct, frozen=True, kw_only=True):
    """How push messages travel.

    `drop`, `duplicate` and `reorder` are probabilities per message. A reordered message waits `reorder_s` longer.
    `gap` is the probability that a message number is skipped. `sync_first` asks the HTTP shell to deliver the sync
    message before it answers the watch call, as Google sometimes does.
    """

    delay_s: float = 0.0
    jitter_s: float = 0.0
    drop: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    reorder_s: float = 5.0
    gap: float = 0.2
    sync_first: bool = False
    retry_first_s: float = 5.0
    retries: int = 8


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """Units a minute; a patch costs three.

    Source: https://developers.google.com/workspace/calendar/api/guides/quota
    """

    per_user_minute: int = 600
    per_project_minute: int = 10_000
    answer: Literal["403", "429", "both"] = "both"
    retry_after: bool = False


class SimSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Every switch of the simulator.

    `tombstones` full shows a deleted event whole in a delta; bare shows only kind, etag, id and status.
    `rewriting` says when Google rewrites the HTML of a description: never, when a person saves it, or always.
    `page_size_cap` makes pages short, `empty_page` is the probability that a page is empty though more follow.
    `series_tombstones` reports the exceptions of a deleted series one by one too.
    `moved_series` is the fate of exceptions when their master's start or rule changes.
    `event_page` is what `htmlLink` starts with.
    `access_token_s`, `channel_s` and `channel_cap_s` are lifetimes in seconds.
    """

    tombstones: Literal["bare", "full"] = "bare"
    rewriting: Literal["never", "person", "always"] = "person"
    page_size_cap: int | None = None
    empty_page: float = 0.0
    zero_length: bool = True
    conference: Literal["success", "pending", "failure"] = "success"
    conference_reads: int = 2
    series_tombstones: bool = False
    moved_series: Literal["kept", "dropped", "tombstones"] = "kept"
    sync_token_s: int | None = None
    access_token_s: int = 3599
    channel_s: int = 604_800
    channel_cap_s: int = 2_592_000
    loopback_webhooks: bool = True
    live_refresh_tokens: int = 100
    quota: Quota | None = None
    notifications: Notifications = Notifications()
    unknown_fields: Literal["refuse", "ignore"] = "refuse"
    event_page: str = "https://www.google.com/calendar/event"
