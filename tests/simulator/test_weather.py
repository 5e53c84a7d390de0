"""Faults by rule, and the quota limiter."""

import msgspec
import pytest

from infra.simulator.faults import ERRORS
from infra.simulator.model import Fault
from infra.simulator.settings import Quota
from infra.simulator.state import Google
from tests.simulator.client import ANNA, BEN, Client, Clock, timed


def limit(google: Google, quota: Quota) -> None:
    """Put a limiter in force."""
    google.settings = msgspec.structs.replace(google.settings, quota=quota)


@pytest.mark.parametrize("effect", sorted(ERRORS))
def test_error_effect_answers_with_that_error_and_changes_nothing(google: Google, anna: Client, effect: str) -> None:
    google.add_fault(Fault(effect=effect, count=1))

    answer = anna.call("POST", "calendars/primary/events", timed())

    assert answer.status >= 400
    assert answer.reason in effect or answer.reason in {"backendError", "pushNotSupportedForRequestedResource"}
    assert anna.list().body["items"] == []


def test_rule_is_narrowed_by_method_path_and_account(google: Google, anna: Client, ben: Client) -> None:
    google.add_fault(Fault(effect="backendError503", method="GET", path=r"/events$", account=BEN))

    assert anna.list().status == 200
    assert ben.call("POST", "calendars/primary/events", timed()).status == 200
    assert ben.call("GET", "calendars/primary").status == 200
    assert ben.list().status == 503


def test_rule_hits_the_nth_request_and_so_many(google: Google, anna: Client) -> None:
    google.add_fault(Fault(effect="backendError500", after=1, count=2))

    assert [anna.list().status for _ in range(5)] == [200, 500, 500, 200, 200]


def test_probability_decides_each_request(google: Google, anna: Client) -> None:
    google.add_fault(Fault(effect="backendError503", probability=0.5))

    statuses = [anna.list().status for _ in range(100)]

    assert 20 < statuses.count(503) < 80


def test_cut_after_does_the_work_and_loses_the_answer(google: Google, anna: Client) -> None:
    google.add_fault(Fault(effect="cut_after", method="POST", count=1))

    answer = anna.call("POST", "calendars/primary/events", timed())

    assert answer.response.cut
    assert len(anna.list().body["items"]) == 1


def test_cut_before_does_nothing(google: Google, anna: Client) -> None:
    google.add_fault(Fault(effect="cut_before", method="POST", count=1))

    assert anna.call("POST", "calendars/primary/events", timed()).response.cut
    assert anna.list().body["items"] == []


def test_slow_answers_say_how_long_they_take(google: Google, anna: Client) -> None:
    google.add_fault(Fault(effect="slow", seconds=3, count=1))

    assert anna.list().response.delay_s == 3


def test_unknown_effect_is_refused(google: Google) -> None:
    with pytest.raises(ValueError, match="there are: "):
        google.add_fault(Fault(effect="earthquake"))


def test_minute_of_an_account_is_limited_and_slides(google: Google, anna: Client, ben: Client, clock: Clock) -> None:
    limit(google, Quota(per_user_minute=2, answer="403"))

    statuses = [anna.list().status for _ in range(3)]
    clock.advance(seconds=61)

    assert statuses == [200, 200, 403]
    assert ben.list().status == 200
    assert anna.list().status == 200


def test_patch_costs_three_units(google: Google, anna: Client) -> None:
    event = anna.insert()
    limit(google, Quota(per_user_minute=5, answer="403"))

    assert anna.patch(event["id"], {"summary": "x"}).status == 200
    assert anna.patch(event["id"], {"summary": "y"}).reason == "userRateLimitExceeded"
    assert anna.list().status == 200


def test_both_variants_of_the_refusal_come(google: Google, anna: Client) -> None:
    limit(google, Quota(per_user_minute=0, answer="both"))

    assert {anna.list().status for _ in range(4)} == {403, 429}


def test_project_is_limited_over_all_its_accounts(google: Google, anna: Client, ben: Client) -> None:
    limit(google, Quota(per_project_minute=1, answer="403"))

    assert (anna.list().status, ben.list().status) == (200, 403)
    assert ben.list().reason == "rateLimitExceeded"


def test_retry_after_is_sent_only_when_switched(google: Google, anna: Client) -> None:
    limit(google, Quota(per_user_minute=0))
    assert "Retry-After" not in anna.list().response.headers

    limit(google, Quota(per_user_minute=0, retry_after=True))
    assert anna.list().response.headers["Retry-After"] == "60"


def test_counters_count_methods_and_units(google: Google, anna: Client) -> None:
    event = anna.insert()
    anna.patch(event["id"], {"summary": "x"})

    assert (google.ctx.counters["events.insert"], google.ctx.counters["units"]) == (1, 4)


def test_same_seed_and_same_calls_make_the_same_world(clock: Clock) -> None:
    from tests.simulator.client import make

    worlds = []
    for _ in range(2):
        google = make(clock)
        client = Client(google, ANNA)
        client.insert(summary="x")
        worlds.append(google.dump())

    assert worlds[0] == worlds[1]
