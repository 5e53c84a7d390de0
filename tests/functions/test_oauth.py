"""The pages of connecting, as a browser meets them: good ways through, and every bad one with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from functions.oauth_texts import SAID, text_of
from functions.pages import page_html
from infra.simulator.model import Fault
from shared.errors import StoreUnavailable
from shared.model.ids import connection_path
from shared.model.oauth import SCOPE_TASKS, Client
from shared.ports import Delete
from shared.usecases.connecting.connections import described
from shared.usecases.connecting.consent import Page, PageKind
from tests.functions.browsing import is_untouched, links
from tests.google.worlds import ANNA, OneClient, Place, local, page


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

    query = parse_qs(urlsplit(went.headers["Location"]).query)
    assert SCOPE_TASKS in query["scope"][0].split()
    assert query["include_granted_scopes"] == ["true"]  # what was granted before stays granted


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
