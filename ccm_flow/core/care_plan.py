"""
A comprehensive care plan: what it must hold, what one lacks, and what changed between two.

The elements are those of chronic care management's electronic, person-centred plan: problems,
expected outcome and prognosis, measurable goals, symptom management, interventions and who is
responsible, medications, community and social services, coordination with outside, periodic
review; cognitive and functional, caregiver and environment assessment, and preventive care
(medicare-rules section 2; Noridian CCM, CMS MLN 909188).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

REVIEW_WITHIN: Final = timedelta(days=365)
"""A plan that nobody wrote or approved for longer is not current."""
CONFIRM: Final = "(to be confirmed)"
"""Ends what was filled in beforehand, until a person takes it away."""


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to reach; measurable when it says what is measured, which value, and by when."""

    goal: str
    measure: str = ""
    target: str = ""
    by: date | None = None


@dataclass(frozen=True, slots=True)
class Intervention:
    """Something that is done, and who does it."""

    what: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class CarePlan:
    """
    Everything a plan says.

    An empty element was not written yet. Where there is nothing, a person says so: "none needed".
    """

    problems: tuple[str, ...] = ()
    outcome: str = ""
    goals: tuple[Goal, ...] = ()
    symptoms: tuple[str, ...] = ()
    interventions: tuple[Intervention, ...] = ()
    medicines: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    coordination: tuple[str, ...] = ()
    function: str = ""
    caregiver: str = ""
    environment: str = ""
    prevention: tuple[str, ...] = ()
    review_on: date | None = None


TITLES: Mapping[str, str] = MappingProxyType(
    {
        "problems": "Problem list",
        "outcome": "Expected outcome and prognosis",
        "goals": "Measurable treatment goals",
        "symptoms": "Symptom management",
        "interventions": "Planned interventions and who is responsible",
        "medicines": "Medication management",
        "services": "Community and social services",
        "coordination": "Coordination with others outside the practice",
        "function": "Cognitive and functional assessment",
        "caregiver": "Caregiver assessment",
        "environment": "Environment at home",
        "prevention": "Preventive care",
        "review_on": "Next periodic review",
    }
)
"""The elements in the order in which they are shown; the keys are those of files and notes."""


def problems_of(plan: CarePlan) -> tuple[str, ...]:
    """Say everything that keeps a plan from being complete; empty means that it is."""
    found = [f"'{title}' is missing." for name, title in TITLES.items() if not getattr(plan, name)]
    for goal in plan.goals:
        lacks = _goal_lacks(goal)
        if lacks:
            missing = " and ".join(lacks)
            found.append(f"The goal '{goal.goal}' is not measurable: {missing} missing.")
    found += [
        f"Nobody is responsible for '{item.what}'." for item in plan.interventions if not item.who
    ]
    for name, title in TITLES.items():
        open_lines = sum(CONFIRM in line for line in lines_of(plan, name))
        if open_lines:
            found.append(f"'{title}' has {open_lines} to be confirmed.")
    return tuple(found)


def _goal_lacks(goal: Goal) -> list[str]:
    parts = {"a measure": goal.measure, "a target": goal.target, "a day": goal.by}
    return [name for name, value in parts.items() if not value]


def lines_of(plan: CarePlan, name: str) -> tuple[str, ...]:
    """Give one element as lines of text, the way a note holds it; parts stand between `|`."""
    value = getattr(plan, name)
    if not value:
        return ()
    if isinstance(value, tuple):
        return tuple(_line(item) for item in value)
    return (str(value),)


def _line(item: str | Goal | Intervention) -> str:
    if isinstance(item, Goal):
        by = f"by {item.by}" if item.by else ""
        return _joined(item.goal, item.measure, item.target, by)
    if isinstance(item, Intervention):
        return _joined(item.what, item.who)
    return item


def _joined(*parts: str) -> str:
    """Put parts in one line; one that is missing in the middle keeps its place."""
    given = max((at for at, part in enumerate(parts, start=1) if part), default=0)
    return " | ".join(parts[:given])


def differences(old: CarePlan, new: CarePlan) -> tuple[str, ...]:
    """Say in plain sentences what a new version changes; empty when it changes nothing."""
    found: list[str] = []
    for name, title in TITLES.items():
        if getattr(old, name) == getattr(new, name):
            continue
        was, now = lines_of(old, name), lines_of(new, name)
        if isinstance(getattr(new, name), tuple):
            found += _listed(title, was, now)
        else:
            found.append(_changed(title, was, now))
    return tuple(found)


def _listed(title: str, was: tuple[str, ...], now: tuple[str, ...]) -> list[str]:
    """Say what became of a list's lines; a line with the same first part is the same one."""
    added = [line for line in now if line not in was]
    gone = {_first(line): line for line in was if line not in now}
    found = []
    for line in added:
        before = gone.pop(_first(line), None)
        found.append(_changed(title, (before,), (line,)) if before else f"{title}: added '{line}'.")
    found += [f"{title}: removed '{line}'." for line in gone.values()]
    return found or [f"{title}: the same lines in another order or number."]


def _first(line: str) -> str:
    return line.partition(" | ")[0]


def _changed(title: str, was: tuple[str, ...], now: tuple[str, ...]) -> str:
    if not was:
        return f"{title}: now '{now[0]}'."
    if not now:
        return f"{title}: removed '{was[0]}'."
    return f"{title}: now '{now[0]}' (was '{was[0]}')."


def is_current(written: date, approved: date | None, today: date) -> bool:
    """Tell whether a version was written or looked at again within twelve months."""
    latest = max(written, approved) if approved else written
    return today - latest <= REVIEW_WITHIN
