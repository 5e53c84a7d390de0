"""Google's OAuth server: consent, codes, tokens, refresh, revocation. Start at `read_authorization` and `token`.

It holds no pages; `pages` shows what `Consent` says. Every lifetime runs on the injected clock.
Source: https://developers.google.com/identity/protocols/oauth2/web-server
"""

import base64
import hashlib
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

import msgspec

from infra.simulator.clock import DAY_S, SECOND_US
from infra.simulator.context import Context
from infra.simulator.id_token import IdTokens
from infra.simulator.model import AccessToken, Client, Code, Grant, RefreshToken
from infra.simulator.wire import JSON_TYPE, JsonObject, Response, answer, pretty

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CODE_S = 600
TESTING_S = 7 * DAY_S
_SHORT_NAMES = {
    "email": "https://www.googleapis.com/auth/userinfo.email",
    "profile": "https://www.googleapis.com/auth/userinfo.profile",
}
IDENTITY = frozenset({"openid", *_SHORT_NAMES, *_SHORT_NAMES.values()})


class Refused(Exception):
    """The authorization request is shown as an error page; the client's redirect address never hears of it."""

    def __init__(self, code: str, detail: str) -> None:
        """Keep Google's code, such as redirect_uri_mismatch, and what to do about it."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """A checked authorization request, waiting for a person's answer."""

    client_id: str
    client_name: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    challenge: str | None
    offline: bool
    include_granted: bool
    prompt: frozenset[str]
    login_hint: str | None
    nonce: str | None


def read_authorization(ctx: Context, query: Mapping[str, str]) -> Consent:
    """Check what a client put into the authorization address.

    Raises:
        Refused: An unknown client, a redirect address that is not registered exactly, or a missing parameter.
    """
    client = ctx.world.clients.get(query.get("client_id", ""))
    if client is None:
        raise Refused("invalid_client", "The OAuth client was not found.")
    redirect_uri = query.get("redirect_uri", "")
    if not _registered(client, redirect_uri):
        raise Refused(
            "redirect_uri_mismatch",
            f"The redirect URI in the request, {redirect_uri}, does not match the ones authorized for the client.",
        )
    if query.get("response_type") != "code":
        raise Refused("invalid_request", "response_type must be code.")
    scopes = tuple(dict.fromkeys(query.get("scope", "").split()))
    if not scopes:
        raise Refused("invalid_request", "Missing required parameter: scope")
    challenge = query.get("code_challenge")
    if challenge is not None and query.get("code_challenge_method") != "S256":
        raise Refused("invalid_request", "code_challenge_method must be S256.")
    return Consent(
        client_id=client.client_id,
        client_name=client.name,
        redirect_uri=redirect_uri,
        scopes=scopes,
        state=query.get("state"),
        challenge=challenge,
        offline=query.get("access_type") == "offline",
        include_granted=query.get("include_granted_scopes") == "true",
        prompt=frozenset(query.get("prompt", "").split()),
        login_hint=query.get("login_hint"),
        nonce=query.get("nonce"),
    )


def _registered(client: Client, redirect_uri: str) -> bool:
    if redirect_uri in client.redirect_uris:
        return True
    parts = urlsplit(redirect_uri)
    return client.any_loopback and parts.scheme == "http" and parts.hostname in LOOPBACK


def needs_person(ctx: Context, consent: Consent, email: str | None) -> bool:
    """Tell whether a page must be shown: without a prompt, one account that allowed all of it before needs none."""
    if consent.prompt - {"none"} or email is None:
        return True
    grant = ctx.world.grants.get(f"{email} {consent.client_id}")
    return grant is None or not set(map(full_name, consent.scopes)) <= set(grant.scopes)


def approve(ctx: Context, consent: Consent, email: str, scopes: tuple[str, ...] | None = None) -> str:
    """Let an account allow scopes (all that are asked by default); gives the address to send the browser to."""
    chosen = [full_name(scope) for scope in consent.scopes if scopes is None or scope in scopes]
    key = f"{email} {consent.client_id}"
    grant = ctx.world.grants.get(key)
    first = grant is None
    if grant is None:
        grant = ctx.world.grants[key] = Grant(account=email, client_id=consent.client_id, scopes=[])
    before = list(grant.scopes)
    grant.scopes = list(dict.fromkeys([*before, *chosen]))
    code = ctx.secret("4/0", 60)
    ctx.world.codes[code] = Code(
        account=email,
        client_id=consent.client_id,
        redirect_uri=consent.redirect_uri,
        scopes=grant.scopes if consent.include_granted else chosen,
        challenge=consent.challenge,
        offline=consent.offline,
        nonce=consent.nonce,
        give_refresh=consent.offline and (first or "consent" in consent.prompt),
        expires_us=ctx.now_us() + CODE_S * SECOND_US,
    )
    ctx.version += 1
    return _back(consent, {"code": code, "scope": " ".join(chosen), "authuser": "0", "prompt": "consent"})


def deny(consent: Consent, error: str = "access_denied") -> str:
    """Give the address to send the browser to when the person refuses."""
    return _back(consent, {"error": error})


def _back(consent: Consent, result: dict[str, str]) -> str:
    state = {"state": consent.state} if consent.state is not None else {}
    joiner = "&" if "?" in consent.redirect_uri else "?"
    return f"{consent.redirect_uri}{joiner}{urlencode(state | result)}"


def token(ctx: Context, form: Mapping[str, str], id_tokens: IdTokens) -> Response:
    """Answer the token endpoint: a code or a refresh token for an access token."""
    client = ctx.world.clients.get(form.get("client_id", ""))
    if client is None:
        return refused(401, "invalid_client", "The OAuth client was not found.")
    if form.get("client_secret") != client.client_secret:
        return refused(401, "invalid_client", "Unauthorized")
    match form.get("grant_type"):
        case "authorization_code":
            return _exchanged(ctx, client, form, id_tokens)
        case "refresh_token":
            return _refreshed(ctx, client, form, id_tokens)
        case given:
            return refused(400, "unsupported_grant_type", f"Invalid grant_type: {given}")


def _exchanged(ctx: Context, client: Client, form: Mapping[str, str], id_tokens: IdTokens) -> Response:
    code = ctx.world.codes.get(form.get("code", ""))
    if code is None or code.used or code.client_id != client.client_id or code.expires_us <= ctx.now_us():
        return refused(400, "invalid_grant", "Malformed auth code." if code is None else "Bad Request")
    if form.get("redirect_uri") != code.redirect_uri:
        return refused(400, "redirect_uri_mismatch", "Bad Request")
    if code.challenge is not None:
        verifier = form.get("code_verifier")
        if not verifier:
            return refused(400, "invalid_grant", "Missing code verifier.")
        digest = hashlib.sha256(verifier.encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != code.challenge:
            return refused(400, "invalid_grant", "Invalid code verifier.")
    code.used = True
    refresh = _new_refresh(ctx, client, code) if code.give_refresh else None
    document = _access(ctx, client, code.account, code.scopes, refresh)
    if refresh is not None:
        document["refresh_token"] = refresh
        expires = ctx.world.refresh_tokens[refresh].expires_us
        if expires is not None:
            document["refresh_token_expires_in"] = (expires - ctx.now_us()) // SECOND_US
    if "openid" in code.scopes:
        document["id_token"] = id_tokens.issue(ctx, code.account, client.client_id, code.scopes, code.nonce)
    return answer(document, headers={"Cache-Control": "no-store"})


def _new_refresh(ctx: Context, client: Client, code: Code) -> str:
    """Make a refresh token; beyond a hundred for one account and client the oldest silently dies."""
    now = ctx.now_us()
    only_identity = set(code.scopes) <= IDENTITY
    live = ctx.world.refresh_tokens
    text = ctx.secret("1//0", 96)
    live[text] = RefreshToken(
        account=code.account,
        client_id=client.client_id,
        scopes=list(code.scopes),
        created_us=now,
        expires_us=now + TESTING_S * SECOND_US if client.testing and not only_identity else None,
    )
    same = [key for key, value in live.items() if (value.account, value.client_id) == (code.account, client.client_id)]
    for oldest in same[: max(0, len(same) - ctx.settings.live_refresh_tokens)]:
        del live[oldest]
    return text


def _refreshed(ctx: Context, client: Client, form: Mapping[str, str], id_tokens: IdTokens) -> Response:
    text = form.get("refresh_token", "")
    refresh = ctx.world.refresh_tokens.get(text)
    dead = refresh is None or refresh.client_id != client.client_id
    if refresh is None or dead or (refresh.expires_us is not None and refresh.expires_us <= ctx.now_us()):
        return refused(400, "invalid_grant", "Token has been expired or revoked.")
    document = _access(ctx, client, refresh.account, refresh.scopes, text)
    if "openid" in refresh.scopes:
        document["id_token"] = id_tokens.issue(ctx, refresh.account, client.client_id, refresh.scopes, None)
    return answer(document, headers={"Cache-Control": "no-store"})


def _access(ctx: Context, client: Client, email: str, scopes: list[str], refresh: str | None) -> JsonObject:
    text = mint(ctx, email, client.client_id, scopes, refresh)
    lifetime = ctx.settings.access_token_s
    return {"access_token": text, "expires_in": lifetime, "scope": " ".join(scopes), "token_type": "Bearer"}


def mint(ctx: Context, email: str, client_id: str, scopes: list[str], refresh: str | None = None) -> str:
    """Make an access token."""
    text = ctx.secret("ya29.", 80)
    ctx.version += 1
    ctx.world.access_tokens[text] = AccessToken(
        account=email,
        client_id=client_id,
        scopes=[full_name(scope) for scope in scopes],
        expires_us=ctx.now_us() + ctx.settings.access_token_s * SECOND_US,
        refresh_token=refresh,
    )
    return text


def revoke(ctx: Context, form: Mapping[str, str]) -> Response:
    """Answer the revocation endpoint; either kind of token takes the whole grant with it."""
    text = form.get("token", "")
    found = ctx.world.refresh_tokens.get(text) or ctx.world.access_tokens.get(text)
    if found is None:
        return refused(400, "invalid_token", "Token expired or revoked")
    end_grant(ctx, found.account, found.client_id)
    return answer({})


def end_grant(ctx: Context, email: str, client_id: str | None = None) -> None:
    """Take away what an account allowed a client, or every client, with all its tokens."""
    world = ctx.world
    for grant in list(world.grants.values()):
        if grant.account == email and client_id in {None, grant.client_id}:
            del world.grants[f"{email} {grant.client_id}"]

    def stays(token: RefreshToken | AccessToken) -> bool:
        return token.account != email or client_id not in {None, token.client_id}

    world.refresh_tokens = {key: token for key, token in world.refresh_tokens.items() if stays(token)}
    world.access_tokens = {key: token for key, token in world.access_tokens.items() if stays(token)}
    ctx.version += 1


def userinfo(ctx: Context, bearer: AccessToken | None) -> Response:
    """Answer the userinfo endpoint with what the scopes show."""
    if bearer is None:
        return refused(401, "invalid_request", "Invalid Credentials")
    account = ctx.world.accounts[bearer.account]
    document: JsonObject = {"sub": account.sub}
    if _SHORT_NAMES["profile"] in bearer.scopes:
        document |= {"name": account.name, "given_name": account.name.split()[0]}
    if _SHORT_NAMES["email"] in bearer.scopes:
        document |= {"email": account.email, "email_verified": True}
    return answer(document)


def refused(status: int, error: str, description: str) -> Response:
    """Write an error as OAuth endpoints do."""
    body = pretty({"error": error, "error_description": description})
    return Response(status=status, headers={"Content-Type": JSON_TYPE}, body=body)


def full_name(scope: str) -> str:
    """Write email and profile as token answers do."""
    return _SHORT_NAMES.get(scope, scope)
