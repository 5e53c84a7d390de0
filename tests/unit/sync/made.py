"""Contents, settings and texts of every kind, for properties."""

from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from msgspec import UNSET

from shared.model.content import Attendee, Contact, Content, Reminder
from shared.model.settings import DEFAULT_TEMPLATE, Settings

PIECES = (
    "<b>", "</b>", "<br>", "<br />\n", "<p>", "</p>", "<ul>", "<li>", "</li>", "</ul>", "<ol>", "</ol>", "<div>",
    "</div>", "<i>", "</i>", "<h1>", "</h1>", "<td>", "<a href='https://x.y/'>", "</a>", "https://x.y",
    "<script>x</script>", "&nbsp;", "&lt;", "<", ">", "&", "a", "b ", " ", "\n", "\r\n", "\t", "\u258f", "\u2063",
    "\u200b", "\u0301", "\u0338", "e", "✓ ", "é",
)  # fmt: skip
texts = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="ab <>/&;\n\t\u258f\u2063\u0338\u0301 e\xa0-", max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join),
)
zones = st.sampled_from(["Europe/Rome", "America/New_York", "Asia/Kolkata", "UTC", "Pacific/Apia"])
templates = st.sampled_from([
    DEFAULT_TEMPLATE,
    "{description}",
    "{footer}\n{description}",
    "From the CRM\n{type}: {title}\n{description}\n{notes}\n{footer}",
])  # fmt: skip
settings = st.builds(
    Settings,
    on_done=st.sampled_from(["keep", "check", "color", "free"]),
    description_format=st.sampled_from(["html", "text"]),
    description_template=templates,
)
mails = st.sampled_from(["ann@x.com", "Bob@x.com", "cy@y.org", "dee@z.net"])
reminders = st.builds(Reminder, method=st.sampled_from(["popup", "email"]), minutes=st.integers(0, 40320))
attendees = st.lists(st.builds(Attendee, email=mails, name=st.none() | texts), max_size=3, unique_by=lambda a: a.email)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Never said, cleared, or said."""
    return st.one_of(st.just(UNSET), st.none(), strategy)


_spoken: dict[str, st.SearchStrategy[Any]] = {
    "title": maybe(texts),
    "description": maybe(texts),
    "location": maybe(texts),
    "notes": maybe(texts),
    "deal": maybe(texts),
    "type": maybe(st.sampled_from(["call", "meeting", "other", "some thing"])),
    "priority": maybe(st.sampled_from(["low", "high"])),
    "status": st.sampled_from([UNSET, "open", "done"]),
    "private": maybe(st.booleans()),
    "busy": maybe(st.booleans()),
    "url": maybe(st.just("https://crm.example/1?a=b&c=d")),
    "zoom_url": maybe(st.just("https://zoom.us/j/1?pwd=a&b=c")),
    "contact": maybe(st.builds(Contact, name=st.none() | texts, email=st.none() | mails)),
    "conference": maybe(st.just("google_meet")),
    "color": maybe(st.integers(0, 0xFFFFFF).map("#{:06x}".format)),
    "reminders": maybe(st.lists(reminders, max_size=5).map(tuple)),
    "attendees": maybe(attendees.map(tuple)),
}
_days_of = st.dates(date(2000, 1, 1), date(2100, 1, 1))
_moments_of = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - local times, as CRMs send them


@st.composite
def _all_day(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(_days_of)
    end = draw(st.none() | st.integers(1, 40).map(lambda days: (start + timedelta(days=days)).isoformat()))
    rule = ("RRULE:FREQ=WEEKLY;UNTIL=21001231", "EXDATE;VALUE=DATE:20261121")
    return {"start": start.isoformat(), "end": end, "recurrence": draw(maybe(st.just(rule)))}


@st.composite
def _timed(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(_moments_of)
    length = draw(st.none() | st.integers(0, 100_000).map(lambda seconds: timedelta(seconds=seconds)))
    end = None if length is None else start + length
    zone = draw(zones)
    rule = ("RRULE:BYDAY=TH,MO;FREQ=WEEKLY;UNTIL=21001231", "EXDATE:20261121T100000")
    rules = draw(maybe(st.just(rule)))
    if draw(st.booleans()):
        local = {"start": start.isoformat(), "end": end and end.isoformat()}
    else:
        local = {"start": f"{start.isoformat()}+02:00", "end": end and f"{end.isoformat()}+02:00"}
    return {**local, "time_zone": zone if rules else draw(maybe(st.just(zone))), "recurrence": rules}


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """A content without faults that has a start."""
    spoken = {name: draw(strategy) for name, strategy in _spoken.items()}
    return Content(**spoken, **draw(st.one_of(_all_day(), _timed())))
