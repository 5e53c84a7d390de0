"""A relay beside a simulated Google, whose store fails at every touch, and those who come to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.relay import answer
from infra.simulator.world import DEMO_CLIENT_ID
from shared.model.oauth import CALENDAR_SCOPES
from shared.ports import Document, Query, Write
from shared.usecases.connecting.oauth_links import challenge_of
from tests.google.worlds import ANNA, Place, local

CRM = "https://crm.example.com"
BACK = f"{CRM}/oauth/callback"
RELAY = "http://127.0.0.1:9"
VERIFIER = "v" * 43
STATE = "a-state-of-the-installation"


class NoStore:
    """Fails at every touch, so that what works did not touch it."""

    def get_many(self, paths: Sequence[str]) -> dict[str, Document | None]:
        raise AssertionError("the relay read the store")

    def query(self, query: Query) -> list[Document]:
        raise AssertionError("the relay asked the store")

    def count(self, query: Query) -> int:
        raise AssertionError("the relay counted in the store")

    def commit(self, writes: Sequence[Write]) -> datetime:
        raise AssertionError("the relay wrote to the store")

    def horizon_s(self) -> float:
        raise AssertionError("the relay asked the store for its horizon")


class NoQueue:
    """Takes no job."""

    def enqueue(self, job: object) -> bool:
        raise AssertionError("the relay enqueued a job")


@dataclass(slots=True, kw_only=True)
class Relay:
    """The relay and an installation at a listed origin."""

    place: Place

    def allow(self, *origins: str, refused: tuple[str, ...] = ()) -> None:
        """These origins are listed, and these tokens taken back."""
        options = replace(self.place.world.options, relay_return_to=origins, relay_refused=refused)
        self.place.with_world(options=options)

    def browser(self) -> FlaskClient:
        """Somebody's browser, or an installation's server."""
        app = Flask(__name__)
        methods = ["GET", "POST", "PUT", "DELETE"]
        app.add_url_rule("/<path:path>", "relay", lambda path: answer(request, self.place.world), methods=methods)
        return app.test_client()

    def asked(self, **other: str) -> dict[str, str]:
        """A good start request with some values changed."""
        good = {
            "return_to": BACK,
            "state": STATE,
            "code_challenge": challenge_of(VERIFIER),
            "scope": " ".join(CALENDAR_SCOPES),
        }
        return good | other

    def start(self, browser: FlaskClient, query: Mapping[str, str]) -> TestResponse:
        return browser.get(f"/relay/start?{urlencode(query)}")

    def consented(self, browser: FlaskClient, account: str = ANNA, **other: str) -> str:
        """Where Google sends the browser after the person allowed everything."""
        went = self.start(browser, self.asked(**other))
        assert went.status_code == 302, went.get_data(as_text=True)
        return self.place.simulator.google.consent(query_of(went.headers["Location"]), account)

    def code(self, browser: FlaskClient | None = None, **other: str) -> str:
        """The code that the installation is given."""
        browser = browser or self.browser()
        onward = browser.get(local(self.consented(browser, **other)))
        assert onward.status_code == 302, onward.get_data(as_text=True)
        return query_of(onward.headers["Location"])["code"]

    def exchange(self, code: str, verifier: str = VERIFIER) -> TestResponse:
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        return self.browser().post("/relay/token", data=form)

    def refresh(self, token: str) -> TestResponse:
        return self.browser().post("/relay/token", data={"grant_type": "refresh_token", "refresh_token": token})

    def tokens(self) -> dict[str, str]:
        """What an installation gets for a code."""
        answer = self.exchange(self.code())
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def googles_refresh_tokens(self) -> list[str]:
        """Those that live at Google."""
        return [
            text
            for text, token in self.place.simulator.google.ctx.world.refresh_tokens.items()
            if token.client_id == DEMO_CLIENT_ID
        ]


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(address).query))
