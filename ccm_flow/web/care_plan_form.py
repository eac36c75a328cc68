"""The form of a care plan on the patient's page: its fields, and what was typed into them."""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Change:
    """An element that a colleague has written otherwise since the form was opened."""

    element: str
    then: tuple[str, ...]
    now: tuple[str, ...]
    mine: tuple[str, ...]
    """What was sent; it takes the newest version's place when it is sent again."""

    @property
    def title(self) -> str:
        """What the element is called."""
        return TITLES[self.element]

    @property
    def differs(self) -> bool:
        """Whether keeping what was sent would undo the colleague's change."""
        return self.mine != self.now


@dataclass(frozen=True)
class Meanwhile:
    """What became of the plan while somebody wrote upon an older version."""

    changes: tuple[Change, ...]
    values: Mapping[str, str]
    """What the form starts with: the newest version, with what was changed in the form."""


def meanwhile(then: CarePlan, now: CarePlan, sent: Mapping[str, str]) -> Meanwhile:
    """
    Lay what was sent, by element, beside the version it was written upon and the newest one.

    An element that was left as it was takes the colleague's words; one that both have changed
    keeps what was sent, and is named.
    """
    changes: list[Change] = []
    values: dict[str, str] = {}
    for name, text in sent.items():
        before, newest = tuple(lines_of(then, name)), tuple(lines_of(now, name))
        typed = tuple(line.strip() for line in text.splitlines() if line.strip())
        mine = newest if typed == before else typed
        values[name] = "\n".join(mine)
        if newest != before:
            changes.append(Change(name, before, newest, mine))
    return Meanwhile(tuple(changes), values)
