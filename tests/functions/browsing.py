"""What a browser holds while its user connects, and what a page of Tandem's leads to."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from flask.testing import FlaskClient

from shared.ports import Query
from tests.google.worlds import Place


def state_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["state"][0]


def with_state(address: str, state: str) -> str:
    query = dict(parse_qsl(urlsplit(address).query)) | {"state": state}
    return f"/oauth/callback?{urlencode(query)}"


def cookies(browser: FlaskClient) -> list[tuple[str, str]]:
    """What this browser holds, as name and value."""
    return [(cookie.key, cookie.value) for cookie in (browser._cookies or {}).values()]


def states(here: Place) -> int:
    return len(here.world.store.query(Query(collection="oauth_states")))


def is_untouched(here: Place) -> bool:
    """The only connection is still as it was made."""
    (document,) = here.world.store.query(Query(collection=f"tenants/{here.tenant}/connections"))
    return document.data["status"] == "pending" and document.data.get("refresh_token") is None


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._address: str | None = None
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._address = dict(attrs).get("href") if tag == "a" else None
        self.scripts += tag == "script" or any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        if self._address is not None:
            self.found[data] = self._address
            self._address = None


def links(html: str) -> dict[str, str]:
    parser = _Links()
    parser.feed(html)
    assert parser.scripts == 0
    return parser.found
