"""The consent page: choose an account, untick scopes, allow or refuse. Start at `blueprint`.

The page carries the whole authorization request and it is checked again on the answer, so nothing is kept in between.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from infra.simulator import oauth
from infra.simulator.addresses import AUTH_PATH
from infra.simulator.desk import Desk
from infra.simulator.security import guarded

_MEANINGS = {
    "openid": "Associate you with your personal info on Google",
    "userinfo.email": "See your primary Google Account email address",
    "userinfo.profile": "See your personal info, including any you have made publicly available",
    "calendar": "See, edit, share, and permanently delete all the calendars you can access",
    "calendar.readonly": "See and download any calendar you can access",
    "calendar.events": "View and edit events on all your calendars",
    "calendar.events.owned": "See, create, change, and delete events on Google calendars you own",
    "calendar.calendarlist.readonly": "See the list of Google calendars you are subscribed to",
    "tasks": "Create, edit, organize, and delete all your tasks",
}


def blueprint(desk: Desk) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("consent", __name__)

    def ask() -> ResponseReturnValue:
        query = request.args.to_dict()
        with desk.doing() as google:
            ctx = google.ctx
            try:
                consent = oauth.read_authorization(ctx, query)
            except oauth.Refused as refused:
                return guarded(render_template("refused.html", code=refused.code, detail=refused.detail), 400)
            known = [
                account
                for account in ctx.world.accounts.values()
                if consent.login_hint in {None, account.email, account.sub}
            ]
            only = known[0].email if consent.login_hint and len(known) == 1 else None
            if only is not None and not oauth.needs_person(ctx, consent, only):
                return redirect(oauth.approve(ctx, consent, only))
            if "none" in consent.prompt:
                return redirect(oauth.deny(consent, "interaction_required"))
            accounts = known or list(ctx.world.accounts.values())
        scopes = [(scope, _meaning(scope), scope in oauth.IDENTITY) for scope in consent.scopes]
        page = render_template(
            "consent.html",
            consent=consent,
            accounts=accounts,
            scopes=scopes,
            query=query,
            action=url_for("consent.decide"),
        )
        return guarded(page, form_action=True)

    def decide() -> ResponseReturnValue:
        form = request.form
        query = {key.removeprefix("q:"): value for key, value in form.items() if key.startswith("q:")}
        with desk.doing() as google:
            try:
                consent = oauth.read_authorization(google.ctx, query)
            except oauth.Refused as refused:
                return guarded(render_template("refused.html", code=refused.code, detail=refused.detail), 400)
            if form.get("decision") != "allow" or form.get("account") not in google.ctx.world.accounts:
                return redirect(oauth.deny(consent))
            identity = [scope for scope in consent.scopes if scope in oauth.IDENTITY]
            chosen = (*identity, *form.getlist("scope"))
            return redirect(oauth.approve(google.ctx, consent, form["account"], chosen))

    routes.add_url_rule(AUTH_PATH, "ask", ask)
    routes.add_url_rule("/o/oauth2/consent", "decide", decide, methods=["POST"])
    return routes


def _meaning(scope: str) -> str:
    short = oauth.full_name(scope).removeprefix("https://www.googleapis.com/auth/")
    return _MEANINGS.get(short, scope)
