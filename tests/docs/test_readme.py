"""The README tells what holds: one decision table on all pages, and pictures for light and dark."""

from __future__ import annotations

from tests.docs.pages import ROOT, links, page, rows

TABLE = "CRM \\ Google"


def _decisions(name: str) -> list[tuple[str, ...]]:
    return [tuple(cell.partition(":")[0] for cell in row) for row in rows(page(name), TABLE)]


def test_every_page_shows_the_same_decisions() -> None:
    shown = _decisions("README.md")

    assert [row[0] for row in shown] == ["**unchanged**", "**changed**", "**gone**"]
    assert [row[1] for row in shown] == [row[1] for row in _decisions("docs/decisions.md")]
    assert shown[2] == _decisions("docs/decisions.md")[2]


def test_the_picture_is_there_for_light_and_dark() -> None:
    pictures = [link for link in links(page("README.md")) if link.endswith(".png")]

    assert pictures == ["docs/images/demo-dark.png", "docs/images/demo-light.png"]
    assert all((ROOT / picture).stat().st_size > 10_000 for picture in pictures)
