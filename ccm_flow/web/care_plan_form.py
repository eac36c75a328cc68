"""The form of a care plan on the patient's page: its fields, and what was typed into them."""

from collections.abc import Mapping
from typing import Final

from ccm_flow.core.care_plan import TITLES, CarePlan, lines_of
from ccm_flow.core.note_forms import FieldType, NoteField
from ccm_flow.web.step_form import PARTS, Typed, joined_rows

FIELDS: Final = tuple(
    NoteField(
        id=name,
        title=title,
        type=FieldType.DATE if name == "review_on" else FieldType.TEXT,
        required=False,
    )
    for name, title in TITLES.items()
)
"""The elements in their order, as the fields of a note are shown."""


def values_of(sent: Mapping[str, str]) -> dict[str, str]:
    """Give every element as lines of text, as notes hold them."""
    return {
        name: joined_rows(sent, name) if name in PARTS else sent.get(f"f.{name}", "")
        for name in TITLES
    }


def filled(plan: CarePlan, sent: Mapping[str, str] | None) -> Typed:
    """Give what the form starts with: what was sent and not taken, or else the plan."""
    if sent is not None:
        return Typed(fields=values_of(sent))
    return Typed(fields={name: "\n".join(lines_of(plan, name)) for name in TITLES})
