"""The pages of connecting, as a browser meets them: good ways through, and every bad one with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from functions.oauth_texts import SAID, text_of
from functions.pages import page_html
from infra.simulator.model import Fault
from shared.errors import StoreUnavailable
from shared.model.ids import connection_path
from shared.model.oauth import SCOPE_TASKS, Client
from shared.ports import Delete, Query, Write
from shared.usecases.connecting.connections import described
from shared.usecases.connecting.consent import Page, PageKind
from tests.google.worlds import ANNA, OneClient, Place, local, page, place


@pytest.fixture(name="here")
def a_place(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as made:
        yield made


@pytest.fixture
def browser(here: Place) -> FlaskClient:
    return here.browser()


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


def test_a_person_connects_in_one_go(here: Place, browser: FlaskClient) -> None:
    opened = here.open()

    shown = here.consented(browser, opened.authorize_url)

    assert shown.status_code == 200
    assert "Your Google Calendar is connected" in page(shown)
    assert here.connection(opened.connection.id).status == "active"


def test_a_person_is_sent_back_to_the_crm_when_it_gave_an_address(here: Place, browser: FlaskClient) -> None:
    opened = here.open(return_url="http://localhost:3000/settings?tab=calendar")

    shown = here.consented(browser, opened.authorize_url)

    assert (shown.status_code, shown.headers["Location"]) == (302, "http://localhost:3000/settings?tab=calendar")


def test_google_is_asked_with_a_challenge_and_for_the_smallest_scopes(here: Place, browser: FlaskClient) -> None:
    went = browser.get(local(here.open(login_hint=ANNA).authorize_url))

    query = dict(parse_qsl(urlsplit(went.headers["Location"]).query))
    assert (query["code_challenge_method"], len(query["code_challenge"])) == ("S256", 43)
    assert [scope.rpartition("/")[2] for scope in query["scope"].split()] == [
        "openid",
        "email",
        "calendar.events",
        "calendar.calendarlist.readonly",
    ]
    assert (query["login_hint"], query["redirect_uri"]) == (ANNA, "http://127.0.0.1:9/oauth/callback")


def test_google_tasks_is_asked_for_only_when_it_is_set(here: Place, browser: FlaskClient) -> None:
    went = browser.get(local(here.open(settings={"google_tasks": "@default"}).authorize_url))

    assert SCOPE_TASKS in parse_qs(urlsplit(went.headers["Location"]).query)["scope"][0].split()


def test_without_google_tasks_the_calendar_is_connected_all_the_same(here: Place, browser: FlaskClient) -> None:
    opened = here.open(settings={"google_tasks": "@default"})
    went = browser.get(local(opened.authorize_url))
    query = dict(parse_qsl(urlsplit(went.headers["Location"]).query))
    allowed = tuple(scope for scope in query["scope"].split() if scope != SCOPE_TASKS)

    shown = browser.get(local(here.simulator.google.consent(query, ANNA, allowed)))

    connection = here.connection(opened.connection.id)
    assert "without Google Tasks" in page(shown)
    assert connection.status == "active"
    (shown_by_api,) = described(here.world, here.tenant, [connection])
    assert shown_by_api.problem is not None
    assert shown_by_api.problem.code == "scope_missing"


def test_the_verifier_never_leaves_and_is_stored_sealed(here: Place, browser: FlaskClient) -> None:
    went = browser.get(local(here.open().authorize_url))

    (document,) = here.world.store.query(Query(collection="oauth_states"))
    verifier = here.world.cipher.open(document.path, str(document.data["verifier"]))
    assert verifier not in str(document.data)
    assert verifier not in went.headers["Location"]


def test_the_state_in_the_store_cannot_be_made_into_the_state_that_travels(here: Place, browser: FlaskClient) -> None:
    went = browser.get(local(here.open().authorize_url))

    (document,) = here.world.store.query(Query(collection="oauth_states"))
    nonce = state_of(went.headers["Location"]).partition(".")[0]
    assert nonce not in f"{document.path}{document.data}"


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_belongs_to_this_host_and_no_script(here: Place, *, secure: bool) -> None:
    opened = here.open()
    if secure:
        here.with_world(addresses=replace(here.world.addresses, oauth="https://tandem.example"))

    cookie = here.browser().get(local(opened.authorize_url)).headers["Set-Cookie"]

    parts = {part.strip() for part in cookie.split(";")}
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} <= parts
    assert ("Secure" in parts, cookie.startswith("__Host-")) == (secure, secure)
    assert "Domain" not in cookie


def test_a_state_works_once(here: Place, browser: FlaskClient) -> None:
    back = local(here.allowed(browser, here.open().authorize_url))
    first = browser.get(back)

    second = browser.get(back)

    assert (first.status_code, second.status_code) == (200, 400)
    assert "used before" in page(second)
    assert here.told() == ["connection.connected"]


def test_a_state_replayed_with_its_cookie_is_still_refused(here: Place, browser: FlaskClient) -> None:
    back = local(here.allowed(browser, here.open().authorize_url))
    ((name, value),) = cookies(browser)
    browser.get(back)
    browser.set_cookie(name, value)

    assert browser.get(back).status_code == 400


def test_of_two_callbacks_at_once_one_wins(here: Place, browser: FlaskClient) -> None:
    back = local(here.allowed(browser, here.open().authorize_url))
    inner, other = here.store, here.browser()
    for name, value in cookies(browser):
        other.set_cookie(name, value)

    class Meanwhile(type(inner)):  # type: ignore[misc]
        shown: list[int]

        def commit(self, writes: Sequence[Write]) -> datetime:
            if any(isinstance(write, Delete) for write in writes) and not self.shown:
                self.shown.append(0)
                self.shown.append(other.get(back).status_code)
            return inner.commit(writes)

    store = Meanwhile(inner)
    store.shown = []
    here.with_world(store=store)

    late = browser.get(back)

    assert (store.shown, late.status_code) == ([0, 200], 400)


def test_a_state_is_worth_nothing_in_another_browser_and_is_not_spent_by_it(here: Place, browser: FlaskClient) -> None:
    opened = here.open()
    back = local(here.allowed(browser, opened.authorize_url))

    foreign = here.browser().get(back)

    assert (foreign.status_code, is_untouched(here)) == (400, True)
    assert "another browser" in page(foreign)
    assert opened.authorize_url not in page(foreign)
    assert browser.get(back).status_code == 200


def test_a_forged_cookie_is_another_browser(here: Place, browser: FlaskClient) -> None:
    back = local(here.allowed(browser, here.open().authorize_url))
    ((name, _),) = cookies(browser)
    forger = here.browser()
    forger.set_cookie(name, "x" * 43)

    assert forger.get(back).status_code == 400
    assert is_untouched(here)


def test_two_tabs_may_both_be_under_way(here: Place, browser: FlaskClient) -> None:
    link = here.open().authorize_url
    first, second = here.allowed(browser, link), here.allowed(browser, link)

    assert browser.get(local(first)).status_code == 200
    assert browser.get(local(second)).status_code == 200


def test_a_state_ends_after_ten_minutes_though_the_store_still_has_it(here: Place, browser: FlaskClient) -> None:
    back = local(here.allowed(browser, here.open().authorize_url))
    here.advance(minutes=10)

    shown = browser.get(back)

    assert (shown.status_code, states(here), is_untouched(here)) == (400, 1, True)
    assert "ten minutes" in page(shown)


@pytest.mark.parametrize(
    "change",
    [
        lambda state: "",
        lambda state: "x",
        lambda state: "." + state,
        lambda state: state[:-1],
        lambda state: state.partition(".")[0] + ".",
        lambda state: "A" + state[1:],
        lambda state: state + "é",
    ],
)
def test_a_forged_state_reads_nothing(here: Place, browser: FlaskClient, change: object) -> None:
    assert callable(change)
    back = here.allowed(browser, here.open().authorize_url)
    forged = with_state(back, change(state_of(back)))

    with here.store.counted() as spent:
        shown = browser.get(forged)

    assert (shown.status_code, dict(spent)) == (400, {})


def test_a_callback_without_a_state_is_a_page(browser: FlaskClient) -> None:
    assert browser.get("/oauth/callback?code=4/0abc").status_code == 400


def test_a_person_who_refuses_is_told_that_nothing_happened(here: Place, browser: FlaskClient) -> None:
    opened = here.open(return_url="http://localhost:3000/")
    went = browser.get(local(opened.authorize_url))
    query = dict(parse_qsl(urlsplit(went.headers["Location"]).query))

    shown = browser.get(local(here.simulator.google.deny(query)))

    assert (shown.status_code, is_untouched(here)) == (403, True)
    assert links(page(shown)) == {"Try again": opened.authorize_url, "Back": "http://localhost:3000/"}


def test_a_code_that_google_does_not_accept_can_be_tried_again(here: Place, browser: FlaskClient) -> None:
    opened = here.open()
    back = here.allowed(browser, opened.authorize_url)
    query = dict(parse_qsl(urlsplit(back).query)) | {"code": "4/0wrong"}

    shown = browser.get(f"/oauth/callback?{urlencode(query)}")

    assert (shown.status_code, is_untouched(here)) == (400, True)
    assert links(page(shown)) == {"Try again": opened.authorize_url}


def test_a_wrong_oauth_client_is_the_administrators_matter(here: Place, browser: FlaskClient) -> None:
    opened = here.open()
    back = local(here.allowed(browser, opened.authorize_url))
    here.with_world(clients=OneClient(Client(client_id="other", client_secret="wrong")))

    shown = browser.get(back)

    assert shown.status_code == 503
    assert "administrator" in page(shown)


def test_a_link_ends_after_a_day(here: Place, browser: FlaskClient) -> None:
    link = here.open().authorize_url
    here.advance(hours=24)

    with here.store.counted() as spent:
        shown = browser.get(local(link))

    assert (shown.status_code, dict(spent)) == (400, {})


@pytest.mark.parametrize("query", ["", "c=a.b&n=c", "c=a.b&n=c.1.d", "c=&n=", "c=a.b&n=c.x.y"])
def test_a_forged_link_reads_nothing(here: Place, browser: FlaskClient, query: str) -> None:
    with here.store.counted() as spent:
        shown = browser.get(f"/oauth/start?{query}")

    assert (shown.status_code, dict(spent)) == (400, {})


def test_a_link_for_another_connection_is_forged(here: Place, browser: FlaskClient) -> None:
    link = here.open().authorize_url
    query = dict(parse_qsl(urlsplit(link).query))
    query["c"] = f"{here.tenant}.{'0' * 26}"

    assert browser.get(f"/oauth/start?{urlencode(query)}").status_code == 400


def test_a_link_used_again_after_connecting_says_that_all_is_well(here: Place, browser: FlaskClient) -> None:
    opened = here.open()
    here.consented(browser, opened.authorize_url)

    shown = browser.get(local(opened.authorize_url))

    assert shown.status_code == 200
    assert "connected already" in page(shown)


def test_a_connection_that_was_removed_is_said(here: Place, browser: FlaskClient) -> None:
    opened = here.open()
    here.world.store.commit([Delete(path=connection_path(here.tenant, opened.connection.id))])

    assert browser.get(local(opened.authorize_url)).status_code == 404


def test_a_connection_removed_under_way_takes_no_grant(here: Place, browser: FlaskClient) -> None:
    opened = here.open()
    back = local(here.allowed(browser, opened.authorize_url))
    here.change(opened.connection, status="disconnected")

    assert browser.get(back).status_code == 404
    assert here.connection(opened.connection.id).refresh_token is None


def test_a_link_checker_spends_nothing(here: Place, browser: FlaskClient) -> None:
    back = local(here.allowed(browser, here.open().authorize_url))

    assert browser.head(back).status_code == 405
    assert browser.get(back).status_code == 200


def test_only_get_is_answered(browser: FlaskClient) -> None:
    refused = browser.post("/oauth/start")

    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize("address", ["/oauth/start", "/oauth/elsewhere"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_answer_has_the_request_id(browser: FlaskClient, method: str, address: str) -> None:
    answered = browser.open(address, method=method, headers={"X-Request-Id": "seen-at-the-proxy"})

    assert answered.headers["X-Request-Id"] == "seen-at-the-proxy"


def test_an_address_that_leads_nowhere_is_a_page(browser: FlaskClient) -> None:
    assert browser.get("/oauth/elsewhere").status_code == 404


def test_a_store_that_does_not_answer_is_a_page(here: Place) -> None:
    link = here.open().authorize_url

    class Away(type(here.store)):  # type: ignore[misc]
        def get_many(self, paths: Sequence[str]) -> dict[str, object]:
            raise StoreUnavailable

    here.with_world(store=Away(here.store))

    assert here.browser().get(local(link)).status_code == 503


def test_a_fault_of_ours_is_a_page_that_shows_nothing_of_it(here: Place) -> None:
    link = here.open().authorize_url

    class Broken(type(here.store)):  # type: ignore[misc]
        def get_many(self, paths: Sequence[str]) -> dict[str, object]:
            raise ZeroDivisionError(paths)

    here.with_world(store=Broken(here.store))
    shown = here.browser().get(local(link))

    assert shown.status_code == 500
    assert "ZeroDivision" not in page(shown)
    assert here.log.lines[-1]["error"] == "ZeroDivisionError"


def test_no_line_and_no_page_shows_a_token_or_a_mail_address(here: Place, browser: FlaskClient) -> None:
    opened = here.open()
    here.simulator.google.add_fault(Fault(effect="backendError503", path="calendarList", count=1))
    shown = [here.consented(browser, opened.authorize_url), here.consented(browser, opened.authorize_url)]

    said = "".join(page(each) for each in shown) + str(here.log.lines)
    world = here.simulator.google.ctx.world
    for secret in (*world.access_tokens, *world.refresh_tokens, *world.codes, ANNA):
        assert secret not in said


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


@pytest.mark.parametrize("kind", SAID)
def test_every_page_says_what_happened_and_escapes_what_it_is_given(kind: PageKind) -> None:
    nasty = Page(kind=kind, return_url='https://crm.example.com/"><script>alert(1)</script>', missing=("<b>x</b>",))

    html = page_html(text_of(nasty))

    assert links(html)["Back"] == nasty.return_url
    assert "<b>" not in html
    assert SAID[kind].lines


def test_nothing_may_load_frame_or_keep_a_page(browser: FlaskClient) -> None:
    headers = browser.get("/oauth/start").headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
