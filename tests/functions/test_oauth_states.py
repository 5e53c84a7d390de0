"""A link, a state and its cookie on the way to Google and back: each good once, in one browser, for its time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from shared.ports import Delete, Query, Write
from tests.functions.browsing import cookies, is_untouched, state_of, states, with_state
from tests.google.worlds import Place, local, page


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
        lambda state: ("B" if state[0] == "A" else "A") + state[1:],
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
