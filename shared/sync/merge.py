"""One field at a time: who changed it since both sides last agreed, and so which value goes where. Pure.

Base is a pair of fingerprints per field, the CRM's value and Google's rendering of it, because Google rewrites what
it is
given; a rewrite is then not a change (rules 1 and 2). No base for a field means that both sides start from its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Literal, TypeAlias, assert_never

import msgspec

from shared.model.settings import ConflictPolicy
from shared.sync.fields import FIELDS, TWO_WAY, Fields
from shared.sync.fingerprint import DEFAULTS, fingerprint

Base: TypeAlias = Mapping[str, tuple[str, str]]


class MergePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Who may change what, and who wins when both did.

    Args:
        may_send: Fields that this copy of the event, the direction and the access allow us to write.
        may_take: Fields in which Google's changes reach the CRM.
        withheld: Fields whose changes in Google the CRM may not see now, but will once it may: base does not note them.
        crm_stamps, google_stamps: For `latest_wins`: when each side's value was made (rule 43).
    """

    conflict: ConflictPolicy = "manual"
    may_send: frozenset[str] = frozenset(FIELDS)
    may_take: frozenset[str] = TWO_WAY
    withheld: frozenset[str] = frozenset()
    crm_stamps: Mapping[str, datetime] = msgspec.field(default_factory=dict)
    google_stamps: Mapping[str, datetime] = msgspec.field(default_factory=dict)


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """What follows for the fields of one task and its living event.

    Args:
        take: Google's value goes to the CRM.
        send: The CRM's value goes to Google.
        agree: Both hold the same value though base says otherwise; base moves.
        overruled: In `send`, decided against a change in Google by policy: base first becomes Google's value (rule 3).
        unheard: Google's change of a field that is not taken; base notes it so that it is not asked about again.
        conflicts: Both changed it and a person must choose; base stays.
    """

    take: frozenset[str] = frozenset()
    send: frozenset[str] = frozenset()
    agree: frozenset[str] = frozenset()
    overruled: frozenset[str] = frozenset()
    unheard: frozenset[str] = frozenset()
    conflicts: frozenset[str] = frozenset()

    @property
    def nothing(self) -> bool:
        """Both sides stand as they last agreed."""
        return not (self.take or self.send or self.agree or self.unheard or self.conflicts)


Verdict: TypeAlias = Literal["keep", "take", "send", "agree", "overrule", "unheard", "conflict"]


def changed_by_crm(crm: Fields, base: Base) -> frozenset[str]:
    """The fields whose CRM value is not the agreed one; a field the CRM never sent is not its own to change."""
    return frozenset(name for name in FIELDS if name in crm and fingerprint(crm[name]) != _base_of(name, base)[0])


def changed_by_google(google: Fields, base: Base) -> frozenset[str]:
    """The fields whose value in Google is not the one last rendered there; what Google left out counts as unchanged."""
    return frozenset(name for name in FIELDS if name in google and fingerprint(google[name]) != _base_of(name, base)[1])


def merge(crm: Fields, google: Fields, base: Base, policy: MergePolicy) -> Merge:
    """Decide every field of a task whose event lives.

    Args:
        crm: Canonical values the CRM owns.
        google: Canonical values as Google shows them; a missing one has the field's default.
        base: What both last agreed on.
        policy: Whose word counts.
    """
    same = frozenset(
        name
        for name, spec in FIELDS.items()
        if fingerprint(crm.get(name, spec.default)) == fingerprint(google.get(name, spec.default))
    )
    return resolved(changed_by_crm(crm, base), changed_by_google(google, base), same, policy)


def resolved(
    by_crm: AbstractSet[str], by_google: AbstractSet[str], same: AbstractSet[str], policy: MergePolicy
) -> Merge:
    """Decide every field by who changed it.

    Args:
        by_crm, by_google: The fields that each side changed.
        same: The fields in which both sides hold the same value now.
    """
    verdicts: dict[str, Verdict] = {
        name: _verdict(name, policy, crm_changed=name in by_crm, google_changed=name in by_google, same=name in same)
        for name in FIELDS
    }

    def those(*wanted: Verdict) -> frozenset[str]:
        return frozenset(name for name, verdict in verdicts.items() if verdict in wanted)

    return Merge(
        take=those("take"),
        send=those("send", "overrule"),
        agree=those("agree"),
        overruled=those("overrule"),
        unheard=those("unheard"),
        conflicts=those("conflict"),
    )


def _verdict(name: str, policy: MergePolicy, *, crm_changed: bool, google_changed: bool, same: bool) -> Verdict:
    sends, takes = name in policy.may_send, name in policy.may_take
    if not crm_changed and not google_changed:
        return "keep"
    if crm_changed and same:
        return "agree"
    unheard: Verdict = "keep" if name in policy.withheld else "unheard"
    if not crm_changed:
        return "take" if takes else unheard
    if not google_changed:
        return "send" if sends else "keep"
    if not takes:
        return "overrule" if sends else unheard
    return _both_changed(name, policy) if sends else "take"


def _both_changed(name: str, policy: MergePolicy) -> Verdict:
    match policy.conflict:
        case "manual":
            return "conflict"
        case "crm_wins":
            return "overrule"
        case "google_wins":
            return "take"
        case "latest_wins":
            crm_at, google_at = policy.crm_stamps.get(name), policy.google_stamps.get(name)
            return "overrule" if crm_at is not None and (google_at is None or crm_at > google_at) else "take"
        case _ as unknown:
            assert_never(unknown)


def _base_of(name: str, base: Base) -> tuple[str, str]:
    return base.get(name) or (DEFAULTS[name], DEFAULTS[name])
