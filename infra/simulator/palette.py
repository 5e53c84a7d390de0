"""Google's colours, so that nobody calls for them twice. Values as `colors.get` answers them; names as its pages do."""

from infra.simulator.wire import JsonObject

_FOREGROUND = "#1d1d1d"

_EVENT = "a4bdfc 7ae7bf dbadff ff887c fbd75b ffb878 46d6db e1e1e1 5484ed 51b749 dc2127"
_CALENDAR = (
    "ac725e d06b64 f83a22 fa573c ff7537 ffad46 42d692 16a765 7bd148 b3dc6c fbe983 fad165 "
    "92e1c0 9fe1e7 9fc6e7 4986e7 9a9cff b99aff c2c2c2 cabdbf cca6ac f691b2 cd74e6 a47ae2"
)
EVENT_COLORS = {str(number): f"#{value}" for number, value in enumerate(_EVENT.split(), start=1)}
CALENDAR_COLORS = {str(number): f"#{value}" for number, value in enumerate(_CALENDAR.split(), start=1)}
PAGE_COLORS = {
    str(number): {"name": name, "background": value}
    for number, (name, value) in enumerate(
        (
            ("Lavender", "#7986cb"),
            ("Sage", "#33b679"),
            ("Grape", "#8e24aa"),
            ("Flamingo", "#e67c73"),
            ("Banana", "#f6bf26"),
            ("Tangerine", "#f4511e"),
            ("Peacock", "#039be5"),
            ("Graphite", "#616161"),
            ("Blueberry", "#3f51b5"),
            ("Basil", "#0b8043"),
            ("Tomato", "#d50000"),
        ),
        start=1,
    )
}
_PAGE_CALENDAR = (
    "795548 e67c73 d50000 f4511e ef6c00 f09300 009688 0b8043 7cb342 c0ca33 e4c441 f6bf26 "
    "33b679 039be5 4285f4 3f51b5 7986cb b39ddb 616161 a79b8e ad1457 d81b60 8e24aa 9e69af"
)
PAGE_CALENDAR_COLORS = {str(number): f"#{value}" for number, value in enumerate(_PAGE_CALENDAR.split(), start=1)}


def resource() -> JsonObject:
    """Write the answer of `colors.get`."""
    return {
        "kind": "calendar#colors",
        "updated": "2012-02-14T00:00:00.000Z",
        "calendar": _definitions(CALENDAR_COLORS),
        "event": _definitions(EVENT_COLORS),
    }


def _definitions(colors: dict[str, str]) -> JsonObject:
    return {number: {"background": value, "foreground": _FOREGROUND} for number, value in colors.items()}
