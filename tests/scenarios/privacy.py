"""What people wrote and what opens doors, collected from a scenario's stages, and searched for in all that was shown.

Shown are the lines of a scenario's servers and the problem documents that its CRMs were given. Start at `shown`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from infra.simulator.server import RunningSimulator
    from tests.scenarios.stage import Server, Stage

PERSONAL = frozenset({"title", "summary", "description", "notes", "location", "name", "email", "deal", "zoom_url"})
SECRET = frozenset({"client_secret", "secret", "key", "api_key", "authorize_url", "url"})
ADDRESS = re.compile(r"[\w.+-]@[\w-]")
SHORTEST = 4
"""Shorter texts stand in any line."""
ZONE = "Europe/Rome"
"""The example that remedies give; the town alone is where somebody's appointment is."""


def shown(stages: list[Stage]) -> list[str]:
    """Each line or problem document that shows something private, with what it is."""
    texts = [*{line for server in {id(each.server): each.server for each in stages}.values() for line in lines(server)}]
    texts += [_without_task(problem) for stage in stages for problem in stage.crm.problems]
    texts = [text.replace(ZONE, "") for text in texts]
    private = {text for stage in stages for text in _private(stage)}
    private |= {
        text for each in {id(each.simulator): each.simulator for each in stages}.values() for text in _held(each)
    }
    everything = "\n".join(texts)
    found = []
    for text in private:
        if text not in everything:
            continue  # most are not, and looking line by line takes minutes
        whole = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
        found += [f"{text!r} is in {line.strip()[:400]}" for line in texts if whole.search(line)]
    found += [
        f"a mail address is in {line.strip()[:400]}" for line in texts if line.startswith("{") and ADDRESS.search(line)
    ]
    return found


def lines(server: Server) -> list[str]:
    """Everything that the server's processes said; a first start prints its key, once, and not as a line of the log."""
    return [line for line in server.said() if not line.startswith("API key (shown this once)")]


def _private(stage: Stage) -> Iterator[str]:
    yield str(stage.crm._http.headers["Authorization"]).removeprefix("Bearer ")
    for body in stage.crm.sent:
        yield from _values(body, PERSONAL | SECRET)
    for answer in stage.crm.got:
        yield from _values(answer, SECRET)


def _held(simulator: RunningSimulator) -> Iterator[str]:
    """What that Google holds for all stages on it; asked once, for it may be thousands of events."""
    world = simulator.google.ctx.world
    for token in (*world.access_tokens, *world.refresh_tokens, *world.codes, *world.accounts):
        yield str(token)
    yield from (client.client_secret for client in world.clients.values())
    yield from (channel.token for channel in world.channels.values() if channel.token)
    for calendar in world.calendars.values():
        for event in calendar.events.values():
            yield from _values(event.fields, PERSONAL)


def _values(value: Any, names: frozenset[str]) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Texts under these names, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in names and isinstance(inner, str) and len(inner) >= SHORTEST:
                yield inner
            else:
                yield from _values(inner, names)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, names)


def _without_task(problem: str) -> str:
    """A 412 carries the task as it is, for the CRM that owns it."""
    return json.dumps({name: value for name, value in json.loads(problem).items() if name != "current"})
