"""A stale whole-record write is no edit (rule 5)."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.model.content import Content
from shared.model.task import Sync, Unacknowledged
from shared.sync.said import Said, prints_of, said

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def unread(_at: datetime, _change: str) -> bool:
    return False


def read(_at: datetime, _change: str) -> bool:
    return True


def after_google(before: Content, after: Content, *names: str) -> Sync:
    """The mapping of a task whose fields the CRM once sent, and Google changed since."""
    told = Unacknowledged(at=NOON, fields=prints_of(after, names))
    return Sync(sent=prints_of(before, ("title", "location", "start", "end")), unacked={"c1": told})


SENT = Content(title="Call", location="Rome", start="2026-11-23T10:00:00Z", end="2026-11-23T11:00:00Z")
IN_GOOGLE = Content(title="Visit", location="Rome", start="2026-11-23T10:00:00Z", end="2026-11-23T11:00:00Z")


def write(incoming: Content, *, acknowledged: bool = False) -> Said:
    return said(IN_GOOGLE, incoming, after_google(SENT, IN_GOOGLE, "title"), read if acknowledged else unread)


def test_a_stale_whole_record_undoes_nothing() -> None:
    sorted_out = write(Content(title="Call", location="Oslo", start="2026-11-23T10:00:00Z"))

    assert sorted_out.changed == {"location"}
    assert sorted_out.content.title == "Visit"


def test_putting_an_acknowledged_value_back_is_an_edit() -> None:
    sorted_out = write(Content(title="Call"), acknowledged=True)

    assert sorted_out.content.title == "Call"


def test_an_old_value_is_an_edit_once_its_change_was_read_also_after_a_stale_write() -> None:
    stale = write(Content(title="Call", location="Oslo"))
    sync = Sync(sent=stale.sent, unacked=stale.unacked)

    sorted_out = said(stale.content, Content(title="Call"), sync, read)

    assert stale.content.title == "Visit"
    assert sorted_out.content.title == "Call"


def test_writing_what_google_said_acknowledges_it() -> None:
    sorted_out = write(Content(title="Visit"))

    assert sorted_out.changed == frozenset()
    assert sorted_out.sent["title"] == prints_of(IN_GOOGLE, ["title"])["title"]
    assert sorted_out.unacked == {}


def test_the_same_instant_with_another_offset_is_no_edit() -> None:
    assert write(Content(start="2026-11-23T11:00:00+01:00")).changed == frozenset()


def test_start_and_end_are_one_thing() -> None:
    moved = Content(title="Call", location="Rome", start="2026-11-24T10:00:00Z", end="2026-11-24T11:00:00Z")
    sync = after_google(SENT, moved, "start", "end")

    sorted_out = said(moved, Content(start="2026-11-23T10:00:00Z", end="2026-11-23T12:00:00Z"), sync, unread)

    assert (sorted_out.content.start, sorted_out.content.end) == ("2026-11-23T10:00:00Z", "2026-11-23T12:00:00Z")


def test_null_clears_and_an_absent_field_stays() -> None:
    sorted_out = said(SENT, Content(location=None), Sync(sent=prints_of(SENT, ("location",))), unread)

    assert sorted_out.content.location is None
    assert sorted_out.content.title == "Call"
