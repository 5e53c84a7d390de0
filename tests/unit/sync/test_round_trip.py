"""The law of the mapping: what is written into an event is read from it again, after Google's trimming too."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.model.content import Content
from shared.model.settings import Settings
from shared.sync.crm_fields import Rendering, crm_fields, rendering_of
from shared.sync.fields import FIELDS, TWO_WAY, Value
from shared.sync.google_fields import google_fields
from shared.sync.to_content import imported, taken
from shared.sync.to_event import event_body
from tests.unit.sync import made
from tests.unit.sync.google_side import Json, event_of, inserted, patched


def event_for(values: dict[str, Value], rendering: Rendering) -> Json:
    body: Json = event_body(values, values.keys(), rendering, create=True, meet_request_id="m1")
    return inserted(body)


def two_way(values: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name in TWO_WAY}


@given(made.contents(), made.settings)
def test_an_inserted_event_reads_as_the_task(content: Content, settings: Settings) -> None:
    rendering = rendering_of(content, settings, "Europe/Paris")
    crm = crm_fields(content, rendering)

    google = google_fields(event_of(event_for(crm, rendering)), rendering)

    assert two_way(crm).items() <= google.items()


@given(made.contents(), made.settings)
def test_what_the_crm_never_said_reads_as_the_default(content: Content, settings: Settings) -> None:
    rendering = rendering_of(content, settings, "Europe/Paris")
    crm = crm_fields(content, rendering)

    google = google_fields(event_of(event_for(crm, rendering)), rendering)

    unsaid = TWO_WAY - crm.keys() - {"completed"}
    assert {name: google[name] for name in unsaid} == {name: FIELDS[name].default for name in unsaid}


@given(made.contents(), made.contents(), made.settings, st.sets(st.sampled_from(sorted(FIELDS))))
def test_a_patch_of_any_fields_makes_those_equal_and_no_others(
    before: Content, after: Content, settings: Settings, chosen: set[str]
) -> None:
    old = rendering_of(before, settings, "Europe/Paris")
    new = rendering_of(after, settings, "Europe/Paris")
    event = event_for(crm_fields(before, old), old)
    shown = google_fields(event_of(event), old)
    crm = crm_fields(after, new)
    if chosen & {"time", "recurrence"}:
        chosen = chosen | {"time", "recurrence"}  # a zone and the kind of dates belong to both
    send = chosen & crm.keys()
    wanted = {**shown, **{name: crm[name] for name in send}}
    if "time" in send and "recurrence" not in send:
        send, wanted["recurrence"] = send | {"recurrence"}, None
        crm["recurrence"] = None

    body: Any = event_body(wanted, send, new, responses={}, meet_request_id="m1")
    google = google_fields(event_of(patched(event, body)), new)

    assert two_way({name: google[name] for name in google}) == two_way(wanted)


@given(made.contents(), made.settings)
def test_writing_the_same_values_again_changes_nothing(content: Content, settings: Settings) -> None:
    rendering = rendering_of(content, settings, "Europe/Paris")
    crm = crm_fields(content, rendering)
    event = event_for(crm, rendering)

    again: Any = event_body(crm, crm.keys() - {"conference"}, rendering)

    assert google_fields(event_of(patched(event, again)), rendering) == google_fields(event_of(event), rendering)


@given(made.contents(), made.settings)
def test_taking_what_google_shows_agrees_with_it(content: Content, settings: Settings) -> None:
    rendering = rendering_of(content, settings, "Europe/Paris")
    event = event_of(event_for(crm_fields(content, rendering), rendering))
    google = google_fields(event, rendering)

    after = taken(Content(), google, event, rendering)

    assert two_way(crm_fields(after, rendering_of(after, settings, "Europe/Paris"))) == two_way(google)


@given(made.contents(), made.settings)
def test_an_imported_task_agrees_with_its_event(content: Content, settings: Settings) -> None:
    rendering = rendering_of(content, settings, "Europe/Paris")
    event = event_of(event_for(crm_fields(content, rendering), rendering))
    google = google_fields(event, rendering)

    after = imported(event, rendering)

    crm = two_way(crm_fields(after, rendering_of(after, settings, "Europe/Paris")))
    unsaid = {name: FIELDS[name].default for name in TWO_WAY - {"completed"}}
    assert {**unsaid, **crm} == two_way(google)
