"""What the generated lines say, and what guests never see."""

import pytest
from hypothesis import given

from shared.model.content import Attendee, Contact, Content
from shared.model.settings import Settings
from shared.sync.crm_fields import crm_fields, rendering_of
from shared.sync.details import INTERNAL, LABELS, details_of
from shared.sync.google_fields import google_fields
from shared.sync.to_event import event_body
from tests.unit.sync import made
from tests.unit.sync.google_side import event_of, inserted

FULL = Content(
    title="Call Bob",
    type="follow_up",
    status="open",
    priority="high",
    contact=Contact(name="Bob Brown", email="bob@x.com"),
    deal="House 7",
    zoom_url="https://zoom.us/j/1",
    url="https://crm.example/1",
    notes="Never pays\nin time",
    start="2026-11-21",
)
SECRETS = ("Follow-up", "Open", "High", "Bob Brown", "bob@x.com", "House 7", "crm.example", "Never pays")


def test_every_internal_field_has_its_line() -> None:
    shown = details_of(FULL, Settings(), guests=False)

    assert shown == {
        "above": None,
        "below": "\n".join([
            "Type: Follow-up", "Status: Open", "Priority: High", "Contact: Bob Brown <bob@x.com>", "Deal: House 7",
            "Zoom: https://zoom.us/j/1", "Link: https://crm.example/1", "Notes:", "Never pays", "in time", "",
            LABELS["en"]["footer"],
        ]),
        "internal": True,
    }  # fmt: skip


def test_guests_see_the_meeting_link_and_the_footer_alone() -> None:
    shown = details_of(FULL, Settings(), guests=True)

    assert shown == {"above": None, "below": "Zoom: https://zoom.us/j/1\n\n" + LABELS["en"]["footer"]}


@pytest.mark.parametrize("field", sorted(INTERNAL))
def test_a_template_cannot_show_guests_an_internal_field(field: str) -> None:
    settings = Settings(description_template=f"{{description}}\nFor us: {{{field}}}")

    assert details_of(FULL, settings, guests=True) is None
    assert details_of(FULL, settings, guests=False) is not None


@given(made.contents(), made.settings)
def test_no_internal_text_reaches_an_event_with_guests(content: Content, settings: Settings) -> None:
    marked = Content(
        start="2026-11-21", attendees=(Attendee(email="ann@x.com"),), title=content.title,
        description=content.description,
        type="SECRET", deal="SECRET", notes=f"SECRET {content.notes}", contact=Contact(name="SECRET"),
        url="https://crm.example/SECRET",
    )  # fmt: skip
    rendering = rendering_of(marked, settings, "UTC")
    values = crm_fields(marked, rendering)

    body = event_body(values, values.keys() - {"url"}, rendering, create=True)

    assert "SECRET" not in str(body)


@pytest.mark.parametrize("known_from", ["values", "answers", "event"])
def test_details_made_before_a_guest_was_known_are_not_sent(known_from: str) -> None:
    rendering = rendering_of(FULL, Settings(), "UTC")
    values = crm_fields(FULL, rendering)
    event = event_of(inserted({
        "start": {"date": "2026-11-21"}, "end": {"date": "2026-11-22"}, "attendees": [{"email": "ann@x.com"}],
    }))  # fmt: skip
    if known_from == "values":
        values["attendees"] = [{"email": "ann@x.com", "name": None}]

    body = event_body(
        values,
        {"details"},
        rendering,
        responses={"ann@x.com": "accepted"} if known_from == "answers" else {},
        event=event if known_from == "event" else None,
    )

    assert not any(secret in str(body) for secret in SECRETS)


def test_a_guest_added_in_google_changes_what_is_shown() -> None:
    alone = crm_fields(FULL, rendering_of(FULL, Settings(), "UTC"))
    joined = crm_fields(FULL, rendering_of(FULL, Settings(), "UTC", google_guests=True))

    assert alone["details"] != joined["details"]
    assert not any(secret in str(joined["details"]) for secret in SECRETS)


def test_a_word_of_the_crms_own_is_shown_as_it_is() -> None:
    shown = details_of(Content(type="site visit"), Settings(description_template="{description}{type}"), guests=False)

    assert shown == {"above": None, "below": "site visit", "internal": True}


def test_html_in_notes_is_shown_as_text() -> None:
    shown = details_of(Content(notes="<p>a</p>b"), Settings(description_template="{description}{notes}"), guests=False)

    assert shown == {"above": None, "below": "a\n\nb", "internal": True}


def test_an_unknown_language_reads_english() -> None:
    assert details_of(FULL, Settings(language="pl"), guests=True) == details_of(FULL, Settings(), guests=True)


def test_the_event_shows_the_block_as_it_was_made() -> None:
    content = Content(title="x", start="2026-11-21", zoom_url="https://zoom.us/j/1")
    rendering = rendering_of(content, Settings(), "UTC")
    crm = crm_fields(content, rendering)

    google = google_fields(event_of(inserted(event_body(crm, crm.keys(), rendering, create=True))), rendering)

    assert google["details"] == crm["details"]
