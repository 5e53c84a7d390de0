"""A run's share of Google's quota, counted as Google counts it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.google.requests import ChannelRequest, EventsRequest
from shared.model.ids import CalendarId
from shared.ports import Calendar
from shared.usecases.runs.pace import PATCH_UNITS, ROOM_FOR, UNITS_A_MINUTE, Meter, MeteredGoogle
from tests.simulation.doubles import START, VirtualClock


def test_there_is_room_until_a_piece_of_work_might_not_fit() -> None:
    meter = Meter(VirtualClock())
    meter.spend(UNITS_A_MINUTE - ROOM_FOR)

    assert meter.free_at() is None
    meter.spend(1)
    assert meter.free_at() is not None


def test_room_comes_back_when_what_was_spent_first_is_a_minute_old() -> None:
    clock = VirtualClock()
    meter = Meter(clock)
    meter.spend(100)
    clock.advance(20)
    meter.spend(UNITS_A_MINUTE - 100)

    assert meter.free_at() == START + timedelta(seconds=61)
    clock.advance(41)
    assert meter.free_at() is None


def test_another_job_goes_on_counting_where_one_stopped() -> None:
    clock = VirtualClock()
    one = Meter(clock)
    one.spend(UNITS_A_MINUTE)

    assert Meter(clock, one.spent).free_at() == one.free_at()


def test_what_is_older_than_a_minute_is_forgotten() -> None:
    clock = VirtualClock()
    meter = Meter(clock)
    meter.spend(5)
    clock.advance(61)

    assert meter.spent == ()


CALLS: list[tuple[str, Callable[[Calendar], object], int]] = [
    ("calendars", lambda google: google.calendars(), 1),
    ("list", lambda google: google.list(EventsRequest(calendar_id=CalendarId("c"))), 1),
    ("get", lambda google: google.get("c", "e"), 1),
    ("insert", lambda google: google.insert("c", {}, notify="none"), 1),
    ("patch", lambda google: google.patch("c", "e", {}, if_match="1", notify="none"), PATCH_UNITS),
    ("delete", lambda google: google.delete("c", "e", if_match=None, notify="none"), 1),
    ("move", lambda google: google.move("c", "e", "d", notify="none"), 1),
    (
        "watch",
        lambda google: google.watch(
            ChannelRequest(calendar_id=CalendarId("c"), channel_id="i", address="https://a.test", token="t")
        ),
        1,
    ),
    ("stop", lambda google: google.stop("c", "r"), 1),
]


@pytest.mark.parametrize(("name", "call", "units"), CALLS, ids=[name for name, _, _ in CALLS])
def test_each_call_is_passed_on_and_counted(name: str, call: Callable[[Calendar], object], units: int) -> None:
    heard: list[str] = []
    meter = Meter(VirtualClock())

    call(MeteredGoogle(_Heard(heard), meter).calendar("token"))  # type: ignore[arg-type]

    assert (heard, sum(each for _, each in meter.spent)) == ([name], units)


class _Heard:
    """Any call of the port, only noted."""

    def __init__(self, heard: list[str]) -> None:
        self._heard = heard

    def calendar(self, access_token: str) -> "_Heard":
        return self

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *args, **named: self._heard.append(name)
