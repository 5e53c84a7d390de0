"""A Meet that takes its time is read again a few times, ever later, and then left to pulls."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from tests.usecases.bench import MONDAY, Bench

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
