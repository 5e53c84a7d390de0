"""From a request to its answer: which endpoint, which method, who asks, what may pass. Start at `Dispatcher.answer`."""

from urllib.parse import parse_qsl, unquote

import msgspec

from infra.simulator import discovery, oauth
from infra.simulator.calendar_calls import METHODS
from infra.simulator.calls import Call, authenticated, bearer
from infra.simulator.conformance import check_body, check_query, faults_in
from infra.simulator.context import Context
from infra.simulator.id_token import IdTokens
from infra.simulator.model import Fields
from infra.simulator.partial import selected
from infra.simulator.quota import UNITS, Limiter
from infra.simulator.task_calls import TASK_METHODS
from infra.simulator.wire import ApiError, JsonObject, Request, Response, answer, not_found


class Dispatcher:
    """Finds the handler of a request and guards it on both sides; `violations` keeps what broke Google's schema."""

    def __init__(self, ctx: Context) -> None:
        """Serve one world."""
        self.ctx = ctx
        self.check_answers = False
        self.violations: list[str] = []
        self._limiter = Limiter()
        self._id_tokens = IdTokens()

    def answer(self, request: Request) -> Response:
        """Answer a request.

        Raises:
            ApiError: Google refuses it.
        """
        if request.path.startswith(discovery.BASES):
            return self._called(request)
        ctx, route = self.ctx, (request.method, request.path)
        match route:
            case ("POST", "/token"):
                ctx.counters["oauth.token"] += 1
                return oauth.token(ctx, _form(request), self._id_tokens)
            case ("POST" | "GET", "/revoke"):
                ctx.counters["oauth.revoke"] += 1
                return oauth.revoke(ctx, dict(request.query) | _form(request))
            case ("GET" | "POST", "/v1/userinfo"):
                return oauth.userinfo(ctx, bearer(ctx, request))
            case ("GET", "/oauth2/v3/certs"):
                return answer(self._id_tokens.key_set())
            case ("GET", "/oauth2/v1/certs"):
                return answer(self._id_tokens.certificates)
        raise not_found()

    def _called(self, request: Request) -> Response:
        found = discovery.load().find(request.method, request.path)
        if found is None:
            raise not_found()
        method, path = found
        handler = METHODS.get(method.id) or TASK_METHODS.get(method.id)
        if handler is None:
            raise ApiError(501, "notImplemented", f"The simulator does not play {method.full_name}.")
        ctx = self.ctx
        ctx.counters[method.id] += 1
        ctx.counters["units"] += UNITS.get(method.id, 1)
        token = authenticated(ctx, request, method)
        self._limiter.spend(
            ctx.settings.quota,
            method=method.id,
            account=token.account,
            client_id=token.client_id,
            now_us=ctx.now_us(),
        )
        values = _values(request)
        check_query(method, values)
        call = Call(
            ctx=ctx,
            method=method,
            account=token.account,
            client_id=token.client_id,
            scopes=frozenset(token.scopes),
            path={key: unquote(value) for key, value in path.items()},
            values=values,
            body=self._body(method, request),
            if_match=request.header("if-match"),
            if_none_match=request.header("if-none-match"),
        )
        return self._checked(method, call, handler(call))

    def _body(self, method: discovery.Method, request: Request) -> Fields:
        if method.request is None:
            return {}
        try:
            body = msgspec.json.decode(request.body or b"{}")
        except msgspec.DecodeError as fault:
            raise ApiError(400, "parseError", "Parse Error") from fault
        if not isinstance(body, dict):
            raise ApiError(400, "parseError", "Parse Error")
        check_body(method, body, unknown=self.ctx.settings.unknown_fields == "refuse")
        return body

    def _checked(self, method: discovery.Method, call: Call, response: Response) -> Response:
        if self.check_answers and method.response is not None and response.body:
            found = faults_in(method.response, response.json())
            if found:
                text = f"{method.id}: {'; '.join(found)}"
                self.violations.append(text)
                raise ApiError(500, "simulatorFault", f"The simulator's own answer breaks Google's schema: {text}")
        mask = call.value("fields")
        if mask is not None and response.body:
            return answer(selected(response.json(), mask), headers=response.headers)
        return response


def _values(request: Request) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for key, value in request.query:
        values.setdefault(key, []).append(value)
    return values


def _form(request: Request) -> JsonObject:
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
