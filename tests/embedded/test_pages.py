"""Every page that is served, Tandem's, the demo's and the simulator's, protects who looks at it.

Each route of each app is asked; functions and routes that nobody listed here fail, so that no page is forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from random import Random
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, request
from werkzeug.test import Client, TestResponse

import main
from functions import oauth, relay
from functions.api.docs import FILES
from functions.portal import session
from infra.embedded.demo.app import DemoApp
from infra.embedded.server import PREFIXES, nothing_else
from infra.simulator.http import close_app, create_app
from infra.simulator.sim_clock import SimClock
from infra.simulator.state import Google
from shared.model.ids import TenantId, UserId
from shared.usecases.connecting.connect import create_connection
from shared.usecases.connecting.portal_sessions import create_portal_session
from shared.usecases.world import World
from tests.functions.api.stage import stage
from tests.simulation.doubles import DemoClients

SITE = "https://tandem.example"
AN_ACCOUNT = "anna@example.com"
BROWSERS = {
    "oauth": ["/oauth/start", "/oauth/callback", "/oauth/callback?state=x&code=y", "/oauth/nowhere"],
    "portal": ["/portal/session/none", "/portal/nowhere", "/admin"],
    "relay": ["/relay/start", "/relay/callback", "/relay/nowhere"],
}
"""What a browser may ask of each function that people open; those that only programs call have no pages."""
FILLED = {"file": sorted(FILES), "code": ["invalid", "nothing"], "account": [AN_ACCOUNT, "nobody@example.com"]}
NO_PAGES = {"calendar_webhook"}


def rules(app: Flask) -> Iterator[str]:
    """An address, or several, for each of the app's routes that a browser can open."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.rule.startswith("/v1/"):
            continue
        names = re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)
        for value in FILLED.get(names[0], ["nothing"]) if names else [""]:
            yield re.sub(r"<[^>]+>", value, rule.rule)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, TestResponse]]:
    """What each address of each part answers to a browser."""
    here = stage(tmp_path_factory.mktemp("pages"))
    world = deployed(here.world)
    functions = Flask("functions")
    for name, answer in {"oauth": oauth.answer, "portal": session.answer, "relay": relay.answer}.items():
        view = lambda path="", answer=answer: answer(request, world)  # noqa: E731 - one a function
        for prefix in PREFIXES[name]:
            functions.add_url_rule(f"{prefix}/<path:path>", f"{name}{prefix}", view)
            functions.add_url_rule(prefix, f"{name}{prefix}alone", view)
    clock = SimClock()
    google = Google(now=clock, rng=Random(1))
    simulator = create_app(google, clock=clock, deliver=False)
    demo = DemoApp(url="http://localhost:8080", folder=None, otherwise=nothing_else)
    with demo:
        asked = {
            "api": (Client(here.app), list(rules(here.app))),
            "functions": (Client(functions), [path for paths in BROWSERS.values() for path in paths]),
            "links": (Client(functions), links(world, here.caller().tenant)),
            "simulator": (Client(simulator), [path for path in rules(simulator) if path != "/_sim/stream"]),
            "demo": (Client(demo), [path for path in rules(demo._pages) if path != "/demo/news"]),
            "one port": (Client(nothing_else), ["/", "/nowhere"]),
        }
        yield {
            f"{part} {path}": client.get(path, base_url="http://localhost:8080" if part == "demo" else None)
            for part, (client, paths) in asked.items()
            for path in paths
        }
    close_app(simulator)


def deployed(world: World) -> World:
    """The world at a public address of its own, with a Google that is never reached."""
    at = replace(world.addresses, oauth=SITE, portal=SITE, relay=SITE)
    google: Any = SimpleNamespace(authorize_url=lambda client, consent: f"{SITE}/google")
    return replace(
        world,
        addresses=at,
        oauth=google,
        clients=DemoClients(),
        options=replace(world.options, relay_return_to=(SITE,)),
    )


def links(world: World, tenant: TenantId) -> list[str]:
    """Links that work: to connect, to the portal, and through the relay."""
    connect = create_connection(world, tenant, user_id=UserId("anna")).authorize_url
    portal = create_portal_session(world, tenant, user=UserId("anna")).url
    passing = urlencode({"return_to": f"{SITE}/back", "state": "x", "code_challenge": "c" * 43})
    return [connect.removeprefix(SITE), portal.removeprefix(SITE), f"/relay/start?{passing}"]


def pages(answers: Mapping[str, TestResponse]) -> dict[str, TestResponse]:
    return {name: answer for name, answer in answers.items() if answer.mimetype == "text/html"}


def policy(answer: TestResponse) -> dict[str, list[str]]:
    """The content security policy, by directive."""
    said = answer.headers.get("Content-Security-Policy", "")
    return {name: values for name, *values in (part.split() for part in said.split(";") if part.strip())}


def failing(answers: Mapping[str, TestResponse], holds: Any) -> list[str]:  # noqa: ANN401 - a predicate
    return [name for name, answer in pages(answers).items() if not holds(answer)]


def test_every_function_that_people_open_is_asked() -> None:
    programs = {"api", *NO_PAGES}
    jobs = {name for name in main.FUNCTIONS if name not in PREFIXES}

    assert set(main.FUNCTIONS) == set(BROWSERS) | programs | jobs


def test_there_are_pages_of_every_part(answers: dict[str, TestResponse]) -> None:
    assert {name.split(" /")[0] for name in pages(answers)} >= {"api", "functions", "simulator", "demo"}
    assert len(pages(answers)) > 20


def test_no_page_runs_a_script_that_stands_in_it(answers: dict[str, TestResponse]) -> None:
    def holds(answer: TestResponse) -> bool:
        scripts = policy(answer).get("script-src", policy(answer).get("default-src", ["*"]))
        inline = re.search(r"<script(?![^>]*\ssrc=)|\son\w+=|javascript:", answer.get_data(as_text=True))
        return set(scripts) <= {"'none'", "'self'"} and not inline

    assert failing(answers, holds) == []


def test_no_page_is_framed_by_another_site(answers: dict[str, TestResponse]) -> None:
    local = {"'none'", "'self'", "http://127.0.0.1:*", "http://localhost:*"}

    assert failing(answers, lambda answer: set(policy(answer).get("frame-ancestors", ["*"])) <= local) == []


def test_no_page_sends_a_form_elsewhere_or_has_another_base(answers: dict[str, TestResponse]) -> None:
    assert failing(answers, lambda answer: policy(answer).get("base-uri", policy(answer).get("default-src"))) == []


def test_no_page_is_sniffed_or_tells_where_one_came_from(answers: dict[str, TestResponse]) -> None:
    def holds(answer: TestResponse) -> bool:
        wanted = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
        return all(answer.headers.get(name) == value for name, value in wanted.items())

    assert failing(answers, holds) == []


def test_every_cookie_is_for_https_and_no_script_and_stays_on_its_site(answers: dict[str, TestResponse]) -> None:
    cookies = [cookie for answer in answers.values() for cookie in answer.headers.getlist("Set-Cookie")]

    kept = [{part.strip() for part in cookie.split(";")} for cookie in cookies]
    assert {cookie.partition("tandem_")[0] for cookie in cookies} == {"__Host-"}
    assert len(cookies) > 1
    assert [each for each in kept if not each >= {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"}] == []


def test_tandems_own_pages_have_no_forms(answers: dict[str, TestResponse]) -> None:
    own = [name for name in pages(answers) if name.startswith(("api", "functions", "links"))]

    assert [name for name in own if "<form" in answers[name].get_data(as_text=True)] == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_writes_nothing_in_the_simulator(site: str) -> None:
    clock = SimClock()
    app = create_app(Google(now=clock, rng=Random(1)), clock=clock, deliver=False)
    posts = [rule.rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())]
    client = Client(app)

    refused = {
        path: client.post(re.sub(r"<[^>]+>", "x", path), headers={"Sec-Fetch-Site": site}).status_code for path in posts
    }
    close_app(app)

    assert posts
    assert set(refused.values()) == {403}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", "192.168.1.5", "[::", ""]
)
def test_a_name_of_another_site_that_leads_to_the_simulator_is_refused(host: str) -> None:
    clock = SimClock()
    app = create_app(Google(now=clock, rng=Random(1)), clock=clock, deliver=False)
    client = Client(app)

    read = client.get("/_sim/state", headers={"Host": host})
    written = client.post("/_sim/reset", json={}, headers={"Host": host, "Sec-Fetch-Site": "same-origin"})
    close_app(app)

    assert (read.status_code, written.status_code) == (421, 421)


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:8080", "127.8.8.8", "[::1]:8080"])
def test_the_simulator_answers_under_every_name_of_this_machine(host: str) -> None:
    clock = SimClock()
    app = create_app(Google(now=clock, rng=Random(1)), clock=clock, deliver=False)

    answer = Client(app).get("/_sim/state", headers={"Host": host})
    close_app(app)

    assert answer.status_code == 200


def test_a_simulator_for_other_machines_answers_under_their_name_for_it() -> None:
    clock = SimClock()
    app = create_app(Google(now=clock, rng=Random(1)), clock=clock, deliver=False, allow_remote=True)

    answer = Client(app).get("/_sim/state", headers={"Host": "google.office.lan"})
    close_app(app)

    assert answer.status_code == 200


def test_what_says_nothing_of_sites_is_a_program_and_may() -> None:
    clock = SimClock()
    app = create_app(Google(now=clock, rng=Random(1)), clock=clock, deliver=False)

    answer = Client(app).post("/_sim/reset", json={})
    close_app(app)

    assert answer.status_code != 403
