"""
How people act, for simulation: when somebody takes up a step, and how it ends.

Pure and seeded: each decision depends only on the seed, the patient, the step's opening and the
attempt, never on the order in which decisions are asked for. So a simulation on the engine and
one on a real server make the same month.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.deadlines import to_the_minute
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.ids import OutcomeId, RoleId, StepId
from ccm_flow.core.plan import Channel, PlanStep
from ccm_flow.core.state import StepState

Weights = Mapping[OutcomeId, float]
_MOST_NO_SHOWS = 3
"""After so many days on which the patient was not there, the work is done all the same."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How often attempts by one channel get through."""

    share: float
    hours: tuple[tuple[int, float], ...] = ()
    """From which minute of the clinic's day on another share holds; the earliest first."""

    def at(self, minute: int) -> float:
        """Give the share that holds at a minute of the day."""
        found = self.share
        for begins, share in self.hours:
            if begins <= minute:
                found = share
        return found


@dataclass(frozen=True, slots=True)
class StepWork:
    """How long one step takes, when it is not as the playbook expects."""

    mean: timedelta | None = None
    """The playbook's own expectation when None."""
    spread: float | None = None
    """How far it varies either way, as a share of the mean; the ordinary spread when None."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """
    Rates and delays; every share is between 0 and 1.

    The first outcome of a step is its ordinary one; the others share what `ordinary` leaves,
    unless `outcomes` weighs them by name.
    """

    ordinary: float = 0.94
    reach: float = 0.62
    """How often an attempt at contact gets through, by a channel that `reach_by` does not name."""
    left_message: float = 0.4
    """How many failed attempts leave a message; the others get no answer."""
    delay: timedelta = timedelta(hours=4)
    """The mean open clinic time until a step is taken up."""
    late: float = 0.05
    """How often it is taken up only after its deadline."""
    forgotten: float = 0.02
    """How often it is not taken up at all by the person who has it."""
    outcomes: Mapping[StepId, Weights] = field(default_factory=dict)
    reach_by: Mapping[Channel, Reach] = field(default_factory=dict)
    delays: Mapping[RoleId, timedelta] = field(default_factory=dict)
    """The mean delay of a role, where it differs."""
    spread: float = 0.33
    """How far the time a step takes varies either way."""
    work: Mapping[StepId, StepWork] = field(default_factory=dict)
    no_shows: float = 0.0
    """How often a patient is not there for a contact that is no attempt; it is a day later then."""


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody does about a step: when, with which result, in how much time."""

    at: datetime
    result: OutcomeId
    takes: timedelta


def plan_action(
    behaviour: Behaviour,
    step: PlanStep,
    state: StepState,
    calendar: WorkCalendar,
    key: str,
) -> Action | None:
    """
    Say what the owner of an open step will do next; None when they forget it.

    `key` names seed and patient. A step that changes hands is decided anew.
    """
    at = takes_up(behaviour, step, state, calendar, key)
    if at is None:
        return None
    result = result_at(behaviour, step, state, calendar, key, at=at)
    return Action(at, result, work_on(behaviour, step, state, key))


def takes_up(
    behaviour: Behaviour, step: PlanStep, state: StepState, calendar: WorkCalendar, key: str
) -> datetime | None:
    """
    Say when a step's owner is done with it next, if nothing else keeps them; None: never.

    Raises:
        CalendarTooShortError: that lies beyond the calendar, and so beyond the cycle.
    """
    dice = _dice(state, key)
    if not state.attempts and dice.roll("forgotten") < behaviour.forgotten:
        return None
    at = _when(behaviour, state, calendar, dice)
    if behaviour.no_shows and step.attempts is None and any(one.contact for one in step.outcomes):
        return _put_off(behaviour, at, calendar, dice)
    return at


def result_at(
    behaviour: Behaviour,
    step: PlanStep,
    state: StepState,
    calendar: WorkCalendar,
    key: str,
    *,
    at: datetime,
) -> OutcomeId:
    """Say how work on a step ends that is done at an instant."""
    dice = _dice(state, key)
    if step.attempts is not None:
        channel = step.attempts.channel(len(state.attempts) + 1)
        if dice.roll("reach") >= _reach(behaviour, channel, at, calendar):
            results = step.attempts.results
            left = int(dice.roll("message") < behaviour.left_message)
            return results[min(len(results) - 1, left)]
    given_up = step.attempts.then if step.attempts is not None else None
    choices = [outcome.id for outcome in step.outcomes if outcome.id != given_up]
    named = behaviour.outcomes.get(step.id, {})
    known = {id_: weight for id_, weight in named.items() if step.outcome(id_) is not None}
    return pick(known or share_out(behaviour.ordinary, choices), dice.roll("outcome"))


def work_on(behaviour: Behaviour, step: PlanStep, state: StepState, key: str) -> timedelta:
    """Say how long the next piece of work on a step takes, to the second."""
    given = behaviour.work.get(step.id) or StepWork()
    mean = step.expected if given.mean is None else given.mean
    spread = behaviour.spread if given.spread is None else given.spread
    share = (1 - spread) + 2 * spread * _dice(state, key).roll("duration")
    return timedelta(seconds=int(mean.total_seconds() * share))


class Dice:
    """Even draws in [0, 1) that depend on names alone."""

    def __init__(self, key: str) -> None:
        self._begun = hashlib.blake2b(f"{key}|".encode(), digest_size=8)
        """The part of the hash that all draws share."""

    def roll(self, name: str) -> float:
        """Draw by a name; the same name gives the same number."""
        whole = self._begun.copy()
        whole.update(name.encode())
        return int.from_bytes(whole.digest(), "big") / 2**64


def _dice(state: StepState, key: str) -> Dice:
    return Dice(f"{key}|{state.key}|{state.owner.person}|{len(state.attempts) + 1}")


def _when(behaviour: Behaviour, state: StepState, calendar: WorkCalendar, dice: Dice) -> datetime:
    """Take it up within a few open hours; late ones some hours after the deadline."""
    start = state.not_before or state.opened_at
    share = 0.1 + 1.8 * dice.roll("delay")
    if not state.attempts and dice.roll("late") < behaviour.late and state.due_at is not None:
        start = max(start, state.due_at)
    delay = behaviour.delays.get(state.owner.role, behaviour.delay)
    minutes = max(1, int(delay.total_seconds() / 60 * share))
    return to_the_minute(
        calendar.add_working_time(to_the_minute(start), timedelta(minutes=minutes))
    )


def _put_off(
    behaviour: Behaviour, at: datetime, calendar: WorkCalendar, dice: Dice
) -> datetime | None:
    """Go on a business day later, at the same hour, for each time the patient is not there."""
    for number in range(_MOST_NO_SHOWS):
        if dice.roll(f"no_show {number}") >= behaviour.no_shows:
            return at
        day = calendar.date_of(at)
        try:
            later = calendar.business_day_after(day, 1)
            at = calendar.opening(later) + (at - calendar.opening(day))
        except CalendarTooShortError:
            return None
    return at


def _reach(behaviour: Behaviour, channel: Channel, at: datetime, calendar: WorkCalendar) -> float:
    named = behaviour.reach_by.get(channel)
    return behaviour.reach if named is None else named.at(calendar.minute_of(at))


def share_out(ordinary: float, choices: Sequence[OutcomeId]) -> Weights:
    """Give the first outcome its share; the others share the rest evenly."""
    if len(choices) == 1:
        return {choices[0]: 1.0}
    rest = (1 - ordinary) / (len(choices) - 1)
    return {choice: ordinary if i == 0 else rest for i, choice in enumerate(choices)}


def pick(weights: Weights, roll: float) -> OutcomeId:
    """Choose an outcome by its weight; `roll` is an even draw in [0, 1)."""
    mark = roll * sum(weights.values())
    for outcome, weight in weights.items():
        mark -= weight
        if mark < 0:
            return outcome
    return next(reversed(list(weights)))
