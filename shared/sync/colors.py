"""Google's eleven event colours, and the nearest of them for any colour.

`colors.get` needs a wider permission than Tandem asks for, and its answer is the same since 2012: it is kept here.
Source: https://developers.google.com/workspace/calendar/api/v3/reference/colors
"""

from __future__ import annotations

import colorsys
import math

import msgspec


class EventColor(msgspec.Struct, frozen=True, kw_only=True):
    """One colour: Google's name, the shade that the API tells and the shade that Google's pages show."""

    name: str
    api: str
    shown: str


EVENT_COLORS: dict[str, EventColor] = {
    "1": EventColor(name="Lavender", api="#a4bdfc", shown="#7986cb"),
    "2": EventColor(name="Sage", api="#7ae7bf", shown="#33b679"),
    "3": EventColor(name="Grape", api="#dbadff", shown="#8e24aa"),
    "4": EventColor(name="Flamingo", api="#ff887c", shown="#e67c73"),
    "5": EventColor(name="Banana", api="#fbd75b", shown="#f6bf26"),
    "6": EventColor(name="Tangerine", api="#ffb878", shown="#f4511e"),
    "7": EventColor(name="Peacock", api="#46d6db", shown="#039be5"),
    "8": EventColor(name="Graphite", api="#e1e1e1", shown="#616161"),
    "9": EventColor(name="Blueberry", api="#5484ed", shown="#3f51b5"),
    "10": EventColor(name="Basil", api="#51b749", shown="#0b8043"),
    "11": EventColor(name="Tomato", api="#dc2127", shown="#d50000"),
}
GRAPHITE = "8"
_GREY = 0.12
"""Below this difference between the strongest and the weakest of red, green and blue, nobody names a hue."""


def nearest(hex_color: str) -> str:
    """The colorId that looks most like `#rrggbb`.

    Hue and saturation count twice as much as lightness, and each colour is judged by the nearer of its two shades.
    """
    red, green, blue = _rgb(hex_color)
    if max(red, green, blue) - min(red, green, blue) < _GREY:
        return GRAPHITE
    point = _point(hex_color)
    return min(EVENT_COLORS, key=lambda color_id: min(math.dist(point, shade) for shade in _SHADES[color_id]))


def hex_of(color_id: str | None) -> str | None:
    """The shade that Google's pages show for a colorId; None for the calendar's own and for ids unknown here."""
    color = EVENT_COLORS.get(color_id or "")
    return color.shown if color else None


def _rgb(hex_color: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(hex_color.removeprefix("#"))
    return red / 255, green / 255, blue / 255


def _point(hex_color: str) -> tuple[float, float, float]:
    """A place in the cylinder of hue, saturation and (at half weight in the squared distance) lightness."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(hex_color))
    angle = math.tau * hue
    return lightness * math.sqrt(0.5), saturation * math.cos(angle), saturation * math.sin(angle)


_SHADES = {color_id: (_point(color.api), _point(color.shown)) for color_id, color in EVENT_COLORS.items()}
