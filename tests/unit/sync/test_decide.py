"""The decision table, row by row, and its laws."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.settings import ConflictPolicy, GoogleDeletePolicy
from shared.sync.decide import (
    CancelTask,
    CreateEvent,
    DeleteEvent,
    Forget,
    Gone,
    Living,
    Merged,
    Never,
    NextGeneration,
    Policy,
    RestoreTask,
    Unlink,
    decide,
)
from shared.sync.fields import FIELDS, TWO_WAY, Fields, Value
from shared.sync.fingerprint import fingerprint
from shared.sync.merge import Base, Merge, MergePolicy, merge

AGREED: Fields = {"title": "Call", "location": "Rome", "description": "Bring the file"}


def base_of(fields: Fields) -> dict[str, tuple[str, str]]:
    """Base as it is when both sides agreed on these values."""
    return {name: (fingerprint(value), fingerprint(value)) for name, value in fields.items()}


BASE = base_of(AGREED)
ROWS = [
    ("crm unchanged, google unchanged: nothing", Living(AGREED), Living(AGREED), Merged(Merge())),
    (
        "crm unchanged, google changed: update task",
        Living(AGREED),
        Living({**AGREED, "title": "Visit"}),
        Merged(Merge(take=frozenset({"title"}))),
    ),
    ("crm unchanged, google gone: by policy", Living(AGREED), Gone(), CancelTask()),
    (
        "crm changed, google unchanged: update event",
        Living({**AGREED, "title": "Visit"}),
        Living(AGREED),
        Merged(Merge(send=frozenset({"title"}))),
    ),
    (
        "crm changed, google changed, disjoint: merge by field",
        Living({**AGREED, "title": "Visit"}),
        Living({**AGREED, "location": "Oslo"}),
        Merged(Merge(take=frozenset({"location"}), send=frozenset({"title"}))),
    ),
    (
        "crm changed, google changed, the same field: by policy",
        Living({**AGREED, "title": "Visit"}),
        Living({**AGREED, "title": "Meet"}),
        Merged(Merge(conflicts=frozenset({"title"}))),
    ),
    (
        "crm changed, google changed to the same value: agreed",
        Living({**AGREED, "title": "Visit"}),
        Living({**AGREED, "title": "Visit"}),
        Merged(Merge(agree=frozenset({"title"}))),
    ),
    (
        "crm changed, google gone: an edit beats a delete",
        Living({**AGREED, "title": "Visit"}),
        Gone(),
        NextGeneration(edit_beat_delete=True),
    ),
    ("crm gone, google unchanged: delete event", Gone(), Living(AGREED), DeleteEvent()),
    (
        "crm gone, google changed: an edit beats a delete",
        Gone(),
        Living({**AGREED, "title": "Visit"}),
        RestoreTask(Merge(take=frozenset({"title"}))),
    ),
    ("crm gone, google gone: forget", Gone(), Gone(), Forget()),
    ("crm only: create the event", Living(AGREED), Never(), CreateEvent()),
]


@pytest.mark.parametrize(("crm", "google", "decision"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_table_decides(crm: Living | Gone, google: Living | Gone | Never, decision: object) -> None:
    assert decide(crm, google, BASE, Policy()) == decision


@pytest.mark.parametrize(
    ("policy", "decision"),
    [
        ("cancel_task", CancelTask()),
        ("unlink", Unlink()),
        ("recreate", NextGeneration(edit_beat_delete=False)),
    ],
)
def test_a_persons_deletion_follows_the_setting(policy: GoogleDeletePolicy, decision: object) -> None:
    assert decide(Living(AGREED), Gone(), BASE, Policy(on_google_delete=policy)) == decision


@pytest.mark.parametrize(
    ("policy", "merged"),
    [
        ("manual", Merge(conflicts=frozenset({"title"}))),
        ("crm_wins", Merge(send=frozenset({"title"}), overruled=frozenset({"title"}))),
        ("google_wins", Merge(take=frozenset({"title"}))),
    ],
)
def test_the_same_field_on_both_sides_follows_the_setting(policy: ConflictPolicy, merged: Merge) -> None:
    crm, google = {**AGREED, "title": "Visit"}, {**AGREED, "title": "Meet"}

    assert merge(crm, google, BASE, MergePolicy(conflict=policy)) == merged


@pytest.mark.parametrize(("crm_later_s", "winner"), [(1, "send"), (0, "take"), (-1, "take")])
def test_latest_wins_takes_the_later_and_google_when_equal(crm_later_s: int, winner: str) -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    policy = MergePolicy(
        conflict="latest_wins",
        crm_stamps={"title": noon + timedelta(seconds=crm_later_s)},
        google_stamps={"title": noon},
    )

    decided = merge({**AGREED, "title": "Visit"}, {**AGREED, "title": "Meet"}, BASE, policy)

    assert getattr(decided, winner) == {"title"}


def test_no_base_and_equal_sides_adopt_each_other() -> None:
    assert merge(AGREED, AGREED, {}, MergePolicy()).agree == frozenset(AGREED)


def test_no_base_and_one_side_empty_loses_nothing() -> None:
    decided = merge({"title": "Call"}, {"title": None, "location": "Rome"}, {}, MergePolicy())

    assert (decided.send, decided.take) == (frozenset({"title"}), frozenset({"location"}))


def test_a_rewrite_by_google_is_no_change() -> None:
    base = {"description": (fingerprint("a  b"), fingerprint("a b"))}

    assert merge({"description": "a  b"}, {"description": "a b"}, base, MergePolicy()).nothing


def test_a_field_that_only_the_crm_decides_is_never_taken() -> None:
    decided = merge({}, {"color": "11"}, base_of({"color": None}), MergePolicy())

    assert (decided.take, decided.unheard) == (frozenset(), frozenset({"color"}))


def test_what_google_left_out_counts_as_unchanged() -> None:
    guests: Value = [{"email": "ben@example.com", "name": None}]

    assert merge({"attendees": guests}, {}, base_of({"attendees": guests}), MergePolicy()).nothing


def test_a_field_that_may_not_be_sent_waits_without_a_conflict() -> None:
    decided = merge({**AGREED, "title": "Visit"}, AGREED, BASE, MergePolicy(may_send=frozenset({"busy"})))

    assert decided.nothing


TEXT = st.sampled_from([None, "a", "b", "c"])
SIDES = st.fixed_dictionaries(dict.fromkeys(("title", "location", "description", "color", "url"), TEXT))
POLICIES = st.sampled_from(["manual", "crm_wins", "google_wins"])


def applied(crm: Fields, google: Fields, base: Base, merge_: Merge) -> tuple[Fields, Fields, Base]:
    """Both sides and base after the merge is carried out."""
    ours, theirs = dict(crm), dict(google)
    agreed = dict(base)
    for name in merge_.take:
        ours[name] = google[name]
    for name in merge_.send:
        theirs[name] = crm[name]
    for name in merge_.take | merge_.send | merge_.agree:
        agreed[name] = (fingerprint(ours[name]), fingerprint(theirs[name]))
    for name in merge_.unheard:
        known = agreed.get(name, (fingerprint(FIELDS[name].default), ""))
        agreed[name] = (known[0], fingerprint(google[name]))
    return ours, theirs, agreed


@given(crm=SIDES, google=SIDES, agreed=SIDES, policy=POLICIES)
def test_applying_the_merge_leaves_both_sides_equal(
    crm: Fields, google: Fields, agreed: Fields, policy: ConflictPolicy
) -> None:
    decided = merge(crm, google, base_of(agreed), MergePolicy(conflict=policy))

    ours, theirs, _ = applied(crm, google, base_of(agreed), decided)

    assert all(ours[name] == theirs[name] for name in TWO_WAY & crm.keys() - decided.conflicts)


@given(crm=SIDES, google=SIDES, agreed=SIDES, policy=POLICIES)
def test_deciding_again_gives_nothing(crm: Fields, google: Fields, agreed: Fields, policy: ConflictPolicy) -> None:
    settings = MergePolicy(conflict=policy)
    decided = merge(crm, google, base_of(agreed), settings)

    again = merge(*applied(crm, google, base_of(agreed), decided), settings)

    assert again == Merge(conflicts=decided.conflicts)


@given(changed=SIDES, agreed=SIDES, policy=POLICIES)
def test_a_merge_with_an_unchanged_side_is_the_other_side(
    changed: Fields, agreed: Fields, policy: ConflictPolicy
) -> None:
    base, settings = base_of(agreed), MergePolicy(conflict=policy)

    from_crm = applied(changed, agreed, base, merge(changed, agreed, base, settings))
    from_google = applied(agreed, changed, base, merge(agreed, changed, base, settings))

    assert from_crm[1] == changed
    assert all(from_google[0][name] == changed[name] for name in TWO_WAY & changed.keys())


@given(crm=SIDES, google=SIDES, agreed=SIDES)
def test_no_field_is_lost_that_only_one_side_set(crm: Fields, google: Fields, agreed: Fields) -> None:
    ours, theirs, _ = applied(
        crm, google, base_of(agreed), merge(crm, google, base_of(agreed), MergePolicy(conflict="crm_wins"))
    )

    for name in TWO_WAY & crm.keys():
        if google[name] == agreed[name]:
            assert theirs[name] == crm[name]
        elif crm[name] == agreed[name]:
            assert ours[name] == google[name]
