"""Every refusal is a problem document that names its cause, whatever was sent."""

import pytest

from shared.errors import GoogleUnavailable, QuotaExceeded, RateLimited, RetryLater, StoreUnavailable
from tests.functions.api.stage import Caller, Stage


def test_missing_key_is_refused(stage: Stage) -> None:
    answer = stage.app.test_client().get("/v1/status")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["code"] == "unknown_key"


@pytest.mark.parametrize("change", ["flip", "cut", "other scheme", "other tenant", "garbage"])
def test_wrong_key_is_refused(stage: Stage, crm: Caller, change: str) -> None:
    other = stage.caller("Other")
    key = {
        "flip": crm.key[:-1] + ("A" if crm.key[-1] != "A" else "B"),
        "cut": crm.key[:-1],
        "other scheme": crm.key,
        "other tenant": crm.key.replace(crm.tenant, other.tenant),
        "garbage": "tdm_é_x_y",
    }[change]
    scheme = "Basic" if change == "other scheme" else "Bearer"

    client = stage.app.test_client()
    right = client.get("/v1/status", headers={"Authorization": f"Bearer {crm.key}"})
    wrong = client.get("/v1/status", headers={"Authorization": f"{scheme} {key}"})

    assert (right.status_code, wrong.status_code) == (200, 401)


def test_problem_has_all_members_of_the_contract(crm: Caller) -> None:
    answer = crm.call("GET", "/v1/nothing")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert set(problem) == {"type", "title", "status", "detail", "code", "request_id"}
    assert problem["type"] == "/docs/errors/not_found"
    assert problem["status"] == 404


def test_sane_request_id_is_kept(crm: Caller) -> None:
    answer = crm.call("GET", "/v1/status", headers={"X-Request-Id": "crm-42"})

    assert answer.headers["X-Request-Id"] == "crm-42"


@pytest.mark.parametrize("given", ["", "x" * 200, "a b", "<script>"])
def test_odd_request_id_is_replaced(crm: Caller, given: str) -> None:
    answer = crm.call("GET", "/v1/nothing", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] != given
    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]


def test_wrong_method_is_a_problem_that_names_the_right_ones(crm: Caller) -> None:
    answer = crm.call("POST", "/v1/status")

    assert answer.status_code == 405
    assert answer.get_json()["code"] == "method_not_allowed"
    assert "GET" in answer.headers["Allow"]
    assert "GET" in answer.get_json()["detail"]


def test_address_of_no_call_is_told_where_the_calls_are_listed(crm: Caller) -> None:
    problem = crm.json("GET", "/v1/tasks/a/b/c", expect=404)

    assert problem["detail"] == "no call has this address; see the documentation at /docs"


@pytest.mark.parametrize("body", [b"null", b"[1]", b'"x"'])
def test_body_that_is_no_object_is_told_in_words(crm: Caller, body: bytes) -> None:
    answer = crm.call("PATCH", "/v1/tenant", body)

    assert answer.status_code == 422
    assert answer.get_json()["detail"] == "the body: must be an object"


def test_options_are_not_answered_for_other_origins(crm: Caller) -> None:
    answer = crm.call("OPTIONS", "/v1/status", headers={"Origin": "https://elsewhere.example"})

    assert answer.status_code == 405
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"label": NaN}', b'{"label":"\\ud800"}', b"[" * 100_000])
def test_what_is_not_json_is_refused(crm: Caller, body: bytes) -> None:
    answer = crm.call("PATCH", "/v1/tenant", body or b" ")

    assert answer.status_code == 400
    assert answer.get_json()["code"] == "bad_request"


def test_every_fault_of_a_body_is_named_at_once(crm: Caller) -> None:
    body = {"name": "", "nonsense": 1, "settings": {"hours": {"from": "25:00"}, "direction": "up", "odd/name": 1}}

    problem = crm.json("PATCH", "/v1/tenant", body, expect=422)

    assert {fault["pointer"] for fault in problem["errors"]} == {
        "/name",
        "/nonsense",
        "/settings/hours/from",
        "/settings/hours/to",
        "/settings/direction",
        "/settings/odd~1name",
    }


def test_refused_body_stores_nothing(crm: Caller) -> None:
    before = crm.json("GET", "/v1/tenant")

    crm.json("PATCH", "/v1/tenant", {"name": "New", "nonsense": 1}, expect=422)

    assert crm.json("GET", "/v1/tenant") == before


def test_faults_never_quote_what_was_sent(crm: Caller) -> None:
    answer = crm.call("PATCH", "/v1/tenant", {"name": ["s3cret-value"], "brand": {"color": "s3cret-value"}})

    assert answer.status_code == 422
    assert "s3cret-value" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("limit=0", {"limit"}),
        ("limit=501", {"limit"}),
        ("limit=many", {"limit"}),
        ("limit=1&limit=2", {"limit"}),
        ("nonsense=1&limit=x", {"nonsense", "limit"}),
        ("include=all", {"include"}),
        ("cursor=!!!", {"cursor"}),
        ("cursor=AAAA", {"cursor"}),
    ],
)
def test_faults_of_parameters_are_named(crm: Caller, query: str, names: set[str]) -> None:
    problem = crm.json("GET", f"/v1/changes?{query}", expect=422)

    assert {fault["pointer"] for fault in problem["errors"]} == names


def test_body_over_its_limit_is_refused(crm: Caller) -> None:
    answer = crm.call("POST", "/v1/keys", b'{"label":"' + b"x" * 1024 * 1024 + b'"}')

    assert answer.status_code == 413


def test_body_over_its_limit_without_a_length_is_refused(crm: Caller) -> None:
    body = b"{}" + b" " * 1024 * 1024
    chunked = {"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}

    answer = crm.send("POST", "/v1/keys", body, **chunked)

    assert answer.status_code == 413


def test_body_of_exactly_its_limit_without_a_length_is_read(crm: Caller) -> None:
    body = b"{}" + b" " * (1024 * 1024 - 2)
    chunked = {"CONTENT_LENGTH": None, "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}

    answer = crm.send("POST", "/v1/keys", body, **chunked)

    assert answer.status_code == 201


def test_body_is_not_read_beyond_the_length_it_claims(crm: Caller) -> None:
    answer = crm.send("POST", "/v1/keys", b'{"label":"x"}, and garbage', CONTENT_LENGTH="13")

    assert answer.status_code == 201


def test_body_shorter_than_it_claims_is_refused(crm: Caller) -> None:
    answer = crm.send("POST", "/v1/keys", b'{"label":', CONTENT_LENGTH="500")

    assert answer.status_code == 400


def test_fault_of_ours_tells_nothing_of_its_inside(stage: Stage, crm: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise ValueError("s3cret")

    monkeypatch.setattr(stage.store, "count", broken)

    answer = crm.call("GET", "/v1/status")

    assert answer.status_code == 500
    assert answer.get_json()["code"] == "internal"
    assert "s3cret" not in answer.get_data(as_text=True) + str(stage.log.lines)
    assert any(line["outcome"] == "bug" and line["error"] == "ValueError" for line in stage.log.lines)


@pytest.mark.parametrize(
    ("kind", "status"), [(GoogleUnavailable, 503), (StoreUnavailable, 503), (RateLimited, 429), (QuotaExceeded, 429)]
)
def test_what_can_succeed_later_says_when(
    stage: Stage, crm: Caller, monkeypatch: pytest.MonkeyPatch, kind: type[RetryLater], status: int
) -> None:
    def unavailable(*args: object) -> None:
        raise kind(after_s=6.2)

    monkeypatch.setattr(stage.store, "count", unavailable)

    answer = crm.call("GET", "/v1/status")

    assert answer.status_code == status
    assert answer.headers["Retry-After"] == "7"
    assert [line["detail"] for line in stage.log.lines if line["outcome"] == "unavailable"] == (
        [StoreUnavailable.__doc__] if kind is StoreUnavailable else []
    )


def test_each_call_is_one_line_of_the_log(stage: Stage, crm: Caller) -> None:
    crm.json("GET", "/v1/status")

    (line,) = stage.log.lines
    assert line["flow"] == "api"
    assert line["outcome"] == "200"
    assert line["operation"] == "status.read_status"
    assert line["tenant"] == crm.tenant
