"""The description of an event: what people wrote, and the lines that Tandem generates around it.

Every generated line begins with a thin bar and ends with an invisible separator, and inbound exactly the text between
these two is cut out. So no line depends on another: a person may type above, below or between them, delete some or all,
or move them; nothing a person typed is lost, and nothing generated comes back as text. A line without its separator is
generated to its end. Bars are visible, so people see what is not theirs, and rewriting of HTML does not touch text. A
bar in the CRM's own text is taken for a generated line that was pasted there, and left out.

Start at `render` and `strip`, which is its reverse.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from shared.errors import Fault
from shared.sync.fields import Value
from shared.sync.markup import Line, escaped, html_of, read_html, read_text, text_of
from shared.sync.text import one_line, paragraphs, sendable

Format: TypeAlias = Literal["html", "text"]

BAR = "\u258f"
END = "\u2063"
MAX_LENGTH = 8192
"""Characters that Google keeps of a description; known from vendors only."""
TEMPLATE_FIELDS = frozenset({
    "contact", "deal", "description", "details", "footer", "notes", "priority", "status", "title", "type", "url",
    "zoom_url",
})  # fmt: skip
_PLACE = re.compile(r"\{([a-z_]+)\}")


def canonical(text: str | None, markup: Format) -> str | None:
    """What people wrote, in the spelling that is compared and sent; None when that is nothing.

    For "html" any HTML or plain text becomes safe HTML; for "text" the text is taken literally.
    """
    lines = read_html(text or "") if markup == "html" else read_text(text or "")
    return _written(lines, markup)


def as_text(text: str | None, markup: Format) -> str | None:
    """What people wrote, as plain text; None when that is nothing."""
    return _written(read_html(text or "") if markup == "html" else read_text(text or ""), "text")


def as_html(text: str | None) -> str | None:
    """Plain text in the canonical spelling of HTML: `as_text(as_html(text), "html")` is the text again."""
    return _written(read_text(text or ""), "html")


def render(text: str | None, details: Value, markup: Format) -> str | None:
    """Google's description: the canonical text with the generated lines around it; None when there is nothing.

    Generated lines that no longer fit into Google's limit are left out, last ones first; the text itself is never cut.
    """
    above, below = _generated(details, "above"), _generated(details, "below")
    body = text if markup == "html" else escaped(text) if text else None
    room = MAX_LENGTH - len(body or "") - 2 * len("<br><br>")
    return _stacked(_block(above, markup, room), body, _block(below, markup, room - len(above)), markup)


def strip(description: str | None, markup: Format) -> str | None:
    """What people wrote in Google's description, canonical: `strip(render(text, …)) == canonical(text)`."""
    return _written(read_html(description or ""), markup)


def generated(description: str | None, template: str) -> Value:
    """The generated lines that Google's description shows, as the canonical `details`; None when it shows none."""
    above: list[str] = []
    below: list[str] = []
    written = False
    for line in read_html(description or ""):
        text = "".join(run.text for run in line.runs)
        found = re.findall(f"{BAR}([^{END}]*)", text)
        (below if written else above).extend(found)
        written = written or bool(_outside(line).runs)
    if not written and not template.partition("{description}")[0].strip():
        above, below = [], above
    return _details("\n".join(above), "\n".join(below))


def fill(template: str, fields: Mapping[str, str | None]) -> Value:
    """The canonical `details`: the template's lines above and below the description, with these texts in them.

    A line all of whose fields are empty is left out, with what the template says around them.
    """
    above, _, below = template.partition("{description}")
    return _details(_filled(above, fields), _filled(below, fields))


def check_template(text: str, pointer: str = "/description_template") -> list[Fault]:
    """Every fault of a template: braces around no field of the closed list, or not exactly one `{description}`."""
    known = ", ".join(f"{{{name}}}" for name in sorted(TEMPLATE_FIELDS))
    faults = [
        Fault(pointer, f"there is no field {{{name}}}; use one of {known}")
        for name in dict.fromkeys(_PLACE.findall(text))
        if name not in TEMPLATE_FIELDS
    ]
    if re.search(r"[{}]", _PLACE.sub("", text)):
        faults.append(Fault(pointer, f"a brace encloses no field; leave it out, or write one of {known}"))
    if text.count("{description}") != 1:
        faults.append(Fault(pointer, "write {description} exactly once; it says where the task's own text stands"))
    if BAR in text:
        faults.append(Fault(pointer, "the bar that marks generated lines is put there by Tandem; leave it out"))
    return faults


def _written(lines: Iterable[Line], markup: Format) -> str | None:
    kept = [rest for line in lines if (rest := _outside(line)).runs or rest == line]
    return html_of(kept) if markup == "html" else paragraphs(text_of(kept))


def _outside(line: Line) -> Line:
    """The line without what is generated; without runs when nothing else is on it."""
    inside = False
    kept = []
    for run in line.runs:
        text = ""
        for part in re.split(f"([{BAR}{END}])", run.text):
            if part in {BAR, END}:
                inside = part == BAR
            elif not inside:
                text += part
        kept.append(run._replace(text=text))
    return line._replace(runs=tuple(kept) if any(run.text.strip() for run in kept) else ())


def _filled(template: str, fields: Mapping[str, str | None]) -> str:
    lines = []
    for line in template.split("\n"):
        named = _PLACE.findall(line)
        if named and not any(fields.get(name) for name in named):
            continue
        lines.append(_PLACE.sub(lambda place: fields.get(place[1]) or "", line))
    return "\n".join(lines)


def _details(above: str, below: str) -> Value:
    first, last = (
        paragraphs("\n".join(one_line(line) or "" for line in sendable(part).replace(BAR, "|").split("\n")))
        for part in (above, below)
    )
    return {"above": first, "below": last} if first or last else None


def _generated(details: Value, place: str) -> list[str]:
    text = details.get(place) if isinstance(details, dict) else None
    return text.split("\n") if isinstance(text, str) else []


def _block(lines: list[str], markup: Format, room: int) -> str | None:
    shown: list[str] = []
    for line in lines:
        marked = f"{BAR} {escaped(line)}{END}" if line else BAR + END
        room -= len(marked) + len("<br>")
        if room < 0:
            break
        shown.append(marked)
    return _break(markup).join(shown) or None


def _stacked(above: str | None, body: str | None, below: str | None, markup: Format) -> str | None:
    stacked = ""
    for part in (above, body, below):
        if part:
            gap = "" if not stacked else _break(markup) * (1 if stacked.endswith(("</ul>", "</ol>")) else 2)
            stacked += gap + part
    return stacked or None


def _break(markup: Format) -> str:
    return "<br>" if markup == "html" else "\n"
