"""The project's pages as values: fenced blocks with their directives, tables, links. Reads files, runs nothing.

A directive is an HTML comment on the line above a block: `<!-- test: where -->`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = tuple(sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]))
_FENCED = re.compile(
    r"(?:<!-- test: (?P<directive>[^>]+?) -->\n)?^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block.

    Args:
        line: Where it begins, counted from 1.
    """

    kind: str
    text: str
    directive: str | None
    line: int


def page(name: str) -> str:
    """The text of a page, by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks, in order."""
    for found in _FENCED.finditer(text):
        yield Block(
            kind=found["kind"],
            text=found["text"],
            directive=found["directive"],
            line=text.count("\n", 0, found.start()) + 1,
        )


def unfenced(text: str) -> str:
    """The page without its blocks."""
    return _FENCED.sub("", text)


def links(text: str) -> list[str]:
    """Where the page points to, images included, in order."""
    return [link or source for link, source in _LINK.findall(unfenced(text))]


def anchors(text: str) -> set[str]:
    """The fragments that the page's headings answer to, as GitHub makes them."""
    plain = (re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()) for heading in _HEADING.findall(unfenced(text)))
    return {heading.strip().replace(" ", "-") for heading in plain}


def rows(text: str, first_heading: str) -> list[tuple[str, ...]]:
    """The rows of every table whose first column has this heading; cells as written, without outer space."""
    found: list[tuple[str, ...]] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
            continue
        cells = tuple(cell.replace("\\|", "|").strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")))
        if cells[0] == first_heading:
            inside = True
        elif inside and not re.fullmatch(r":?-+:?", cells[0]):
            found.append(cells)
    return found
