"""The page on which a person ticks tasks: plain forms, people only, never clients. Start at `blueprint`."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask import Response as HttpResponse
from flask.typing import ResponseReturnValue

from infra.simulator.desk import Desk
from infra.simulator.security import guarded
from infra.simulator.wire import ApiError

DEEDS = frozenset({"tick", "untick", "delete_task"})


def blueprint(desk: Desk) -> Blueprint:
    """Make the routes."""
    routes = Blueprint("task_pages", __name__)

    def tasks(account: str) -> ResponseReturnValue:
        with desk.doing() as google:
            if account not in google.ctx.world.accounts:
                return redirect(url_for("pages.front"))
            shown = google.person(account).tasks()
        return guarded(render_template("tasks.html", account=account, tasks=shown))

    def act(account: str, action: str) -> ResponseReturnValue:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            return HttpResponse(status=403)
        try:
            with desk.doing() as google:
                person = google.person(account)
                if action == "add_task":
                    person.add_task(request.form["title"], due=request.form.get("due") or None)
                elif action in DEEDS:
                    getattr(person, action)(request.form["task"])
                else:
                    return HttpResponse(status=404)
        except (ApiError, KeyError, ValueError):
            return HttpResponse("The page asked for what is not there.", status=400, mimetype="text/plain")
        return redirect(url_for("task_pages.tasks", account=account), code=303)

    routes.add_url_rule("/tasks/u/<account>", "tasks", tasks)
    routes.add_url_rule("/tasks/u/<account>/<action>", "act", act, methods=["POST"])
    return routes
