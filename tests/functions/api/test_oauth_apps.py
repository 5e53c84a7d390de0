"""A tenant's own Google clients over HTTP: what is shown, what never is, and what is refused."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from msgspec import structs

from shared.errors import ClientRefused, Conflicting
from shared.model.connection import Connection
from shared.model.ids import ConnectionId, UserId, connection_path
from shared.model.oauth import Client
from shared.model.stored import read_as, to_data
from shared.ports import Set, Write
from shared.usecases.connecting.connect import create_connection
from shared.usecases.connecting.oauth_apps import remove_oauth_app
from shared.usecases.connecting.oauth_clients import client_of
from tests.counting import CountingStore
from tests.functions.api.stage import Caller, Stage

ACME = {"name": "Acme", "client_id": "1.apps.googleusercontent.com", "client_secret": "GOCSPX-hidden"}


def made(crm: Caller, **fields: str) -> str:
    return str(crm.json("POST", "/v1/oauth_apps", ACME | fields, expect=201)["id"])


def connect(stage: Stage, crm: Caller, app: str) -> ConnectionId:
    body = {"user_id": "anna", "oauth_app": app}
    return ConnectionId(crm.json("POST", "/v1/connections", body, expect=201)["id"])


def test_an_app_is_shown_with_what_to_register_at_google(crm: Caller) -> None:
    app = made(crm)

    (shown,) = crm.json("GET", "/v1/oauth_apps")["data"]

    assert (shown["id"], shown["name"], shown["client_id"]) == (app, "Acme", ACME["client_id"])
    assert shown["redirect_uris"] == ["http://127.0.0.1/oauth/callback"]
    assert "https://www.googleapis.com/auth/calendar.events" in shown["scopes"]


def test_a_secret_is_never_answered(crm: Caller) -> None:
    answers = [crm.call("POST", "/v1/oauth_apps", ACME)]
    app = answers[0].get_json()["id"]
    answers.append(crm.call("PATCH", f"/v1/oauth_apps/{app}", {"client_secret": "GOCSPX-hidden2"}))
    answers.append(crm.call("GET", "/v1/oauth_apps"))

    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert not [answer for answer in answers if "GOCSPX" in answer.get_data(as_text=True)]


def test_a_secret_is_stored_sealed(stage: Stage, crm: Caller) -> None:
    path = f"tenants/{crm.tenant}/oauth_apps/{made(crm)}"

    document = stage.sqlite.get_many([path])[path]

    assert document is not None
    assert "GOCSPX" not in json.dumps(document.data, default=str)


def test_a_connection_uses_its_app(stage: Stage, crm: Caller) -> None:
    app = made(crm)

    assert client_of(stage.world, crm.tenant, app) == Client(
        client_id=ACME["client_id"], client_secret=ACME["client_secret"]
    )


def test_a_new_secret_is_used_from_then_on(stage: Stage, crm: Caller) -> None:
    app = made(crm)

    crm.json("PATCH", f"/v1/oauth_apps/{app}", {"client_secret": "GOCSPX-newer"})

    assert client_of(stage.world, crm.tenant, app).client_secret == "GOCSPX-newer"


def test_an_app_in_use_is_not_removed(stage: Stage, crm: Caller) -> None:
    app = made(crm)
    connect(stage, crm, app)

    problem = crm.json("DELETE", f"/v1/oauth_apps/{app}", expect=409)

    assert "disconnect" in problem["detail"]
    assert stage.sqlite.scanned == set()


def test_an_app_in_use_keeps_its_client_id(stage: Stage, crm: Caller) -> None:
    app = made(crm)
    connect(stage, crm, app)

    crm.json("PATCH", f"/v1/oauth_apps/{app}", {"client_id": "2.apps.googleusercontent.com"}, expect=409)


def test_an_app_that_only_ended_connections_used_is_removed(stage: Stage, crm: Caller) -> None:
    app = made(crm)
    path = connection_path(crm.tenant, connect(stage, crm, app))
    document = stage.sqlite.get_many([path])[path]
    assert document is not None
    ended = structs.replace(read_as(Connection, document), status="disconnected")
    stage.sqlite.commit([Set(path=path, data=to_data(ended))])

    assert crm.call("DELETE", f"/v1/oauth_apps/{app}").status_code == 204
    with pytest.raises(ClientRefused, match="removed"):
        client_of(stage.world, crm.tenant, app)


class Overtaken(CountingStore):
    """A connection is made with the app just before the first commit."""

    here: Stage
    crm: Caller
    app: str

    def commit(self, writes: Sequence[Write]) -> datetime:
        if not self.counts["commits"]:
            create_connection(self.here.world, self.crm.tenant, user_id=UserId("anna"), oauth_app=self.app)
        return super().commit(writes)


def test_an_app_is_kept_when_a_connection_is_made_while_it_is_removed(stage: Stage, crm: Caller) -> None:
    store = Overtaken(stage.sqlite)
    store.here, store.crm, store.app = stage, crm, made(crm)

    with pytest.raises(Conflicting, match="1 connections use this app"):
        remove_oauth_app(replace(stage.world, store=store), crm.tenant, store.app)

    assert crm.json("GET", "/v1/oauth_apps")["data"]


def test_another_tenants_app_is_not_found(stage: Stage, crm: Caller) -> None:
    app = made(stage.caller("Other"))

    crm.json("PATCH", f"/v1/oauth_apps/{app}", {"name": "Mine"}, expect=404)
    crm.json("DELETE", f"/v1/oauth_apps/{app}", expect=404)
    crm.json("POST", "/v1/connections", {"user_id": "anna", "oauth_app": app}, expect=422)


def test_apps_have_an_end(crm: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.usecases.connecting.oauth_apps.MOST", 1)
    made(crm)

    crm.json("POST", "/v1/oauth_apps", ACME, expect=409)


def test_list_begins_again_when_the_app_that_its_cursor_names_is_gone(crm: Caller) -> None:
    for _ in range(4):
        made(crm)
    page = crm.json("GET", "/v1/oauth_apps?limit=2")
    crm.call("DELETE", f"/v1/oauth_apps/{page['data'][-1]['id']}")

    rest = crm.json("GET", f"/v1/oauth_apps?cursor={page['next_cursor']}")

    assert rest == crm.json("GET", "/v1/oauth_apps")
