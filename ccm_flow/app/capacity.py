"""
Capacity: what the months ahead take, what they bring, and how many patients a team can carry.

`prepare` simulates a sample once (seconds); `forecast` is arithmetic on it (milliseconds), so a
page may ask it again with every move of a slider. `largest_panel` searches by simulation.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from ccm_flow.app.clinic_hours import WEEKDAYS, ClinicHours
from ccm_flow.app.simulate import Calendars, RunPods, Wanted, one_by_one, pose
from ccm_flow.core.assumptions import Assumptions
from ccm_flow.core.behaviour import StepWork
from ccm_flow.core.billing.shelf import RuleShelf
from ccm_flow.core.errors import CcmError
from ccm_flow.core.funnel import Stage, StageCount
from ccm_flow.core.ids import PersonId, RoleId, StepId
from ccm_flow.core.plan import Plan, Responsibility
from ccm_flow.core.staffing import Staff, StaffPerson
from ccm_flow.rehearsal import capacity
from ccm_flow.rehearsal.capacity import CapacityForecast, Input, Panel, with_more
from ccm_flow.rehearsal.measures import Metric
from ccm_flow.rehearsal.profile import SAMPLE, Profile, make_profile
from ccm_flow.rehearsal.revenue import Allowed, allowed_for
from ccm_flow.rehearsal.simulate import fold

ON_TIME_GOAL: Final = 0.95
"""Of what staff with unlimited time would do on time."""
MOST_ADDED: Final = 100
PATIENTS: Final = "Patients"
"""The name of the input that a what-if takes the place of."""
_FIRST_TRIED: Final = 64
_MOST_TRIED: Final = 2400
"""Patients in the largest panel that the search looks at."""
_MONTHS_TRIED: Final = 2
"""What is left over of one month weighs on the next; further ones say no more."""
_CLOSE_ENOUGH: Final = 8
"""The search ends when so few patients lie between a panel that works and one that does not."""


class NoTeamError(CcmError):
    """Nobody's time is known."""

    exit_code = 2
    hint = "Write a staff file and name it with --staff, or give the playbook `protected_time`."

    def __init__(self, plan: Plan) -> None:
        super().__init__(f"Nobody at the clinic has time that is kept for '{plan.playbook}'.")


class WhatIfError(CcmError):
    """A what-if names something that the playbook or the team does not have."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sample of the months ahead; made once for a playbook, its assumptions and its months."""

    profile: Profile
    allowed: tuple[Allowed | None, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is to be different from what the record and the files say."""

    patients: int | None = None
    added: Mapping[RoleId, int] | None = None
    """More people, each like the first of the team who holds the role."""
    minutes: Mapping[StepId, int] | None = None
    """How long steps take."""


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
    said = (*inputs, *_inputs(prepared, question.assumptions, changed, what_if))
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
            staff = with_more(staff, role, count)
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


def _inputs(
    prepared: Prepared, assumptions: Assumptions, panel: Panel, what_if: WhatIf
) -> tuple[Input, ...]:
    """Say what the figures rest on."""
    plan, sample = prepared.profile.question.plan, prepared.profile.question.patients
    rates = sum("ssumption" in source for source in assumptions.basis.values())
    found = [
        Input(
            "Playbook", f"{plan.playbook} version {plan.version}", "the plan itself", assumed=False
        ),
        Input(
            "Behaviour",
            assumptions.id,
            f"{rates} of {len(assumptions.basis)} figures are assumptions",
            assumed=rates > 0,
        ),
        Input("Sample", f"{sample} simulated patients a month", "seeded simulation", assumed=False),
        _staff_input(panel.staff),
        *_revenue_inputs(prepared),
    ]
    if what_if.patients is not None:
        found.append(Input(PATIENTS, str(what_if.patients), "what-if", assumed=True))
    for step, minutes in (what_if.minutes or {}).items():
        found.append(Input(f"Minutes of {step}", str(minutes), "what-if", assumed=True))
    for role, count in (what_if.added or {}).items():
        found.append(Input(f"Added to the team: {role}", str(count), "what-if", assumed=True))
    return tuple(found)


def _staff_input(staff: Staff | None) -> Input:
    if staff is None:
        return Input("Staff", "no limit", "no staff file was named", assumed=True)
    return Input("Staff", staff.title, f"the staff file '{staff.id}'", assumed=False)


def _revenue_inputs(prepared: Prepared) -> tuple[Input, ...]:
    """Say by which rules the revenue is worked out, for each run of months."""
    known: dict[tuple[str, bool], None] = {}
    for one in prepared.allowed:
        known[("none", False) if one is None else (one.rules, one.assumed)] = None
    return tuple(_revenue_input(rules, assumed) for rules, assumed in known)


def _revenue_input(rules: str, assumed: bool) -> Input:
    if rules == "none":
        return Input("Revenue", "not known", "no rule file gives an amount", assumed=False)
    source = "what Medicare allows; nothing but time lacks, all minutes are clinical staff's"
    if assumed:
        source += "; the file ends before the month, its amounts are taken to go on"
    return Input("Revenue", rules, source, assumed=True)


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
    wanted = replace(wanted, months=min(wanted.months, _MONTHS_TRIED))
    tried: dict[int, float] = {}

    def on_time(patients: int, staff: Staff | None) -> float:
        question = pose(replace(wanted, patients=patients, staff=staff, joining=0), calendars)
        tally = fold(run(question.pods()), question)
        values = [month.totals.value(Metric.ON_TIME) for month in tally.months]
        return min(value for value in values if value is not None)

    def works(patients: int) -> bool:
        tried[patients] = on_time(patients, team)
        return tried[patients] >= goal * unlimited

    unlimited = on_time(SAMPLE, None)
    best, too_many = 0, _FIRST_TRIED
    while too_many <= _MOST_TRIED and works(too_many):
        best, too_many = too_many, 2 * too_many
    while too_many - best > max(_CLOSE_ENOUGH, best // 20):
        middle = (best + too_many) // 2
        best, too_many = (middle, too_many) if works(middle) else (best, middle)
    return LargestPanel(
        patients=best,
        on_time=tried.get(best),
        unlimited=unlimited,
        goal=goal,
        tried=tuple(sorted(tried.items())),
    )


def team_on_record(
    plan: Plan, members: Iterable[tuple[PersonId, str, Collection[RoleId]]], hours: ClinicHours
) -> Staff:
    """
    Make a team of the clinic's staff and of the time that the playbook says they keep for it.

    Raises:
        NoTeamError: the playbook names no protected time, or nobody holds a role that has some.
    """
    days = frozenset(WEEKDAYS.index(day) for day in hours.working_days)
    kept = {
        one.role: _minutes(one.amount if one.per == "business day" else one.amount / len(days))
        for one in plan.protected_time
    }
    people = tuple(
        StaffPerson(
            id=person,
            name=name,
            organization=Responsibility.CLINIC,
            weekdays=days,
            starts=hours.opens.hour * 60 + hours.opens.minute,
            ends=hours.closes.hour * 60 + hours.closes.minute,
            protected={role: kept[role] for role in sorted(roles) if role in kept},
        )
        for person, name, roles in members
        if any(role in kept for role in roles)
    )
    if not people:
        raise NoTeamError(plan)
    return Staff("record", "The clinic's staff, with the playbook's protected time", people)


def _minutes(amount: timedelta) -> int:
    return int(amount.total_seconds()) // 60


def expected_to_join(stages: Sequence[StageCount]) -> float | None:
    """
    Say how many of those on the way into the program will come to its end.

    By the share that came from each stage to the next so far; None when one is not known yet.
    """
    total, chance = 0.0, 1.0
    for one in reversed(stages):
        if one.stage is not Stage.ACTIVE:
            if one.here and chance < 0:
                return None
            total += one.here * max(chance, 0.0)
        chance = -1.0 if one.share is None or chance < 0 else chance * one.share
    return round(total, 1)
