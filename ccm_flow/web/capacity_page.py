"""Capacity on its page: sliders, what somebody makes of them, and the figures."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from ccm_flow.adapters.processes.pods import run_pods
from ccm_flow.app import capacity as app
from ccm_flow.app.capacity import LargestPanel, WhatIf
from ccm_flow.app.capacity_record import with_every_role
from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.rehearsal.capacity import CapacityForecast, DayForecast, usual_minutes
from ccm_flow.rehearsal.words import shortfall_sentence
from ccm_flow.web.capacity_ground import TEAMS, Ground
from ccm_flow.web.forms import BadFormError
from ccm_flow.web.prepared_months import CALENDARS

PEOPLE: Final = "people_"
MINUTES: Final = "minutes_"
WAGE: Final = "wage_"
MOST_PATIENTS: Final = 2_000
_MOST_MINUTES: Final = 120
_MOST_DOLLARS: Final = 300
_MORE: Final = 10
"""People that can be added to a role on the page."""
_NUMBER: Final = re.compile(r"\d{1,4}")
_PROCESSES: Final = 2


@dataclass(frozen=True)
class Slider:
    """One number that somebody may change."""

    name: str
    label: str
    low: int
    high: int
    usual: int
    value: int

    @property
    def is_moved(self) -> bool:
        """Tell whether it is somewhere else than the record has it."""
        return self.value != self.usual


@dataclass(frozen=True)
class Sliders:
    """Everything that may be changed."""

    patients: Slider
    people: tuple[Slider, ...]
    minutes: tuple[Slider, ...]
    wages: tuple[Slider, ...]
    """Dollars an hour; 0 where none is given."""

    @property
    def all(self) -> tuple[Slider, ...]:
        """Give all of them."""
        return (self.patients, *self.people, *self.minutes, *self.wages)

    def what_if(self) -> WhatIf:
        """Give what is to be different."""
        added = {
            RoleId(one.name.removeprefix(PEOPLE)): one.value - one.usual
            for one in self.people
            if one.is_moved
        }
        minutes = {
            StepId(one.name.removeprefix(MINUTES)): one.value
            for one in self.minutes
            if one.is_moved
        }
        patients = self.patients
        return WhatIf(patients.value if patients.is_moved else None, added, minutes)


@dataclass(frozen=True)
class RoleChart:
    """One role's days."""

    role: RoleId
    title: str
    days: tuple[DayForecast, ...]

    @property
    def most(self) -> float:
        """The highest number of any day."""
        return max((max(one.needed, one.protected or 0) for one in self.days), default=0.0)

    @property
    def has_limit(self) -> bool:
        """Tell whether anybody keeps time for it."""
        return any(one.protected is not None for one in self.days)


def sliders_of(ground: Ground, typed: Mapping[str, str]) -> tuple[Sliders, BadFormError | None]:
    """Give the sliders where somebody put them; what cannot be is where it was, and is said."""
    problems: list[str] = []
    take = partial(_slider, typed=typed, problems=problems)
    high = min(MOST_PATIENTS, max(200, 4 * ground.enrolled))
    high = max(high, ground.enrolled)
    plan, staff = ground.wanted.plan, ground.staff
    people = []
    for role in plan.roles if staff else ():
        held = len(staff.with_role(role.id)) if staff else 0
        if held:
            people.append(take(f"{PEOPLE}{role.id}", role.title, (held, held + _MORE), held))
    sliders = Sliders(
        patients=take("patients", "Patients", (0, high), ground.enrolled),
        people=tuple(people),
        minutes=tuple(_minutes(ground, take)),
        wages=tuple(_wages(ground, take)),
    )
    return sliders, BadFormError(problems) if problems else None


def _minutes(ground: Ground, take: Callable[..., Slider]) -> list[Slider]:
    profile = ground.prepared.profile
    worked = {step for month in profile.months for step, _, _, _ in month.work}
    found = []
    for step in ground.wanted.plan.steps:
        usual = usual_minutes(profile, step.id) if step.id in worked else None
        if usual:
            middle = max(1, round(usual))
            high = max(30, min(_MOST_MINUTES, 3 * middle), middle)
            found.append(take(f"{MINUTES}{step.id}", step.title, (1, high), middle))
    return found


def _wages(ground: Ground, take: Callable[..., Slider]) -> list[Slider]:
    working = {role for month in ground.prepared.profile.months for _, role, _, _ in month.work}
    return [
        take(f"{WAGE}{role.id}", role.title, (0, _MOST_DOLLARS), 0)
        for role in ground.wanted.plan.roles
        if role.id in working
    ]


def _slider(
    name: str,
    label: str,
    ends: tuple[int, int],
    usual: int,
    *,
    typed: Mapping[str, str],
    problems: list[str],
) -> Slider:
    low, high = ends
    text = typed.get(name, "").strip()
    value = int(text) if _NUMBER.fullmatch(text) else usual
    if (text and not _NUMBER.fullmatch(text)) or not low <= value <= high:
        problems.append(f"{label}: a whole number from {low} to {high}.")
        value = usual
    return Slider(name, label, low, high, usual, value)


@dataclass(frozen=True)
class RoleCost:
    """What the hours of one role cost over the months ahead."""

    title: str
    hours: float
    wage: int
    """Dollars an hour; 0 when it is not given."""

    @property
    def cost(self) -> float | None:
        """Dollars; None when no wage is given."""
        return self.hours * self.wage if self.wage else None


@dataclass(frozen=True)
class Balance:
    """What the months ahead bring and cost together."""

    costs: tuple[RoleCost, ...]
    """Of the roles that have something to do."""
    revenue: float | None
    """Dollars; None when it is not known of every month."""

    @property
    def cost(self) -> float:
        """Dollars of the roles whose wage is given."""
        return sum(one.cost or 0.0 for one in self.costs)

    @property
    def without_wage(self) -> int:
        """Count the roles whose wage is not given."""
        return sum(one.cost is None for one in self.costs)

    @property
    def left(self) -> float | None:
        """Dollars that are left, below 0 when some are missing; None unless all is known."""
        if self.revenue is None or self.without_wage:
            return None
        return self.revenue - self.cost


def balance_of(result: CapacityForecast, sliders: Sliders) -> Balance:
    """Lay what Medicare allows beside each role's hours at the wage that was typed."""
    revenues = [one.revenue for one in result.months]
    known = [one for one in revenues if one is not None]
    revenue = float(sum(known)) if len(known) == len(revenues) else None
    return Balance(_costs(result, sliders), revenue)


def _costs(result: CapacityForecast, sliders: Sliders) -> tuple[RoleCost, ...]:
    wages = {one.name.removeprefix(WAGE): one.value for one in sliders.wages}
    return tuple(
        RoleCost(role.title, role.needed / 60, wages.get(role.role, 0))
        for role in result.roles
        if role.needed
    )


def charts_of(result: CapacityForecast) -> tuple[RoleChart, ...]:
    """Give each role's days, in the playbook's order."""
    return tuple(
        RoleChart(role.role, role.title, tuple(d for d in result.days if d.role == role.role))
        for role in result.roles
    )


def sentence_of(ground: Ground, result: CapacityForecast) -> str:
    """Say first what matters most."""
    if ground.staff is None:
        return (
            "Nobody here has time that the playbook keeps for this program, so what is needed is "
            "shown, and not whether it is enough."
        )
    return shortfall_sentence(result)


@dataclass(frozen=True)
class LargestFound:
    """What a search for the largest panel found, and with what."""

    panel: LargestPanel
    settings: tuple[str, ...]
    """The team, and every slider that was moved and matters to it."""


def find_largest(ground: Ground, sliders: Sliders) -> LargestFound:
    """Search for the most patients that the team carries; takes up to some minutes."""
    plan = ground.wanted.plan
    changed = app.change(ground.panel, sliders.what_if(), plan)
    wanted = app.as_changed(ground.wanted, changed)
    if wanted.staff is not None:
        wanted = replace(wanted, staff=with_every_role(wanted.staff, plan))
    found = app.largest_panel(wanted, CALENDARS, partial(run_pods, processes=_PROCESSES))
    return LargestFound(found, _settings(ground, sliders))


def _settings(ground: Ground, sliders: Sliders) -> tuple[str, ...]:
    people = (f"{one.label}: {one.value} people" for one in sliders.people if one.is_moved)
    minutes = (f"{one.label}: {one.value} minutes" for one in sliders.minutes if one.is_moved)
    return TEAMS[ground.team], *people, *minutes
