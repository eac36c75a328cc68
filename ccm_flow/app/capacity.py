"""
Capacity: what the months ahead take, what they bring, and how many patients a team can carry.

`prepare` simulates a sample once (seconds); `forecast` is arithmetic on it (milliseconds), so a
page may ask it again with every move of a slider. `largest_panel` searches by simulation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from ccm_flow.app.capacity_inputs import PATIENTS, Prepared, WhatIf, rests_on
from ccm_flow.app.simulate import Calendars, RunPods, Wanted, one_by_one, pose
from ccm_flow.core.behaviour import StepWork
from ccm_flow.core.billing.shelf import RuleShelf
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import RoleId
from ccm_flow.core.plan import Plan
from ccm_flow.core.staffing import Staff
from ccm_flow.rehearsal import capacity
from ccm_flow.rehearsal.capacity import CapacityForecast, Input, Panel
from ccm_flow.rehearsal.measures import Metric
from ccm_flow.rehearsal.profile import SAMPLE, make_profile
from ccm_flow.rehearsal.revenue import allowed_for
from ccm_flow.rehearsal.simulate import fold

__all__ = [
    "PATIENTS",
    "LargestPanel",
    "Prepared",
    "WhatIf",
    "WhatIfError",
    "as_changed",
    "change",
    "forecast",
    "largest_panel",
    "prepare",
]

ON_TIME_GOAL: Final = 0.95
"""Of what staff with unlimited time would do on time."""
MOST_ADDED: Final = 100
_FIRST_TRIED: Final = 64
_MOST_TRIED: Final = 2400
"""Patients in the largest panel that the search looks at."""
_MONTHS_TRIED: Final = 2
"""What is left over of one month weighs on the next; further ones say no more."""
_CLOSE_ENOUGH: Final = 8
"""The search ends when so few patients lie between a panel that works and one that does not."""


class WhatIfError(CcmError):
    """A what-if names something that the playbook or the team does not have."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class LargestPanel:
    """How many patients one team can carry."""

    patients: int
    """0 when even the smallest panel that was tried is too large."""
    on_time: float | None
    """What it then does on time."""
    unlimited: float
    """What staff with unlimited time would do on time, under the same assumptions."""
    goal: float
    """What was asked for: the share of `unlimited`."""
    tried: tuple[tuple[int, float], ...]
    """The panels that were simulated, and what each did on time."""


def prepare(wanted: Wanted, calendars: Calendars, shelf: RuleShelf) -> Prepared:
    """
    Simulate a sample of the months ahead; `wanted.patients` and its staff do not matter here.

    Raises:
        CannotSimulateError: it is not a monthly playbook, or the months are none or too many.
    """
    question = pose(replace(wanted, patients=SAMPLE, staff=None, joining=0), calendars)
    profile = make_profile(question)
    program = wanted.plan.program
    allowed = tuple(allowed_for(shelf, program, one.month, one.counted) for one in profile.months)
    return Prepared(profile, allowed)


def forecast(
    prepared: Prepared, panel: Panel, what_if: WhatIf, inputs: tuple[Input, ...] = ()
) -> CapacityForecast:
    """
    Work out what the months ahead take and bring; arithmetic alone.

    Raises:
        WhatIfError: it names a step or a role that is not there.
    """
    question = prepared.profile.question
    changed = change(panel, what_if, question.plan)
    if what_if.patients is not None:
        inputs = tuple(one for one in inputs if one.name != PATIENTS)
    said = (*inputs, *rests_on(prepared, question.assumptions, changed, what_if))
    return capacity.forecast(prepared.profile, changed, prepared.allowed, said)


def change(panel: Panel, what_if: WhatIf, plan: Plan) -> Panel:
    """
    Give the panel as somebody would have it.

    Raises:
        WhatIfError: it names a step or a role that is not there.
    """
    unknown = sorted(set(what_if.minutes or {}) - set(plan.by_id))
    if unknown:
        raise WhatIfError(
            f"The playbook has no step '{unknown[0]}'.", f"Its steps: {', '.join(plan.by_id)}."
        )
    patients = panel.patients if what_if.patients is None else what_if.patients
    staff = _staff_with(panel.staff, what_if.added or {})
    return replace(panel, patients=patients, staff=staff, minutes=what_if.minutes or {})


def _staff_with(staff: Staff | None, added: Mapping[RoleId, int]) -> Staff | None:
    for role, count in added.items():
        if staff is None:
            raise WhatIfError("People can be added only to a team.", "Name one with --staff FILE.")
        if not 1 <= count <= MOST_ADDED:
            raise WhatIfError(f"{count} people cannot be added.", f"Say 1 to {MOST_ADDED}.")
        try:
            staff = staff.with_more(role, count)
        except KeyError:
            held = sorted({held for one in staff.people for held in one.protected})
            raise WhatIfError(
                f"Nobody of the team is '{role}'.", f"Its roles: {', '.join(held)}."
            ) from None
    return staff


def as_changed(wanted: Wanted, panel: Panel) -> Wanted:
    """Give what is to be simulated with a what-if's team and minutes."""
    behaviour = wanted.assumptions.behaviour
    work = dict(behaviour.work)
    for step, minutes in panel.minutes.items():
        spread = work[step].spread if step in work else None
        work[step] = StepWork(timedelta(minutes=minutes), spread)
    assumptions = replace(wanted.assumptions, behaviour=replace(behaviour, work=work))
    return replace(wanted, assumptions=assumptions, staff=panel.staff)


def largest_panel(
    wanted: Wanted, calendars: Calendars, run: RunPods = one_by_one, goal: float = ON_TIME_GOAL
) -> LargestPanel:
    """
    Search for the most patients that one team carries, by simulating panels of several sizes.

    Staff with unlimited time do not do everything on time either: people forget, and take things
    up late. So the goal is a share of what they would do.

    Raises:
        CannotSimulateError: it is not a monthly playbook, or the months are none or too many.
    """
    assert wanted.staff is not None  # noqa: S101 - callers name a team
    team = replace(wanted.staff, panel=None)
    months = min(wanted.months, _MONTHS_TRIED)
    search = _Search(replace(wanted, months=months, joining=0), calendars, run)
    unlimited = search.on_time(SAMPLE, None)
    best, too_many = 0, _FIRST_TRIED
    while too_many <= _MOST_TRIED and search.tries(too_many, team) >= goal * unlimited:
        best, too_many = too_many, 2 * too_many
    while too_many - best > max(_CLOSE_ENOUGH, best // 20):
        middle = (best + too_many) // 2
        works = search.tries(middle, team) >= goal * unlimited
        best, too_many = (middle, too_many) if works else (best, middle)
    tried = tuple(sorted(search.tried.items()))
    return LargestPanel(best, search.tried.get(best), unlimited, goal, tried)


@dataclass(slots=True)
class _Search:
    """Panels that were simulated, and how many of their steps were done on time."""

    wanted: Wanted
    calendars: Calendars
    run: RunPods
    tried: dict[int, float] = field(default_factory=dict)

    def tries(self, patients: int, team: Staff) -> float:
        """Simulate a panel, and remember it."""
        self.tried[patients] = self.on_time(patients, team)
        return self.tried[patients]

    def on_time(self, patients: int, team: Staff | None) -> float:
        """Give what was done on time in the worst month."""
        question = pose(replace(self.wanted, patients=patients, staff=team), self.calendars)
        tally = fold(self.run(question.pods()), question)
        values = [month.totals.value(Metric.ON_TIME) for month in tally.months]
        return min(value for value in values if value is not None)
