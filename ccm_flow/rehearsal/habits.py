"""What somebody would do at a step that has no past: as their role did in the recorded month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ccm_flow.core.behaviour import Dice, pick, share_out
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.ids import OutcomeId, RoleId
from ccm_flow.core.plan import PlanStep
from ccm_flow.core.state import StepState
from ccm_flow.rehearsal.observing import RoleSeen, Seen


@dataclass(frozen=True, slots=True)
class Habit:
    """One role's ways, as they were seen."""

    undone: float
    """The share of its steps that nobody took up."""
    delays: tuple[float, ...]
    """Open clinic hours until it acted: an even sample."""
    pace: float
    """Time spent for each minute the playbook expects."""
    practitioner: bool


@dataclass(frozen=True, slots=True)
class Habits:
    """Everybody's ways."""

    roles: Mapping[RoleId, Habit]
    anybody: Habit
    """For a role that did nothing in the month."""
    reach: float
    """The share of attempts at contact that got through."""
    failed: Mapping[OutcomeId, int]
    """How often the others ended in which way."""
    ordinary: float
    """The share of steps that ended with the first of their outcomes."""

    def of(self, role: RoleId) -> Habit:
        """Give a role's ways."""
        return self.roles.get(role, self.anybody)


@dataclass(frozen=True, slots=True)
class Imagined:
    """An act that nobody did: when it would be, with which result, in how much time."""

    at: datetime
    result: OutcomeId
    takes: timedelta


def habits_of(seen: Seen) -> Habits:
    """Read the ways of people from what was seen of them."""
    everybody = RoleSeen()
    for role in seen.roles.values():
        everybody.openings += role.openings
        everybody.undone += role.undone
        everybody.expected += role.expected
        for value in role.delays.kept:
            everybody.delays.add(value)
        everybody.worked.total += role.worked.total
    tries, firsts = sum(seen.tries.values()), seen.first.total()
    return Habits(
        roles={id_: _habit(role) for id_, role in seen.roles.items() if role.delays.count},
        anybody=_habit(everybody),
        reach=sum(seen.reached.values()) / tries if tries else 1.0,
        failed=dict(seen.failed),
        ordinary=seen.first[True] / firsts if firsts else 1.0,
    )


def _habit(role: RoleSeen) -> Habit:
    return Habit(
        undone=role.undone / role.openings if role.openings else 0.0,
        delays=tuple(role.delays.kept) or (0.0,),
        pace=role.worked.total / role.expected if role.expected else 1.0,
        practitioner=role.practitioner,
    )


def imagine(
    habits: Habits,
    spec: PlanStep,
    state: StepState,
    start: tuple[datetime, WorkCalendar],
    dice: Dice,
) -> Imagined | None:
    """
    Say what the owner of an open step would do next, counted from the start given.

    None when nobody would take it up, or so late that no calendar reaches that far.
    """
    habit = habits.of(state.owner.role)
    since, calendar = start
    number = len(state.attempts) + 1
    if number == 1 and dice.roll("undone") < habit.undone:
        return None
    hours = habit.delays[int(dice.roll("delay") * len(habit.delays))]
    try:
        at = calendar.add_working_time(since, timedelta(seconds=int(hours * 3600)))
    except CalendarTooShortError:
        return None
    takes = timedelta(seconds=int(spec.expected.total_seconds() * habit.pace))
    return Imagined(at, some_result(habits, spec, dice), takes)


def some_result(habits: Habits, spec: PlanStep, dice: Dice) -> OutcomeId:
    """Draw how an act at a step would end."""
    if spec.attempts is not None and dice.roll("reach") >= habits.reach:
        known = {id_: habits.failed.get(id_, 0) + 1.0 for id_ in spec.attempts.results}
        return pick(known, dice.roll("failed"))
    given_up = spec.attempts.then if spec.attempts is not None else None
    choices = [outcome.id for outcome in spec.outcomes if outcome.id != given_up]
    return pick(share_out(habits.ordinary, choices), dice.roll("outcome"))
