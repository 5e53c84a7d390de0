"""Google's eleven colours and the nearest of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.settings import DEFAULT_COLORS
from shared.sync.colors import EVENT_COLORS, hex_of, nearest


@pytest.mark.parametrize(
    ("type_", "name"),
    [("call", "Grape"), ("email", "Blueberry"), ("meeting", "Tomato"), ("task", "Basil"), ("follow_up", "Banana")],
)
def test_a_default_colour_is_the_one_its_type_is_known_by(type_: str, name: str) -> None:
    assert EVENT_COLORS[nearest(DEFAULT_COLORS[type_])].name == name


@pytest.mark.parametrize("color_id", EVENT_COLORS)
def test_both_shades_of_a_colour_are_nearest_to_it(color_id: str) -> None:
    color = EVENT_COLORS[color_id]

    assert [nearest(color.api), nearest(color.shown)] == [color_id, color_id]


@pytest.mark.parametrize("grey", ["#000000", "#FFFFFF", "#808080", "#FFFFF0"])
def test_what_has_no_hue_is_graphite(grey: str) -> None:
    assert EVENT_COLORS[nearest(grey)].name == "Graphite"


@pytest.mark.parametrize(
    ("color", "name"), [("#FF0000", "Tomato"), ("#0000FF", "Blueberry"), ("#FFFF00", "Banana"), ("#800080", "Grape")]
)
def test_a_plain_colour_goes_where_people_expect_it(color: str, name: str) -> None:
    assert EVENT_COLORS[nearest(color)].name == name


@given(st.integers(0, 0xFFFFFF).map("#{:06X}".format))
def test_every_colour_has_a_nearest(color: str) -> None:
    assert nearest(color) in EVENT_COLORS


def test_an_unknown_colour_id_has_no_shade() -> None:
    assert [hex_of(None), hex_of("12"), hex_of("9")] == [None, None, "#3f51b5"]
