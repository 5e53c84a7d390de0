"""What stands in the CRM and in Anna's calendar at the first start, laid into a week that can be looked at. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from infra.embedded.demo.times import ZONE

PERSON, ACCOUNT, USER = "Anna", "anna@example.com", "anna"
GUEST = "ben@example.com"
CAMPAIGN = 20


def week_of(today: date) -> date:
    """The Monday of the week to look at: this one, or on Saturday and Sunday the next."""
    return today - timedelta(days=today.weekday()) + timedelta(days=7 if today.weekday() > 4 else 0)


def tasks(monday: date) -> dict[str, dict[str, Any]]:
    """The CRM's tasks, by id."""
    return {
        "crm-1": {
            "type": "email", "title": "Send the offer to Rossi", "status": "done",
            **_at(monday, 0, "09:30", "10:00"), "contact": {"name": "Carla Rossi", "email": "carla.rossi@example.com"},
            "deal": "Villa Rossi, sale", "priority": "medium",
        },
        "crm-2": {
            "type": "meeting", "title": "Visit the villa with Ms Rossi", **_at(monday, 0, "14:00", "15:30"),
            "location": "Seestraße 12, Potsdam", "contact": {"name": "Carla Rossi"}, "deal": "Villa Rossi, sale",
            "description": "Bring the floor plans and the energy certificate.", "priority": "high",
        },
        "crm-3": {
            "type": "call", "title": "Call Mr Novak back", **_at(monday, 1, "10:00", "10:30"), "priority": "high",
            "contact": {"name": "Petr Novak"}, "notes": "Prefers mornings. Wants a second viewing.",
            "reminders": [{"method": "popup", "minutes": 10}],
        },
        "crm-4": {
            "type": "meeting", "title": "Plan the open house", **_at(monday, 2, "11:00", "12:00"),
            "attendees": [{"email": GUEST, "name": "Ben Okafor"}], "conference": "google_meet",
            "description": "Who does what, and when do we put the signs up?",
        },
        "crm-5": {
            "type": "task", "title": "Open house", "start": _day(monday, 3), "end": _day(monday, 4),
            "location": "Seestraße 12, Potsdam", "priority": "medium", "busy": False,
        },
        "crm-6": {
            "type": "follow_up", "title": "Ask the Meiers for their decision", **_at(monday, 3, "15:00", "15:30"),
            "contact": {"name": "Jana Meier", "email": "jana@example.com"}, "deal": "Loft, rent",
        },
        "crm-7": {
            "type": "meeting", "title": "Sign the contract at the notary's", **_at(monday, 4, "09:00", "10:30"),
            "location": "Notariat Brandt, Berlin", "priority": "high", "deal": "Loft, rent",
            "reminders": [{"method": "popup", "minutes": 60}],
        },
        "crm-9": {
            "type": "meeting", "title": "Team round", **_at(monday, 3, "09:00", "09:30"),
            "recurrence": ["RRULE:FREQ=WEEKLY"], "description": "What is new, what is stuck.",
        },
        "crm-10": {
            "type": "task", "title": "Salary talk with Mia", **_at(monday, 4, "15:00", "15:30"), "private": True,
        },
        "crm-8": {"type": "task", "title": "Renew the photo licence", "notes": "No hurry, so no time yet."},
    }  # fmt: skip


def events(monday: date) -> list[dict[str, Any]]:
    """What Anna has in her calendar already, as the simulator takes it."""
    return [
        _event(monday, 1, "12:30", "13:30", summary="Lunch with Lea", location="Café Anna Blume"),
        _event(monday, 2, "16:00", "17:00", summary="Dentist", visibility="private"),
        _event(monday, 4, "13:00", "14:00", summary="Team lunch"),
    ]


def campaign(monday: date) -> dict[str, dict[str, Any]]:
    """Twenty calls, four a day in the late afternoon."""
    calls = {}
    for number in range(CAMPAIGN):
        day, slot = divmod(number, 4)
        first = 16 * 60 + 30 * slot
        times = [f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (first, first + 30)]
        calls[f"campaign-{number + 1:02}"] = {
            "type": "call", "title": f"Campaign call {number + 1}", "status": "open",
            **_at(monday, day, times[0], times[1]),
        }  # fmt: skip
    return calls


def _day(monday: date, days: int) -> str:
    return (monday + timedelta(days=days)).isoformat()


def _at(monday: date, days: int, start: str, end: str) -> dict[str, str]:
    day = _day(monday, days)
    return {"start": f"{day}T{start}:00", "end": f"{day}T{end}:00", "time_zone": ZONE}


def _event(monday: date, days: int, start: str, end: str, **fields: str) -> dict[str, Any]:
    day = _day(monday, days)
    slots = {name: {"dateTime": f"{day}T{at}:00", "timeZone": ZONE} for name, at in (("start", start), ("end", end))}
    return {**fields, **slots}
