"""A5: a tenant's own Google client is the one that its users consent to, and that their grants are refreshed with."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import requests

from infra.simulator.model import Client
from tests.scenarios.stage import Stage, eventually

OURS, SECRET = "77-acme.apps.googleusercontent.com", "GOCSPX-acme-own"
EVENT = {"user_id": "anna", "title": "Call"}


def own_app(stage: Stage, secret: str = SECRET) -> str:
    """The tenant's app, whose client is registered with Google as the app's answer says."""
    body = {"name": "Acme", "client_id": OURS, "client_secret": secret}
    app = stage.crm.ok("POST", "/v1/oauth_apps", body)
    with stage.google() as google:
        uris = list(app["redirect_uris"])
        google.add_client(Client(client_id=OURS, client_secret=SECRET, name="Acme", redirect_uris=uris))
    return str(app["id"])


def test_a05_users_consent_to_the_tenants_own_client(stage: Stage) -> None:
    app = own_app(stage)

    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna", "oauth_app": app})

    asked = requests.get(made["authorize_url"], allow_redirects=False, timeout=10)
    assert parse_qs(urlsplit(asked.headers["Location"]).query)["client_id"] == [OURS]


def test_a05_a_grant_of_an_own_client_is_refreshed_with_it(stage: Stage) -> None:
    anna = stage.connect(oauth_app=own_app(stage))
    with stage.google() as google:
        google.expire_access_tokens(anna.account)

    stage.crm.put("t1", **EVENT, start="2031-05-01")

    task = stage.crm.synced("t1")
    assert anna.person.event(task)["summary"] == "Call"


def test_a05_an_own_client_is_removed_once_no_connection_uses_it(stage: Stage) -> None:
    app = own_app(stage)
    anna = stage.connect(oauth_app=app)
    assert stage.crm.call("DELETE", f"/v1/oauth_apps/{app}").status_code == 409

    stage.crm.finished(stage.crm.ok("DELETE", f"/v1/connections/{anna.id}")["run_id"])

    eventually(lambda: stage.crm.call("DELETE", f"/v1/oauth_apps/{app}").status_code == 204)


def test_a05_a_wrong_secret_is_told_and_mended_without_a_new_connection(stage: Stage) -> None:
    app = own_app(stage, secret="GOCSPX-wrong")
    account = stage.account()
    made = stage.crm.ok("POST", "/v1/connections", {"user_id": "anna", "oauth_app": app})
    refused = stage.consent(made["authorize_url"], account)
    assert (refused.status_code, "OAuth client" in refused.text) == (503, True)

    stage.crm.ok("PATCH", f"/v1/oauth_apps/{app}", {"client_secret": SECRET})
    stage.consent(made["authorize_url"], account)

    eventually(lambda: stage.crm.ok("GET", f"/v1/connections/{made['id']}")["status"] == "active")


def test_a05_an_own_client_is_made_with_what_the_answer_gives_to_copy(stage: Stage) -> None:
    app = stage.crm.ok("POST", "/v1/oauth_apps", {"name": "Acme", "client_id": OURS, "client_secret": SECRET})

    assert app["redirect_uris"] == [f"{stage.server.url}/oauth/callback"]
    assert "https://www.googleapis.com/auth/calendar.events" in app["scopes"]


def test_a05_the_secret_of_an_own_client_is_never_shown_again(stage: Stage) -> None:
    app = own_app(stage)

    shown = [
        stage.crm.call("GET", "/v1/oauth_apps").text,
        stage.crm.call("PATCH", f"/v1/oauth_apps/{app}", {"name": "Other"}).text,
    ]

    assert [text for text in shown if SECRET in text] == []


def test_a05_both_ways_work_with_an_own_client_and_the_grant_is_given_back_to_it(stage: Stage) -> None:
    anna = stage.connect(oauth_app=own_app(stage))
    stage.crm.put("t1", **EVENT, start="2031-05-01")
    event = anna.person.event(stage.crm.synced("t1"))
    anna.person.edit(event["id"], summary="Called")
    stage.crm.synced("t1", title="Called")

    stage.crm.finished(stage.crm.ok("DELETE", f"/v1/connections/{anna.id}")["run_id"])

    with stage.google() as google:
        assert f"{anna.account} {OURS}" not in google.ctx.world.grants
