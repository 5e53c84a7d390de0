"""Connecting, from the CRM's call to the connection that works, against the simulated Google."""

from __future__ import annotations

import pytest

from infra.simulator.model import Fault
from shared.errors import Conflicting, Invalid, NotFound
from shared.model.ids import ConnectionId, UserId, connection_path, tenant_path
from shared.model.oauth import SCOPE_EVENTS
from shared.ports import Patch, Query
from shared.usecases.connecting.access import access_token
from shared.usecases.connecting.begin import begin
from shared.usecases.connecting.connect import authorize, create_connection
from tests.google.worlds import ANNA, BEN, START, Place, local, page


def test_a_new_connection_waits_for_its_user(here: Place) -> None:
    opened = here.open(login_hint=ANNA)

    assert (opened.created, opened.connection.status) == (True, "pending")
    assert opened.authorize_url.startswith("http://127.0.0.1:9/oauth/start?c=")
    assert here.user().connections[opened.connection.id].status == "pending"


def test_a_user_has_one_pending_connection_and_its_link_stays(here: Place) -> None:
    first, second = here.open(), here.open()

    assert (second.created, second.connection.id) == (False, first.connection.id)
    assert second.authorize_url == first.authorize_url


def test_another_user_has_another_connection(here: Place) -> None:
    first = here.open()

    second = create_connection(here.world, here.tenant, user_id=UserId("ben"))

    assert second.created
    assert second.connection.id != first.connection.id


def test_a_fresh_link_replaces_the_old_one(here: Place) -> None:
    opened = here.open()

    fresh = authorize(here.world, here.tenant, opened.connection.id)

    assert fresh.authorize_url != opened.authorize_url
    assert here.browser().get(local(opened.authorize_url)).status_code == 400
    assert here.browser().get(local(fresh.authorize_url)).status_code == 302


def test_a_connection_that_is_not_there_has_no_link(here: Place) -> None:
    with pytest.raises(NotFound):
        authorize(here.world, here.tenant, ConnectionId("none"))


def test_a_removed_connection_has_no_link(here: Place) -> None:
    opened = here.open()
    here.change(opened.connection, status="disconnected")

    with pytest.raises(Conflicting):
        authorize(here.world, here.tenant, opened.connection.id)


@pytest.mark.parametrize(
    "address",
    [
        "https://crm.example.com/back?x=1",
        "https://CRM.example.com",
        "http://localhost:3000/back",
    ],
)
def test_a_return_address_on_an_origin_of_the_tenant_is_taken(here: Place, address: str) -> None:
    origins = {"return_origins": ["https://crm.example.com"]}
    here.world.store.commit([Patch(path=tenant_path(here.tenant), fields=origins)])

    assert here.open(return_url=address).connection.return_url == address


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.com/",
        "https://crm.example.com.evil.example.com/",
        "https://crm.example.com@evil.example.com/",
        "https://crm.example.com\\@evil.example.com/",
        "https://crm.example.com:8443/",
        "http://crm.example.com/",
        "javascript:alert(1)",
        "//crm.example.com",
        "https://crm.example.com/\tback",
        "https://[crm/",
        "http://10.0.0.1/",
    ],
)
def test_a_return_address_elsewhere_is_refused_and_nothing_is_stored(here: Place, address: str) -> None:
    origins = {"return_origins": ["https://crm.example.com"]}
    here.world.store.commit([Patch(path=tenant_path(here.tenant), fields=origins)])

    with pytest.raises(Invalid) as caught:
        here.open(return_url=address)

    assert [fault.pointer for fault in caught.value.faults] == ["/return_url"]
    assert here.world.store.query(Query(collection=f"tenants/{here.tenant}/connections")) == []


def test_an_oauth_app_that_the_tenant_does_not_have_is_refused(here: Place) -> None:
    with pytest.raises(Invalid) as caught:
        here.open(oauth_app="0123")

    assert [fault.pointer for fault in caught.value.faults] == ["/oauth_app"]


def test_a_connected_connection_works_under_googles_own_names(here: Place) -> None:
    connection = here.connected()

    assert connection.status == "active"
    assert connection.google is not None
    assert connection.google.email == ANNA
    assert (connection.calendar, connection.primary, connection.time_zone) == (ANNA, ANNA, "Europe/Berlin")
    assert connection.start_nonce is None


def test_the_users_entry_says_the_same_as_the_connection(here: Place) -> None:
    connection = here.connected()

    entry = here.user().connections[connection.id]

    assert (entry.status, entry.calendar, entry.primary) == ("active", ANNA, ANNA)
    assert entry.time_zone == "Europe/Berlin"


def test_tokens_are_stored_only_as_ciphertexts_of_this_document(here: Place) -> None:
    connection = here.connected()

    document = here.world.store.get_many([connection_path(here.tenant, connection.id)])
    tokens = [*here.simulator.google.ctx.world.access_tokens, *here.simulator.google.ctx.world.refresh_tokens]
    assert tokens
    assert not any(token in str(document) for token in tokens)
    assert access_token(here.world, connection) in tokens


def test_connecting_watches_the_calendar_and_starts_the_first_run(here: Place) -> None:
    connection = here.connected()

    watched = here.watched(connection)
    assert (watched.watched, watched.due_at, watched.renew_at) == (True, START, START)
    assert [(run.kind, run.state, run.connection) for run in here.runs()] == [("first_sync", "running", connection.id)]
    assert here.queue.functions() == ["renew_channels", "run_step"]


def test_the_crm_is_told_that_the_connection_works(here: Place) -> None:
    here.connected()

    assert here.told() == ["connection.connected"]


def test_a_held_connection_is_ready_and_nothing_is_due(here: Place) -> None:
    connection = here.connected(first_sync="hold")

    watched = here.watched(connection)
    assert connection.status == "ready"
    assert (watched.watched, watched.due_at, watched.renew_at) == (True, None, None)
    assert here.runs() == []
    assert here.queue.functions() == []


def test_a_held_connection_begins_when_it_is_told_to(here: Place) -> None:
    connection = here.connected(first_sync="hold")

    run = begin(here.world, here.tenant, connection.id)

    assert here.connection(connection.id).status == "active"
    assert here.user().connections[connection.id].status == "active"
    assert here.watched(connection).renew_at == START
    assert [stored.id for stored in here.runs()] == [run]


def test_a_connection_begins_once(here: Place) -> None:
    connection = here.connected(first_sync="hold")
    begin(here.world, here.tenant, connection.id)

    with pytest.raises(Conflicting):
        begin(here.world, here.tenant, connection.id)


def test_the_settings_calendar_is_watched_instead_of_the_primary_one(here: Place) -> None:
    second = here.simulator.google.add_calendar(ANNA, "Second").id

    connection = here.connected(settings={"calendar_id": second})

    assert (connection.calendar, connection.primary) == (second, ANNA)
    assert here.watched(connection, second).name == "Second"


def test_a_calendar_that_the_account_does_not_have_is_said_and_nothing_else_is_taken(here: Place) -> None:
    connection = here.connected(settings={"calendar_id": "nowhere@group.calendar.google.com"})

    assert connection.calendar == "nowhere@group.calendar.google.com"
    assert connection.problem is not None
    assert connection.problem.code == "calendar_gone"


def test_a_calendar_that_may_only_be_read_is_said(here: Place) -> None:
    shared = here.simulator.google.add_calendar(BEN, "Shared").id
    here.simulator.google.share(shared, ANNA, "reader")

    connection = here.connected(settings={"calendar_id": shared})

    assert connection.problem is not None
    assert connection.problem.code == "no_write_access"


def test_a_missing_permission_is_said_and_the_status_stays(here: Place) -> None:
    opened = here.open()

    shown = here.consented(here.browser(), opened.authorize_url, scopes=("openid", "email", SCOPE_EVENTS))

    connection = here.connection(opened.connection.id)
    assert connection.status == "pending"
    assert connection.problem is not None
    assert connection.problem.code == "scope_missing"
    assert connection.refresh_token is None
    assert "See the list of Google calendars you are subscribed to" in page(shown)


def test_nothing_changes_when_google_fails_at_the_callback(here: Place) -> None:
    opened = here.open()
    browser = here.browser()
    back = here.allowed(browser, opened.authorize_url)
    here.simulator.google.add_fault(Fault(effect="backendError503", path="calendarList"))

    shown = browser.get(local(back))

    assert shown.status_code == 503
    assert here.connection(opened.connection.id).status == "pending"
    assert opened.authorize_url.rpartition("=")[2] in page(shown)
