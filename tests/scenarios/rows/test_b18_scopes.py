"""B18: only what is needed is asked for, and what was not granted is said."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import requests

from tests.scenarios.stage import Stage

EVENTS = "https://www.googleapis.com/auth/calendar.events"
LIST = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"


def test_b18_the_smallest_scopes_are_asked_for(stage: Stage) -> None:
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna"})

    page = requests.get(made["authorize_url"], allow_redirects=False, timeout=10).headers["Location"]

    assert set(parse_qs(urlsplit(page).query)["scope"][0].split()) == {"openid", "email", EVENTS, LIST}


def test_b18_a_box_that_was_not_ticked_is_named_and_nothing_is_connected(stage: Stage) -> None:
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna"})

    stage.consent(made["authorize_url"], stage.account(), ("openid", "email", LIST))

    now = stage.crm.ok("GET", f"/v1/connections/{made['id']}")
    assert (now["status"], now["problem"]["code"]) == ("pending", "scope_missing")
    assert EVENTS in now["problem"]["detail"]
