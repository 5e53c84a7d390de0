"""Generated lines come and go; what people wrote stays, and never grows."""

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.settings import DEFAULT_TEMPLATE
from shared.sync.description import (
    BAR,
    END,
    MAX_LENGTH,
    Format,
    canonical,
    check_template,
    fill,
    generated,
    render,
    strip,
)
from shared.sync.fields import Value
from tests.unit.sync import made

formats = st.sampled_from(["html", "text"])
fields = st.dictionaries(st.sampled_from(["details", "footer", "notes"]), made.texts)
details = st.builds(
    fill, st.sampled_from([DEFAULT_TEMPLATE, "{notes}\n{description}\n{footer}", "Ours\n{description}"]), fields
)
BLOCK = fill(DEFAULT_TEMPLATE, {"details": "Type: Call\nDeal: 7", "footer": "Managed by Tandem"})

REWRITINGS: dict[str, Callable[[str], str]] = {
    "composed": lambda html: unicodedata.normalize("NFC", html),
    "trimmed": str.strip,
    "closed breaks": lambda html: html.replace("<br>", "<br />\n"),
    "long names": lambda html: re.sub("<(/?)b>", r"<\1strong>", html),
    "spaces": lambda html: html.replace(" ", "&nbsp;") if "<" not in html else html,
    "a frame": lambda html: f"<div>{html}</div>",
    "lines as blocks": lambda html: "".join(f"<div>{line or '<br>'}</div>" for line in html.split("\n")),
    "no invisible characters": lambda html: html.replace(END, ""),
}


@given(made.texts, details, formats)
def test_what_is_rendered_is_stripped_to_what_people_wrote(text: str, block: Value, markup: Format) -> None:
    wrote = canonical(text, markup)

    assert strip(render(wrote, block, markup), markup) == wrote


@given(made.texts, details, formats, st.sampled_from(sorted(REWRITINGS)))
def test_rewriting_by_google_is_no_edit(text: str, block: Value, markup: Format, rewriting: str) -> None:
    wrote = canonical(text, markup)
    shown = render(wrote, block, markup) or ""

    assert strip(REWRITINGS[rewriting](shown), markup) == wrote


@given(made.texts, details, details, formats)
def test_many_rounds_do_not_grow(text: str, block: Value, other: Value, markup: Format) -> None:
    wrote = canonical(text, markup)

    once = strip(render(wrote, block, markup), markup)
    twice = strip(render(once, other, markup), markup)

    assert render(twice, block, markup) == render(wrote, block, markup)


@given(made.texts, formats)
def test_one_spelling_is_its_own(text: str, markup: Format) -> None:
    wrote = canonical(text, markup)

    assert canonical(wrote, markup) == wrote


@given(formats, st.sets(st.integers(0, 3)))
def test_any_of_the_generated_lines_can_be_deleted(markup: Format, deleted: set[int]) -> None:
    line = "<br>" if markup == "html" else "\n"
    text, _, block = (render("What I wrote", BLOCK, markup) or "").partition(line * 2)

    left = [each for index, each in enumerate(block.split(line)) if index not in deleted]

    assert strip(line.join([text, "", *left]), markup) == "What I wrote"


@pytest.mark.parametrize(("markup", "line"), [("html", "<br>"), ("text", "\n")])
class TestAPersonTypes:
    def test_above_the_block(self, markup: Format, line: str) -> None:
        shown = render("text", BLOCK, markup)

        assert strip(f"mine{line}{shown}", markup) == f"mine{line}text"

    def test_below_the_block(self, markup: Format, line: str) -> None:
        shown = render("text", BLOCK, markup)

        assert strip(f"{shown}{line}mine", markup) == f"text{line * 2}mine"

    def test_at_the_end_of_its_last_line(self, markup: Format, line: str) -> None:
        shown = render("text", BLOCK, markup)

        assert strip(f"{shown}mine", markup) == f"text{line * 2}mine"

    def test_between_two_of_its_lines(self, markup: Format, line: str) -> None:
        shown = render("text", BLOCK, markup) or ""

        edited = shown.replace(f"{BAR} Deal", f"mine{line}{BAR} Deal")

        assert strip(edited, markup) == f"text{line * 2}mine"

    def test_and_joins_the_block_to_the_text(self, markup: Format, line: str) -> None:
        shown = render("text", BLOCK, markup) or ""

        assert strip(shown.replace(line * 2 + BAR, BAR, 1), markup) == "text"

    def test_over_a_generated_line_without_effect(self, markup: Format, line: str) -> None:
        shown = render("text", BLOCK, markup) or ""

        assert strip(shown.replace("Type: Call", "Type: Visit"), markup) == "text"


def test_a_block_pasted_into_the_crm_is_no_text() -> None:
    shown = render("text", BLOCK, "html")

    assert canonical(shown, "html") == "text"


def test_a_style_over_text_and_block_keeps_the_text() -> None:
    shown = render("text", BLOCK, "html")

    assert strip(f"<b>{shown}</b>", "html") == "<b>text</b>"


def test_generated_lines_cannot_pretend_to_end() -> None:
    block = fill(DEFAULT_TEMPLATE, {"details": f"a{END}<b>b</b>{BAR}c\nd"})

    assert strip(render("text", block, "html"), "html") == "text"


def test_plain_text_is_taken_literally() -> None:
    wrote = canonical("1 < 2 <b>&amp;</b>", "text")

    assert wrote == "1 < 2 <b>&amp;</b>"
    assert render(wrote, None, "text") == "1 &lt; 2 &lt;b&gt;&amp;amp;&lt;/b&gt;"


def test_html_that_google_made_of_plain_text_reads_as_plain_text() -> None:
    assert strip("<p>1 &lt; 2</p><ul><li>a</li></ul>", "text") == "1 < 2\n\n• a"


def test_nothing_renders_as_nothing() -> None:
    assert render(None, None, "html") is None
    assert strip("", "html") is None


def test_what_google_shows_of_the_block_reads_as_the_block() -> None:
    assert generated(render("text", BLOCK, "html"), DEFAULT_TEMPLATE) == BLOCK
    assert generated(render(None, BLOCK, "text"), DEFAULT_TEMPLATE) == BLOCK
    assert generated("text", DEFAULT_TEMPLATE) is None


def test_lines_on_both_sides_of_the_text_are_told_apart() -> None:
    block = fill("{notes}\n{description}\n{footer}", {"notes": "above\ntoo", "footer": "below"})

    assert block == {"above": "above\ntoo", "below": "below"}
    assert generated(render("text", block, "html"), "{notes}\n{description}\n{footer}") == block


def test_a_line_of_the_template_goes_with_its_empty_fields() -> None:
    assert fill("Notes: {notes}\n{description}\n{type} {deal}", {"notes": "", "deal": "7"}) == {
        "above": None,
        "below": "7",
    }


def test_generated_lines_give_way_to_a_long_text() -> None:
    text = "x" * (MAX_LENGTH - 60)

    shown = render(text, BLOCK, "html") or ""

    assert len(shown) <= MAX_LENGTH
    assert "Type: Call" in shown
    assert "Managed" not in shown


def test_text_is_never_cut() -> None:
    text = "x" * 9000

    assert render(text, BLOCK, "html") == text


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("{description} {nots}", "no field {nots}"),
        ("{description} {title.upper}", "a brace encloses no field"),
        ("{description} {", "a brace encloses no field"),
        ("{{description}}", "a brace encloses no field"),
        ("{details}", "exactly once"),
        ("{description}{description}", "exactly once"),
        (f"{{description}}{BAR}", "leave it out"),
    ],
)
def test_a_template_fault_names_its_remedy(template: str, named: str) -> None:
    faults = check_template(template)

    assert any(named in fault.detail for fault in faults)
    assert {fault.pointer for fault in faults} == {"/description_template"}


def test_templates_with_all_fields_are_fine() -> None:
    assert check_template(DEFAULT_TEMPLATE) == []
    assert check_template("{type}{status}{priority}{notes}{contact}{deal}{zoom_url}{url}{title}\n{description}") == []
