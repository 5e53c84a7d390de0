"""The order of a first contact, switched off: watch, token, import, export. `test_contact.py` tells what is lost then.

Each exchanges what keeps one step behind the other; the world of first contact finds each by chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from shared.google.requests import EventsRequest
from shared.ports import Job
from shared.usecases.inbound import advance, pull
from shared.usecases.jobs import pull_now_job
from shared.usecases.outbound import judging
from shared.usecases.runs import run_first_sync
from shared.usecases.runs.run_work import in_phases

if TYPE_CHECKING:
    import pytest

    from shared.google.responses import EventPage
    from shared.usecases.inbound.arrivals import Arrivals


def the_calendar_is_watched_last(patch: pytest.MonkeyPatch) -> None:
    """The last list was before Google began to tell: what changed in between is in neither."""

    def nothing(*args: Any, **fields: Any) -> Job:  # noqa: ANN401
        return replace(pull_now_job(*args, **fields), function="deliver_changes", queue="deliver")

    patch.setattr("shared.usecases.connecting.channels.pull_now_job", nothing)


def the_token_comes_after_the_import(patch: pytest.MonkeyPatch) -> None:
    """What was listed is taken in, and then a token of now is asked for: what changed in between is behind it."""
    real = advance.advance

    def advanced(arrivals: Arrivals, last: EventPage, *rest: Any) -> None:  # noqa: ANN401
        page_token = None
        while True:
            request = EventsRequest(calendar_id=arrivals.place, page_token=page_token)
            last = arrivals.calendar.list(request)
            if last.sync_token is not None:
                break
            page_token = last.page_token
        real(arrivals, last, *rest)

    patch.setattr(pull, "advance", advanced)


def tasks_go_out_first(patch: pytest.MonkeyPatch) -> None:
    """The export does not wait for what stands in the calendar, nor does a try look there for what its task had."""

    def turned(work: Any, phases: Any) -> Any:  # noqa: ANN401
        return in_phases(work, sorted(phases, key=lambda phase: phase[0] != "out"))

    def nothing(*_: Any) -> None:  # noqa: ANN401
        """No event was kept."""

    patch.setattr(run_first_sync, "in_phases", turned)
    patch.setattr(judging, "kept_event", nothing)
