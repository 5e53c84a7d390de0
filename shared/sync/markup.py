"""HTML as lines of styled text, which is all that a calendar shows of it, and back in one spelling.

Google's pages rewrite what they are given: paragraphs become breaks, addresses become links, blanks become entities.
Read into lines, all of these are the same. Start at `read_html`; `html_of` and `text_of` write.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from itertools import groupby
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import nh3

from shared.sync.text import composed, plain, sendable

_STYLES = {"b": "b", "strong": "b", "i": "i", "em": "i", "u": "u", "ins": "u", "s": "s", "strike": "s", "del": "s"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_PARAGRAPHS = {"p", "blockquote", "pre", "table", "dl", "hr", *_HEADINGS}
_BLOCKS = {"div", "tr", "dt", "dd", "address", "article", "aside", "caption", "footer", "header", "section"}
_LISTS = {"ul", "ol"}
_READ = {*_STYLES, *_PARAGRAPHS, *_BLOCKS, *_LISTS, "li", "a", "br", "td", "th"}
_HIDDEN = {"script", "style", "iframe", "svg", "math", "object", "template", "title"}
_KNOWN = (
    _READ | _HIDDEN | nh3.ALLOWED_TAGS | {"html", "head", "body", "font", "big", "meta", "link", "main", "form", "o:p"}
)
_STRAY = re.compile(
    r"<(?!/?(?:" + "|".join(sorted(map(re.escape, _KNOWN))) + r")(?:\s[^<>]*|/)?>|!--.*?-->|!doctype[^<>]*>)",
    re.IGNORECASE | re.DOTALL,
)
"""A `<` that opens no tag: a comparison, an arrow, a mail address in angle brackets."""
_SCHEMES = {"http", "https", "mailto", "tel"}
_DETOURS = ("https://www.google.com/url?", "http://www.google.com/url?")


class Run(NamedTuple):
    """Text of one style; `style` holds letters of "bius" in this order."""

    text: str
    style: str = ""
    href: str | None = None


class Line(NamedTuple):
    """One line of text, or one item of a list when `kind` is "ul" or "ol"."""

    runs: tuple[Run, ...] = ()
    kind: str = ""


def read_html(source: str) -> list[Line]:
    """The lines of any HTML, or of plain text, made safe: styles, lists and links to web, mail and phone remain."""
    marked = _STRAY.sub("&lt;", sendable(source))
    safe = nh3.clean(
        marked,
        tags=_READ,
        clean_content_tags=_HIDDEN,
        attributes={"a": {"href"}},
        link_rel=None,
        url_schemes=_SCHEMES,
        url_relative="deny",
    )
    reader = _Reader()
    reader.feed(safe)
    reader.close()
    return reader.lines


def read_text(source: str) -> list[Line]:
    """The lines of a plain text."""
    return [Line((Run(line),)) for line in sendable(source).split("\n")]


def html_of(lines: Iterable[Line]) -> str | None:
    """The lines as HTML, spelled in one way; None when nothing is left."""
    written: list[str] = []
    for kind, group in groupby(_tidy(lines), key=lambda line: line.kind):
        inner = ["".join(map(_tagged, line.runs)) for line in group]
        written.append(
            f"<{kind}>{''.join(f'<li>{item}</li>' for item in inner)}</{kind}>" if kind else "<br>".join(inner)
        )
    return "".join(written) or None


def text_of(lines: Iterable[Line]) -> str:
    """The lines as plain text, not yet tidied: items have a bullet, links their address in brackets."""
    return "\n".join(("• " if line.kind else "") + _linked(line.runs) for line in lines)


def escaped(text: str) -> str:
    """Plain text as HTML; a stroke that would melt into the `>` of a tag when composed is written as a number."""
    return html.escape(text, quote=False).replace("\u0338", "&#824;")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self._runs: list[Run] = []
        self._styles: list[str] = []
        self._hrefs: list[str | None] = []
        self._lists: list[str] = []
        self._items: list[str] = []
        self._after_break = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._boundary(tag)
        if tag in _STYLES or tag in _HEADINGS:
            self._styles.append(_STYLES.get(tag, "b"))
        elif tag == "a":
            self._hrefs.append(_address(dict(attrs).get("href")))
        elif tag in _LISTS:
            self._lists.append(tag)
        elif tag == "li":
            self._items.append(self._lists[-1] if self._lists else "ul")
        elif tag == "br":
            self._break()

    def handle_endtag(self, tag: str) -> None:
        self._boundary(tag)
        if tag in _STYLES or tag in _HEADINGS:
            self._styles.remove(_STYLES.get(tag, "b"))
        elif tag == "a":
            self._hrefs.pop()
        elif tag in _LISTS:
            self._lists.pop()
        elif tag == "li":
            self._items.pop()

    def handle_data(self, data: str) -> None:
        if self._lists and not self._items and data.isspace():
            return
        text = sendable(data)
        first, *rest = (re.sub(r"^[ \t]*\n", "", text) if self._after_break else text).split("\n")
        self._after_break = False
        self._add(first)
        for line in rest:
            self._break()
            self._add(line)

    def close(self) -> None:
        super().close()
        self._fresh()

    def _boundary(self, tag: str) -> None:
        if tag in {"li", *_LISTS}:
            self._fresh()
        elif tag in {"td", "th"} or (self._items and tag in _PARAGRAPHS | _BLOCKS):
            self._add(" ")
        elif tag in _PARAGRAPHS | _BLOCKS:
            self._fresh()
            if tag in _PARAGRAPHS:
                self.lines.append(Line())
        self._after_break = tag == "br" or tag in _PARAGRAPHS | _BLOCKS | _LISTS | {"li"}

    def _add(self, text: str) -> None:
        if text:
            style = "".join(letter for letter in "bius" if letter in self._styles)
            self._runs.append(Run(text, style, self._hrefs[-1] if self._hrefs else None))

    def _break(self) -> None:
        if self._items:
            self._add(" ")
        else:
            self._end()

    def _fresh(self) -> None:
        if any(not run.text.isspace() for run in self._runs):
            self._end()
        self._runs = []

    def _end(self) -> None:
        self.lines.append(Line(tuple(self._runs), self._items[-1] if self._items else ""))
        self._runs = []


def _address(href: str | None) -> str | None:
    """The address a link leads to, without the detour that Google's pages put before it."""
    if not href:
        return None
    if href.startswith(_DETOURS):
        href = parse_qs(urlsplit(href).query).get("q", [href])[0]
    address = composed("%20".join(plain(href).split()))
    return address if address.partition(":")[0].lower() in _SCHEMES else None


def _tidy(lines: Iterable[Line]) -> list[Line]:
    """Lines as they are compared: no loose blanks, one empty line at most, none at the ends or beside a list."""
    kept: list[Line] = []
    gap = False
    for line in (Line(_simple(line.runs), line.kind) for line in lines):
        if not line.runs:
            gap = gap or not line.kind
            continue
        if gap and kept and not line.kind and not kept[-1].kind:
            kept.append(Line())
        kept.append(line)
        gap = False
    return kept


def _simple(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Runs with single spaces inside and none around, those of one style joined, links that show themselves cut."""
    spaced: list[Run] = []
    space = True
    for run in runs:
        text = re.sub(" +", " ", plain(run.text).replace("\n", " "))
        text = text.removeprefix(" ") if space else text
        if text:
            spaced.append(Run(text) if text == " " else run._replace(text=text))
            space = text.endswith(" ")
    while spaced and spaced[-1].text.endswith(" "):
        last = spaced.pop()
        if last.text != " ":
            spaced.append(last._replace(text=last.text[:-1]))
    shown = (run._replace(href=None) if _shows_itself(run) else run for run in _joined(spaced))
    return tuple(_joined(list(shown)))


def _joined(runs: Sequence[Run]) -> list[Run]:
    return [
        Run(composed("".join(run.text for run in group)), *key) for key, group in groupby(runs, key=lambda run: run[1:])
    ]


def _shows_itself(run: Run) -> bool:
    return run.href is not None and _bare(run.text) == _bare(run.href)


def _bare(address: str) -> str:
    return re.sub("^(https?://|mailto:|tel:)", "", address.strip().casefold()).rstrip("/")


def _tagged(run: Run) -> str:
    text = escaped(run.text)
    for letter in reversed(run.style):
        text = f"<{letter}>{text}</{letter}>"
    return f'<a href="{html.escape(run.href)}">{text}</a>' if run.href else text


def _linked(runs: Iterable[Run]) -> str:
    shown = ""
    for href, group in groupby(runs, key=lambda run: None if _shows_itself(run) else run.href):
        text = "".join(run.text for run in group)
        shown += f"{text.rstrip()} ({href}){' ' if text.endswith(' ') else ''}" if href else text
    return shown
