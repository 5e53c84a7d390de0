"""A Meet that takes its time is read again a few times, ever later, and then left to pulls."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from shared.usecases.feed import read_changes
from shared.usecases.present import task_answer
from tests.usecases.bench import MONDAY, TENANT, Bench

MEETING = {"user_id": "anna", "title": "Call", "start": f"{MONDAY}T10:00:00", "conference": "google_meet"}


@pytest.fixture
def slow(bench: Bench) -> Iterator[Bench]:
    """Google makes a Meet by the fourth reading."""
    google = bench.simulator.google
    before = google.settings
    google.settings = msgspec.structs.replace(before, conference="pending", conference_reads=4)
    yield bench
    google.settings = before


def state(bench: Bench) -> tuple[str, int]:
    """How the Meet stands, and how often it was read again."""
    meet = bench.task("a").sync.meet
    assert meet is not None
    return meet.state, meet.reads


def test_a_meet_is_read_again_until_it_is_there(slow: Bench) -> None:
    slow.connect("anna")
    slow.put("a", **MEETING)

    slow.run()

    assert state(slow) == ("ready", 4)
    assert slow.task("a").sync.state == "synced"


def test_a_meet_that_never_comes_is_left_to_pulls(slow: Bench) -> None:
    slow.simulator.google.settings = msgspec.structs.replace(slow.simulator.google.settings, conference_reads=100)
    slow.connect("anna")
    slow.put("a", **MEETING)
    begun = slow.clock.now()

    slow.run()

    assert state(slow) == ("pending", 6)
    assert 120 < (slow.clock.now() - begun).total_seconds() < 600


def test_every_try_at_one_meet_has_one_request_id_and_a_meet_that_is_over_none_of_its(bench: Bench) -> None:
    bench.connect("anna")
    bench.put("a", **MEETING)
    bench.run()
    first = bench.task("a").sync.meet

    bench.put("a", conference=None)
    bench.run()
    bench.put("a", conference="google_meet")
    bench.run()
    second = bench.task("a").sync.meet

    assert first is not None
    assert second is not None
    assert (first.state, second.state) == ("ready", "ready")
    assert first.request_id != second.request_id
    assert first.url != second.url


def test_a_person_s_own_meet_serves_the_crm_too(bench: Bench) -> None:
    connection = bench.connect("anna")
    bench.put("a", **{name: value for name, value in MEETING.items() if name != "conference"})
    bench.run()
    bench.person().add_meet(str(bench.task("a").sync.event_id))
    bench.pull(connection)
    own = bench.event("a")["hangoutLink"]

    bench.put("a", conference="google_meet")
    bench.run()

    assert bench.event("a")["hangoutLink"] == own
    assert bench.task("a").sync.state == "synced"


def zoomed(bench: Bench, **fields: object) -> None:
    """A task of the CRM in whose event a person put Zoom's conference; Tandem has read it."""
    connection = bench.connect("anna")
    bench.put("a", **(MEETING | fields))
    bench.run()
    bench.person().add_zoom(str(bench.task("a").sync.event_id))
    bench.pull(connection)


def test_another_makers_conference_is_not_replaced_by_a_meet_and_the_crm_is_told(bench: Bench) -> None:
    zoomed(bench, conference=None)

    bench.put("a", conference="google_meet", title="Visit")
    bench.run()

    bench.clock.pass_(seconds=60)  # after any store's horizon
    event, told = bench.event("a"), read_changes(bench.world, TENANT, None, limit=100, include_crm=False).changes[-1]
    assert event["conferenceData"]["conferenceSolution"]["name"] == "Zoom Meeting"
    assert (event["summary"], told.kind) == ("Visit", "task.error")
    error = task_answer(bench.task("a")).sync_state.error
    assert error is not None
    assert error.code == "other_conference"


def test_a_conference_that_took_the_meets_place_is_not_taken_off_with_it(bench: Bench) -> None:
    zoomed(bench)

    bench.put("a", conference=None)
    bench.run()

    assert bench.event("a")["conferenceData"]["conferenceSolution"]["name"] == "Zoom Meeting"
    assert bench.task("a").sync.state == "synced"


def test_a_conference_that_a_person_put_there_unseen_is_found_before_the_meet_is_asked_for(bench: Bench) -> None:
    bench.connect("anna")
    bench.put("a", **(MEETING | {"conference": None}))
    bench.run()
    bench.person().add_zoom(str(bench.task("a").sync.event_id))

    bench.put("a", conference="google_meet")
    bench.run()

    assert "hangoutLink" not in bench.event("a")


def test_a_meet_is_asked_for_again_once_the_other_conference_is_gone(bench: Bench) -> None:
    zoomed(bench)
    bench.person().remove_meet(str(bench.task("a").sync.event_id))

    bench.put("a", conference=None)
    bench.run()
    bench.put("a", conference="google_meet")
    bench.run()

    assert bench.event("a")["hangoutLink"].startswith("https://meet.google.com/")
