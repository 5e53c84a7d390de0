"""A11: descriptions as HTML: faithful on the way out, cleaned on the way in, and a rewriting by Google is no edit."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.scenarios.rows.scene import CALL, event_id
from tests.scenarios.stage import Stage

PLAIN = {"description_template": "{description}"}
LETTER = (
    "<p>Dear <b>Bob</b>, see <i>our</i> <a href='https://crm.example/1?a=1&amp;b=2'>offer</a>:</p>"
    "<ul><li>flat &lt; 100 m²</li><li>garden</li></ul>"
)
SHOWN = (
    'Dear <b>Bob</b>, see <i>our</i> <a href="https://crm.example/1?a=1&amp;b=2">offer</a>:'
    "<ul><li>flat &lt; 100 m²</li><li>garden</li></ul>"
)


def test_a11_html_stands_in_google_as_the_crm_wrote_it(stage: Stage) -> None:
    anna = stage.connect(settings=PLAIN)

    stage.crm.put("t1", **CALL, description=LETTER)

    assert anna.person.event(stage.crm.synced("t1"))["description"] == SHOWN


def test_a11_what_google_makes_of_html_is_no_edit(stage: Stage, google_does: Callable[..., None]) -> None:
    google_does(rewriting="always")
    anna = stage.connect()
    stage.crm.put("t1", **CALL, description=LETTER, notes="Bring plans")
    before = stage.crm.synced("t1")

    anna.person.edit(event_id(before), colorId="6")
    anna.sync()

    after = stage.crm.synced("t1")
    assert (after["description"], after["version"]) == (LETTER, before["version"])


@pytest.mark.parametrize(
    ("written", "arrives"),
    [
        ("<b>Hi</b><script>steal()</script>", "<b>Hi</b>"),
        ('<img src="x" onerror="steal()">Hi', "Hi"),
        ('<a href="javascript:steal()" onclick="steal()">Hi</a>', "Hi"),
        ('<iframe src="https://evil.example/"></iframe><style>b{}</style>Hi', "Hi"),
        ('<a href="https://good.example/" style="color:red">Hi</a>', '<a href="https://good.example/">Hi</a>'),
    ],
)
def test_a11_html_from_google_arrives_clean(stage: Stage, written: str, arrives: str) -> None:
    anna = stage.connect()
    stage.crm.put("t1", **CALL)

    anna.person.edit(event_id(stage.crm.synced("t1")), description=written)

    assert stage.crm.synced("t1", description=arrives)


def test_a11_as_text_tags_are_letters_and_markup_of_people_is_read(stage: Stage) -> None:
    anna = stage.connect(settings={**PLAIN, "description_format": "text"})
    stage.crm.put("t1", **CALL, description="if a < b:\nuse <b>")
    task = stage.crm.synced("t1")

    assert anna.person.event(task)["description"] == "if a &lt; b:\nuse &lt;b&gt;"

    anna.person.edit(event_id(task), description="<p>one <b>two</b></p><ul><li>three</li></ul>")
    assert stage.crm.synced("t1", description="one two\n• three")
