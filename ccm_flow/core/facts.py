"""
The facts a playbook's conditions may ask about.

They come from the care record with the event that needs them; `days_left` and `business_day`
are worked out by the engine from the calendar.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

FactValue = int | bool | str
Facts = Mapping[str, FactValue]


class FactType(StrEnum):
    """What kind of value a fact has."""

    NUMBER = "number"
    YES_NO = "yes or no"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FactSpec:
    """A fact's type, its value until the record says otherwise, and its meaning."""

    type: FactType
    default: FactValue
    meaning: str


FACTS: Mapping[str, FactSpec] = MappingProxyType(
    {
        "minutes": FactSpec(
            FactType.NUMBER, 0, "whole minutes of countable work documented this month"
        ),
        "practitioner_minutes": FactSpec(
            FactType.NUMBER,
            0,
            "whole minutes of them that a practitioner worked; clinical staff never add to these",
        ),
        "contacts": FactSpec(
            FactType.NUMBER, 0, "times the patient or caregiver was reached this month"
        ),
        "conditions": FactSpec(
            FactType.NUMBER, 0, "active chronic condition groups with evidence on file"
        ),
        "unsigned_notes": FactSpec(FactType.NUMBER, 0, "notes of this month not signed yet"),
        "conflicts": FactSpec(
            FactType.NUMBER, 0, "services billed this month that exclude this program"
        ),
        "consent": FactSpec(FactType.YES_NO, False, "an accepted consent is in force"),
        "care_plan": FactSpec(FactType.YES_NO, False, "a care plan exists and was shared"),
        "initiating_visit": FactSpec(
            FactType.YES_NO, False, "an initiating visit took place when one is needed"
        ),
        "coverage": FactSpec(FactType.YES_NO, False, "Medicare Part B is in force"),
        "risk": FactSpec(FactType.TEXT, "standard", "the patient's risk tier: standard or high"),
        "language": FactSpec(FactType.TEXT, "en", "the patient's preferred language, e.g. en, es"),
        "preferred_channel": FactSpec(
            FactType.TEXT, "any", "how the patient likes to be reached: phone, portal, ..., any"
        ),
        "days_left": FactSpec(FactType.NUMBER, 0, "business days left in the month, today's too"),
        "business_day": FactSpec(
            FactType.NUMBER, 0, "how many business days of the month have begun"
        ),
    }
)

DEFAULTS: Facts = MappingProxyType({name: spec.default for name, spec in FACTS.items()})
