"""A look before the first sync: the connection holds, Tandem tells what it would do, and a person starts it.

Start at `preview`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from infra.embedded.demo.crm import Crm, Impossible
from infra.embedded.demo.records import Entry

if TYPE_CHECKING:
    from infra.embedded.demo.calls import Answer

PATIENCE_S = 20.0
LOOK_EVERY_S = 0.1


def preview(crm: Crm) -> dict[str, Any]:
    """What a first sync would do now, as the run that looked tells it; nothing is written on either side.

    Raises:
        Unreachable, Impossible: It cannot be told.
    """
    run = _good(crm.tandem.call("POST", crm.connected("preview"))).document["run_id"]
    ends_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends_at:
        found = _good(crm.tandem.call("GET", f"/v1/runs/{run}", query={"limit": 200})).document
        if found["state"] == "done":
            return found
        if found["state"] == "failed":
            break
        time.sleep(LOOK_EVERY_S)
    raise Impossible("Tandem could not look into the calendar; try again")


def start(crm: Crm) -> None:
    """The first sync begins.

    Raises:
        Unreachable, Impossible: It does not.
    """
    _good(crm.tandem.call("POST", crm.connected("start")))
    crm.records.log(Entry(at=datetime.now(UTC), side="crm", text="You have seen the preview and started the sync."))


def _good(answer: Answer) -> Answer:
    if not answer.good:
        raise Impossible(answer.complaint)
    return answer
