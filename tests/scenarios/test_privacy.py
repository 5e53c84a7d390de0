"""The search that every scenario ends with notices each kind of thing that no line and no problem may show."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from tests.scenarios.privacy import shown

if TYPE_CHECKING:
    from tests.scenarios.stage import Stage


def stage(*lines: str, problem: str | None = None) -> list[Stage]:
    """A scenario in which a title was written, a secret told, and an event made by a person."""
    event = SimpleNamespace(fields={"summary": "Visit Ben", "attendees": [{"email": "guest@example.com"}]})
    world = SimpleNamespace(
        access_tokens=["ya29.access"],
        refresh_tokens=["1//refresh"],
        codes=["4/code"],
        accounts=["anna@example.com"],
        clients={"id": SimpleNamespace(client_secret="GOCSPX-made-up")},
        channels={"c": SimpleNamespace(token="channel-token")},
        calendars={"anna": SimpleNamespace(events={"e": event})},
    )
    crm = SimpleNamespace(
        _http=SimpleNamespace(headers={"Authorization": "Bearer tdm_key"}),
        sent=[{"tasks": [{"title": "Call Bob", "contact": {"name": "Robert"}}]}],
        got=[{"secret": "whsec_told"}],
        problems=[] if problem is None else [json.dumps({"detail": problem, "current": {"title": "Call Bob"}})],
    )
    google = SimpleNamespace(ctx=SimpleNamespace(world=world))
    server = SimpleNamespace(said=lambda: list(lines))
    made = SimpleNamespace(crm=crm, server=server, simulator=SimpleNamespace(google=google))
    return [cast("Stage", made)]


WORDS = [
    "Call Bob", "Robert", "whsec_told", "tdm_key", "ya29.access", "1//refresh", "4/code", "anna@example.com",
    "GOCSPX-made-up", "channel-token", "Visit Ben", "guest@example.com",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_line_that_shows_it_is_found(word: str) -> None:
    assert shown(stage(json.dumps({"flow": "api", "detail": f"about {word}"})))


@pytest.mark.parametrize("word", WORDS)
def test_a_problem_that_shows_it_is_found(word: str) -> None:
    assert shown(stage(problem=f"about {word}"))


def test_a_mail_address_of_nobody_known_is_found() -> None:
    assert shown(stage('{"detail": "x@example.org"}'))


def test_what_shows_nothing_is_well() -> None:
    assert shown(stage('{"flow": "api", "outcome": "201"}', "API key (shown this once): tdm_key", problem="no")) == []
