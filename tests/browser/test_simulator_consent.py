"""The simulator's consent page in a real browser: allowed, refused, in part, and known already."""

from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Page, expect

from infra.simulator.server import RunningSimulator
from infra.simulator.world import DEMO_CLIENT_ID

ANNA, BEN = "anna@example.com", "ben@example.com"
EVENTS = "https://www.googleapis.com/auth/calendar.events"


def authorize_url(simulator: RunningSimulator, **more: str) -> str:
    """Give an authorization address whose redirect lands on the simulator itself."""
    query = {
        "client_id": DEMO_CLIENT_ID,
        "redirect_uri": f"{simulator.url}/",
        "response_type": "code",
        "scope": f"openid email {EVENTS}",
        "state": "s",
    }
    return f"{simulator.url}/o/oauth2/v2/auth?{urlencode(query | more)}"


def landed(page: Page, simulator: RunningSimulator) -> dict[str, list[str]]:
    """Wait for the redirect and give its parameters."""
    page.wait_for_url(f"{simulator.url}/?**")
    return parse_qs(urlsplit(page.url).query)


def test_consent_in_two_clicks(page_in_each_look: Page, simulator: RunningSimulator) -> None:
    page = page_in_each_look
    page.goto(authorize_url(simulator))

    page.get_by_label("Ben Okafor").check()
    page.get_by_role("button", name="Continue").click()

    answer = landed(page, simulator)
    assert answer["state"] == ["s"]
    with simulator.desk.doing() as google:
        assert google.ctx.world.codes[answer["code"][0]].account == BEN


def test_unticked_scope_is_not_granted(page: Page, simulator: RunningSimulator) -> None:
    page.goto(authorize_url(simulator))

    page.get_by_label("View and edit events").uncheck()
    page.get_by_role("button", name="Continue").click()

    with simulator.desk.doing() as google:
        assert EVENTS not in google.ctx.world.codes[landed(page, simulator)["code"][0]].scopes


def test_refused_consent_says_access_denied(page: Page, simulator: RunningSimulator) -> None:
    page.goto(authorize_url(simulator))

    page.get_by_role("button", name="Cancel").click()

    assert landed(page, simulator)["error"] == ["access_denied"]


def test_login_hint_names_the_account_and_a_known_grant_needs_no_page(page: Page, simulator: RunningSimulator) -> None:
    page.goto(authorize_url(simulator, login_hint=ANNA))
    expect(page.get_by_role("radio")).to_have_count(1)
    page.get_by_role("button", name="Continue").click()
    landed(page, simulator)

    page.goto(authorize_url(simulator, login_hint=ANNA))

    assert "code" in landed(page, simulator)


def test_wrong_redirect_address_is_explained_and_never_visited(page: Page, simulator: RunningSimulator) -> None:
    page.goto(authorize_url(simulator, redirect_uri="https://elsewhere.example/cb"))

    expect(page.get_by_text("redirect_uri_mismatch")).to_be_visible()
