"""Every relative link of every page leads to something that exists, its fragment included."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, anchors, links


def _outside(link: str) -> bool:
    return link.startswith(("http://", "https://", "mailto:"))


def _leads_somewhere(path: Path, link: str) -> bool:
    target, _, fragment = link.partition("#")
    file = (path.parent / target).resolve() if target else path
    if not file.exists() or not file.is_relative_to(ROOT):
        return False
    return not fragment or fragment in anchors(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_lead_somewhere(path: Path) -> None:
    inside = [link for link in links(path.read_text(encoding="utf-8")) if not _outside(link)]

    assert [link for link in inside if not _leads_somewhere(path, link)] == []


def test_every_page_is_reached_from_the_readme() -> None:
    seen, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        current = waiting.pop()
        if current in seen or current.suffix != ".md" or not current.exists():
            continue
        seen.add(current)
        found = links(current.read_text(encoding="utf-8"))
        waiting += [(current.parent / link.partition("#")[0]).resolve() for link in found if not _outside(link)]

    assert seen == set(PAGES)
