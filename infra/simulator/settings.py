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
    `moved_series` is the fate of exceptions when their series moves away from under them, by its start or its rule.
    `exceptions_follow` says how exceptions take a change of their series where they still show its old value: told
    with the family, untold (no new etag, in no delta), or never.
    `all_events` and `split_exceptions` say what becomes of an exception's own values when a person changes all events,
    or an event and the following ones. Seen at Google: overwritten in the first case.
    `split_uid` is the iCalUID of the later half; `rule_order` how the parts of a rule are answered.
    `instance_properties` says whether occurrences show the extended properties of their series.
    `lone_guests` says whether the copy of a guest of one occurrence names the series, which that guest cannot see.
    `family_order` is the order in which a delta has the members of a series. `halves_told` later ends a delta before
    the later half of a split series, so that the next one begins with it.
    `event_page` is what `htmlLink` starts with.
    `access_token_s`, `channel_s` and `channel_cap_s` are lifetimes in seconds.
    """

    tombstones: Literal["bare", "full"] = "bare"
    rewriting: Literal["never", "person", "always"] = "person"
    page_size_cap: int | None = None
    empty_page: float = 0.0
    zero_length: bool = True
    conference: Literal["success", "pending", "failure", "invalid"] = "success"
    conference_reads: int = 2
    series_tombstones: bool = False
    moved_series: Literal["kept", "dropped", "tombstones"] = "kept"
    exceptions_follow: Literal["told", "untold", "never"] = "told"
    all_events: Literal["overwritten", "kept"] = "overwritten"
    split_exceptions: Literal["kept", "overwritten"] = "kept"
    split_uid: Literal["own", "shared"] = "own"
    rule_order: Literal["google", "as_sent"] = "google"
    instance_properties: Literal["inherited", "own"] = "inherited"
    lone_guests: Literal["dangling", "unnamed"] = "dangling"
    family_order: Literal["as_written", "masters_first", "masters_last"] = "as_written"
    halves_told: Literal["together", "later"] = "together"
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
