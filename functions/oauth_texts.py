"""What the pages of connecting say, one entry per outcome: what happened, why, and what the person can do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.pages import Text
from shared.model.oauth import SCOPE_CALENDARS, SCOPE_EVENTS, SCOPE_TASKS

if TYPE_CHECKING:
    from shared.usecases.connecting.consent import Page, PageKind

OPEN_AGAIN = "Go back to where you came from and open the link to connect again."
PERMISSIONS = {
    SCOPE_EVENTS: "View and edit events on all your calendars",
    SCOPE_CALENDARS: "See the list of Google calendars you are subscribed to",
    SCOPE_TASKS: "Create, edit, organize, and delete all your tasks",
    "email": "See your primary Google Account email address",
    "openid": "Associate you with your personal info on Google",
}
"""Google's own words beside each box on its page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A page without its links."""

    status: int
    title: str
    lines: tuple[str, ...]


SAID: dict[PageKind, Said] = {
    "connected": Said(
        status=200,
        title="Your Google Calendar is connected",
        lines=("From now on your tasks and your calendar are kept in step. You can close this page.",),
    ),
    "connected_without_tasks": Said(
        status=200,
        title="Connected, but without Google Tasks",
        lines=(
            "Your calendar is connected. Tasks without a time stay out of Google Tasks: that permission was not given.",
            "To allow it, connect again and leave every box ticked.",
        ),
    ),
    "connected_without_calendar": Said(
        status=200,
        title="Connected, but the calendar cannot be used",
        lines=(
            "The calendar chosen for your tasks is not in this Google account, or you may not change it.",
            "Choose another calendar in the settings, or ask its owner to share it with the right to change events.",
        ),
    ),
    "already_connected": Said(
        status=200,
        title="This is connected already",
        lines=("The link was used before and your calendar is connected. There is nothing left to do.",),
    ),
    "denied": Said(
        status=403,
        title="You did not give access",
        lines=("Google was told not to share your calendar, so nothing was connected and nothing was changed.",),
    ),
    "link_expired": Said(
        status=400,
        title="This link no longer works",
        lines=("It is older than 24 hours, a newer one has replaced it, or it was not copied whole.", OPEN_AGAIN),
    ),
    "state_expired": Said(
        status=400,
        title="This page was used before, or took too long",
        lines=(
            "Connecting must be finished within ten minutes, and each try works only once.",
            "If it worked the first time there is nothing to do. Otherwise: " + OPEN_AGAIN,
        ),
    ),
    "other_browser": Said(
        status=400,
        title="This was begun in another browser",
        lines=(
            "For your safety, connecting must end in the browser in which it began, with cookies allowed.",
            OPEN_AGAIN,
        ),
    ),
    "scope_missing": Said(
        status=403,
        title="A permission is missing",
        lines=(
            "Your calendar was not connected, because a box was not ticked on Google's page. Connect again and tick:",
        ),
    ),
    "other_account": Said(
        status=409,
        title="That was another Google account",
        lines=(
            "This connection belongs to another Google account than the one you have just chosen. Nothing was changed.",
            "Connect again and choose the first account. To change the account, disconnect first.",
        ),
    ),
    "no_calendar": Said(
        status=409,
        title="This Google account has no calendar",
        lines=("Switch on Google Calendar for this account, or connect again with another one.",),
    ),
    "code_refused": Said(
        status=400,
        title="Google did not complete the connection",
        lines=("Google did not accept this try. Nothing was changed; please try once more.",),
    ),
    "unavailable": Said(
        status=503,
        title="Google does not answer now",
        lines=("Nothing was changed. Please try again in a few minutes.",),
    ),
    "client_refused": Said(
        status=503,
        title="Google does not know this installation",
        lines=(
            "Nothing was changed. Its administrator must check the OAuth client: client id, secret and redirect URI.",
        ),
    ),
    "removed": Said(
        status=404,
        title="This connection was removed",
        lines=("It does not exist any more. " + OPEN_AGAIN,),
    ),
}

FAULT = Text(
    title="Something went wrong here",
    lines=("This was our fault, not yours. Nothing was connected; please try again in a few minutes.",),
)


def text_of(page: Page) -> Text:
    """The page's text with its links: to try again where that can help, and back to the CRM."""
    said = SAID[page.kind]
    links: list[tuple[str, str]] = []
    if page.again is not None:
        links.append(("Try again", page.again))
    if page.return_url is not None:
        links.append(("Back", page.return_url))
    return Text(
        title=said.title,
        lines=said.lines,
        points=tuple(PERMISSIONS.get(scope, scope) for scope in page.missing),
        links=tuple(links),
    )
