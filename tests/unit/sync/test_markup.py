"""HTML read into lines and written in one spelling."""

import pytest
from hypothesis import given

from shared.sync.markup import html_of, read_html, text_of
from tests.unit.sync import made

DETOUR = "https://www.google.com/url?q=https%3A%2F%2Fx.y%2Fa%3Fb%3D1&sa=D&source=calendar"


@pytest.mark.parametrize(
    ("source", "spelled"),
    [
        ("a\nb", "a<br>b"),
        ("a<br />\nb", "a<br>b"),
        ("<p>a</p>\n<p>b</p>", "a<br><br>b"),
        ("<div>a</div>\n<div>b</div>", "a<br>b"),
        ("a<br><br><br><br>b", "a<br><br>b"),
        ("  a &nbsp; b  ", "a b"),
        ("<strong>a</strong> <em>b</em> <del>c</del>", "<b>a</b> <i>b</i> <s>c</s>"),
        ("<i><b>a</b></i>", "<b><i>a</i></b>"),
        ("<b>a</b><b>b</b>", "<b>ab</b>"),
        ("<b></b>a<i> </i>", "a"),
        ("<h2>A</h2>b", "<b>A</b><br><br>b"),
        ("x<ul>\n<li>a</li>\n<li><p>b</p></li>\n</ul>y", "x<ul><li>a</li><li>b</li></ul>y"),
        ("x<br><br><ul><li>a</li></ul><br>y", "x<ul><li>a</li></ul>y"),
        ("<ol><li>a<ul><li>b</li></ul></li></ol>", "<ol><li>a</li></ol><ul><li>b</li></ul>"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b<br>c"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("Ann <ann@x.com> <3", "Ann &lt;ann@x.com&gt; &lt;3"),
        ("e\u0301", "\u00e9"),
    ],
)
def test_many_spellings_are_one(source: str, spelled: str) -> None:
    assert html_of(read_html(source)) == spelled


@pytest.mark.parametrize(
    ("source", "spelled"),
    [
        ("<a href='https://x.y/' target=_blank>https://x.y</a>", "https://x.y"),
        ("<a href='mailto:ann@x.com'>ann@x.com</a>", "ann@x.com"),
        ("<a href='https://x.y?a=1&amp;b=2'>here</a>", '<a href="https://x.y?a=1&amp;b=2">here</a>'),
        (f"<a href='{DETOUR}'>here</a>", '<a href="https://x.y/a?b=1">here</a>'),
    ],
)
def test_a_link_stays_unless_it_shows_itself(source: str, spelled: str) -> None:
    assert html_of(read_html(source)) == spelled


@pytest.mark.parametrize(
    "source",
    [
        "a<script>alert(1)</script>",
        "<span onclick='alert(1)' style='position:fixed'>a</span>",
        "<a href='javascript:alert(1)'>a</a>",
        "<a href='https://www.google.com/url?q=javascript:alert(1)'>a</a>",
        "<a href='//evil.example'>a</a>",
        "<img src=x onerror=alert(1)>a",
        "<iframe src='https://evil.example'>x</iframe>a",
        "<svg><script>alert(1)</script></svg>a",
        "<!-- x -->a",
        "<style>b{}</style>a",
    ],
)
def test_nothing_that_acts_survives(source: str) -> None:
    assert html_of(read_html(source)) == "a"


def test_what_was_escaped_stays_text() -> None:
    assert html_of(read_html("&lt;script&gt;alert(1)&lt;/script&gt;")) == "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a<br><b>b</b>", "a\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "• a\n• b"),
        ("see <a href='https://x.y/z'>the <b>page</b></a> now", "see the page (https://x.y/z) now"),
        ("<a href='https://x.y/'>https://x.y</a>", "https://x.y"),
        ("a &lt; b", "a < b"),
    ],
)
def test_html_reads_as_plain_text(source: str, text: str) -> None:
    assert text_of(read_html(source)) == text


@given(made.texts)
def test_one_spelling_is_read_as_itself(source: str) -> None:
    spelled = html_of(read_html(source))

    assert html_of(read_html(spelled or "")) == spelled
