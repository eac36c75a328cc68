"""
How people act, for simulation: when somebody takes up a step, and how it ends.

Pure and seeded: each decision depends only on the seed, the patient, the step's opening and the
attempt, never on the order in which decisions are asked for. So a simulation on the engine and
one on a real server make the same month.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.deadlines import to_the_minute
from ccm_flow.core.ids import OutcomeId, StepId
from ccm_flow.core.plan import PlanStep
from ccm_flow.core.state import StepState

Weights = Mapping[OutcomeId, float]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """
    Rates and delays; every share is between 0 and 1.

    The first outcome of a step is its ordinary one; the others share what `ordinary` leaves,
    unless `outcomes` weighs them by name.
    """

    ordinary: float = 0.94
    reach: float = 0.62
    """How often an attempt at contact gets through."""
    left_message: float = 0.4
    """How many failed attempts leave a message; the others get no answer."""
    delay: timedelta = timedelta(hours=4)
    """The mean open clinic time until a step is taken up."""
    late: float = 0.05
    """How often it is taken up only after its deadline."""
    forgotten: float = 0.02
    """How often it is not taken up at all by the person who has it."""
    outcomes: Mapping[StepId, Weights] = field(default_factory=lambda: MappingProxyType({}))


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
    number = len(state.attempts) + 1
    dice = _Dice(f"{key}|{state.key}|{state.owner.person}|{number}")
    if number == 1 and dice.roll("forgotten") < behaviour.forgotten:
        return None
    result = _result(behaviour, step, dice)
    return Action(_when(behaviour, state, calendar, dice), result, _duration(step, dice))


class _Dice:
    """Even draws in [0, 1) that depend on names alone."""

    def __init__(self, key: str) -> None:
        self._begun = hashlib.blake2b(f"{key}|".encode(), digest_size=8)
        """The part of the hash that all draws share."""

    def roll(self, name: str) -> float:
        whole = self._begun.copy()
        whole.update(name.encode())
        return int.from_bytes(whole.digest(), "big") / 2**64


def _when(behaviour: Behaviour, state: StepState, calendar: WorkCalendar, dice: _Dice) -> datetime:
    """Take it up within a few open hours; late ones some hours after the deadline."""
    start = state.not_before or state.opened_at
    share = 0.1 + 1.8 * dice.roll("delay")
    if not state.attempts and dice.roll("late") < behaviour.late and state.due_at is not None:
        start = max(start, state.due_at)
    minutes = max(1, int(behaviour.delay.total_seconds() / 60 * share))
    return to_the_minute(
        calendar.add_working_time(to_the_minute(start), timedelta(minutes=minutes))
    )


def _result(behaviour: Behaviour, step: PlanStep, dice: _Dice) -> OutcomeId:
    if step.attempts is not None and dice.roll("reach") >= behaviour.reach:
        results = step.attempts.results
        return results[min(len(results) - 1, int(dice.roll("message") < behaviour.left_message))]
    given_up = step.attempts.then if step.attempts is not None else None
    choices = [outcome.id for outcome in step.outcomes if outcome.id != given_up]
    weights = behaviour.outcomes.get(step.id) or _weights(behaviour, choices)
    return _pick(weights, dice.roll("outcome"))


def _weights(behaviour: Behaviour, choices: list[OutcomeId]) -> Weights:
    if len(choices) == 1:
        return {choices[0]: 1.0}
    rest = (1 - behaviour.ordinary) / (len(choices) - 1)
    return {choice: behaviour.ordinary if i == 0 else rest for i, choice in enumerate(choices)}


def _pick(weights: Weights, roll: float) -> OutcomeId:
    mark = roll * sum(weights.values())
    for outcome, weight in weights.items():
        mark -= weight
        if mark < 0:
            return outcome
    return next(reversed(list(weights)))


def _duration(step: PlanStep, dice: _Dice) -> timedelta:
    """Vary the expected time by a third either way, to the second."""
    seconds = step.expected.total_seconds() * (0.67 + 0.66 * dice.roll("duration"))
    return timedelta(seconds=int(seconds))
