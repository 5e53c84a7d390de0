"""Settings as callers change them: some of them, checked like all of them. Used by tenants and connections."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec
from msgspec import UNSET, UnsetType

from shared.errors import Fault, Invalid
from shared.model.settings import Hours, Settings
from shared.sync.description import check_template

if TYPE_CHECKING:

    class SettingsPatch(Settings, frozen=True, kw_only=True):
        """Some settings; what is left out stays as it is."""

else:
    # Made from the settings themselves, so that a new setting can be changed without being named a second time.
    SettingsPatch = msgspec.defstruct(
        "SettingsPatch",
        [
            (field.name, field.type | UnsetType, msgspec.field(default=UNSET, name=field.encode_name))
            for field in msgspec.structs.fields(Settings)
        ],
        namespace={"__doc__": "Some settings; what is left out stays as it is."},
        module=__name__,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


def stored_settings(patch: SettingsPatch, pointer: str) -> dict[str, object]:
    """The settings that were sent, as documents keep them.

    Args:
        patch: As decoded.
        pointer: Where the settings stood in the body.

    Raises:
        Invalid: One cannot be meant as it is: a template's field, hours that end before they begin, a blank mark. What
            they say together is checked where they are stored.
    """
    sent = cast("dict[str, object]", msgspec.to_builtins(patch))
    faults: list[Fault] = []
    if isinstance(template := sent.get("description_template"), str):
        faults += check_template(template, f"{pointer}/description_template")
    if isinstance(hours := patch.hours, Hours):
        if hours.start >= hours.end:
            faults.append(Fault(f"{pointer}/hours/to", "must be later than `from`"))
        if len(set(hours.days)) < len(hours.days):
            faults.append(Fault(f"{pointer}/hours/days", "names a day twice; say each once"))
    if isinstance(mark := sent.get("mark"), str) and not mark.strip():
        faults.append(Fault(f"{pointer}/mark", "is blank, so nothing could carry it; send a word such as #crm"))
    if faults:
        raise Invalid(faults)
    return sent
