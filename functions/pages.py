"""Small pages for a browser that is not in the CRM: what happened and what to do, in plain HTML without any script.

Texts never show a token, a mail address or what Google answered. Start at `page_response`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from html import escape

from flask import Response

STYLE = """\
:root{color-scheme:light dark;--ink:#1d2330;--paper:#f6f7f9;--card:#fff;--soft:#5b6472;--accent:#2456c9;--edge:#dfe3ea}
@media(prefers-color-scheme:dark){
:root{--ink:#e7eaf0;--paper:#14171d;--card:#1e222b;--soft:#a2abba;--accent:#8fb0ff;--edge:#323844}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);color:var(--ink);
font:1rem/1.55 system-ui,sans-serif}
main{width:100%;max-width:34rem;padding:2rem;background:var(--card);border:1px solid var(--edge);border-radius:.75rem}
h1{margin:0 0 .75rem;font-size:1.4rem;line-height:1.3}
p,ul{margin:0 0 1rem;color:var(--soft)}
main>:last-child{margin-bottom:0}
li{margin:.25rem 0}
code{color:var(--ink);font-size:.95em}
nav{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
a{color:var(--accent);padding:.55rem 1rem;border:1px solid currentColor;border-radius:.5rem;text-decoration:none}
a:first-child{background:var(--accent);color:var(--card)}
a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode("ascii")

_CODE, _AS_CODE = re.compile(r"`([^`]+)`"), r"<code>\1</code>"

HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every answer to a browser: nothing is loaded, kept or passed on, and no other page frames it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a page says.

    Args:
        title: What happened.
        lines: What it means and what to do, a paragraph each.
        points: A list below them.
        links: Where to go on, as (text, address); the first is the one most people want.
    """

    title: str
    lines: tuple[str, ...]
    points: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def page_response(text: Text, status: int) -> Response:
    """The page as an answer."""
    return Response(page_html(text), status=status, content_type="text/html; charset=utf-8", headers=HEADERS)


def page_html(text: Text) -> str:
    """The page; everything in it is escaped, and what stands between backticks is code."""
    lines = "".join(f"<p>{_CODE.sub(_AS_CODE, escape(line))}</p>" for line in text.lines)
    points = "".join(f"<li>{escape(point)}</li>" for point in text.points)
    links = "".join(f'<a href="{escape(address)}">{escape(name)}</a>' for name, address in text.links)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(text.title)}</title><style>{STYLE}</style></head><body><main><h1>{escape(text.title)}</h1>"
        f"{lines}{f'<ul>{points}</ul>' if points else ''}{f'<nav>{links}</nav>' if links else ''}</main></body></html>"
    )
