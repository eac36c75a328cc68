"""One simulated cycle: the engine's state, the patient's record, and what its owners do next."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ccm_flow.core.behaviour import Behaviour, result_at, takes_up, work_on
from ccm_flow.core.credentials import Credential
from ccm_flow.core.engine import MonthPlan, advance, open_cycle, refuse, wakes
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.events import AttemptMade, CycleOpened, Event, StepCompleted, TimePassed
from ccm_flow.core.facts import Facts
from ccm_flow.core.ids import OutcomeId, PersonId, StepKey
from ccm_flow.core.plan import PlanStep
from ccm_flow.core.state import CycleStart, CycleState, StepState
from ccm_flow.rehearsal.measures import Fired, PatientMonth, Worked, count_fired, measure
from ccm_flow.rehearsal.record import Record
from ccm_flow.rehearsal.stories import Told

Turn = tuple[str, int]
"""Who has a step, and the number of the try: a decision is made once for each."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work on a step."""

    step: StepState
    """As it was when the work was planned."""
    began: datetime
    takes: timedelta


class Life:
    """
    A cycle that people who behave in a certain way bring to its end.

    Nothing here knows how much time they have: `unbounded` lets everybody act when they would,
    `queues` lets them act when it is their turn.
    """

    def __init__(
        self,
        start: CycleStart,
        layout: MonthPlan,
        behaviour: Behaviour,
        *,
        key: str,
        story: Sequence[Told] = (),
    ) -> None:
        self.start: Final = start
        self.layout: Final = layout
        self.key: Final = key
        self.story: Final = story
        self.told = 0
        """How much of the story has happened."""
        self.state: CycleState = open_cycle(start)
        self.record: Final = Record(start.facts, start.month, layout.calendar)
        self.fired: Counter[Fired] = Counter()
        self.pieces: list[Piece] = []
        """What was worked, one piece after the other."""
        self._behaviour = behaviour
        self._plans: dict[StepKey, tuple[StepState, datetime | None]] = {}
        self._done: set[tuple[StepKey, Turn]] = set()
        self._takes: dict[tuple[StepKey, Turn], timedelta] = {}
        self._told_facts = self.record.facts()

    @property
    def is_over(self) -> bool:
        """Tell whether the cycle has ended."""
        return self.state.ending is not None

    def open(self) -> None:
        """Let the cycle begin."""
        self._take(CycleOpened(), self.layout.opens_at)

    def wakes_at(self) -> datetime:
        """Say when the cycle does something by itself; one that has ended never does."""
        return min(wake.at for wake in wakes(self.layout, self.state).values())

    def let_time_pass(self, at: datetime) -> None:
        """Do what has fallen due."""
        facts: Facts | None = self.record.facts()
        if facts == self._told_facts:
            facts = None
        self._take(TimePassed(facts), at)

    def tell(self, at: datetime) -> None:
        """Let the next part of the story happen, unless the month cannot take it any more."""
        event = self.story[self.told].event
        self.told += 1
        if refuse(self.layout, self.state, event, at) is None:
            self._take(event, at)

    def planned(self) -> Iterator[tuple[datetime, StepState]]:
        """
        Give the open steps that their owners will take up, and when they would be done with each.

        Decided once for each state of a step; forgotten ones and those beyond the calendar are
        left out, and so is everything while the clocks stand still.
        """
        for step in self.state.steps.values():
            if step.is_open and step.due_at is not None:
                known = self._plans.get(step.key)
                if known is None or known[0] is not step:
                    known = self._plans[step.key] = (step, self._takes_up(step))
                if known[1] is not None and (step.key, _turn(step)) not in self._done:
                    yield known[1], step

    def _takes_up(self, step: StepState) -> datetime | None:
        plan = self.layout.plan.step_of(step.step, step.risk)
        try:
            return takes_up(self._behaviour, plan, step, self.layout.calendar, self.key)
        except CalendarTooShortError:
            return None

    def can_begin(self, step: StepState) -> bool:
        """Tell whether its owner may begin work on a step as it was planned."""
        now = self._as_it_was(step)
        return now is not None and now.owner == step.owner

    def _as_it_was(self, step: StepState) -> StepState | None:
        """Give a step that still waits for the work that was planned on it."""
        now = self.state.steps.get(step.key)
        if now is None or not now.is_open or now.due_at is None:
            return None
        return now if len(now.attempts) == len(step.attempts) else None

    def work_on(self, step: StepState) -> timedelta:
        """Say how long the next piece of work on a step takes."""
        key = (step.key, _turn(step))
        known = self._takes.get(key)
        if known is None:
            plan = self.layout.plan.step_of(step.step, step.risk)
            known = self._takes[key] = work_on(self._behaviour, plan, step, self.key)
        return known

    def finish(
        self,
        step: StepState,
        *,
        at: datetime,
        began: datetime,
        decided_at: datetime,
        by: PersonId,
        credential: Credential | None,
    ) -> None:
        """
        Let somebody end a piece of work on a step: with an outcome, or an attempt's result.

        The time is written down whether the step takes it or not, as in the real record. Work that
        was under way when the step changed hands counts all the same.
        """
        plan = self.layout.plan.step_of(step.step, step.risk)
        calendar, takes = self.layout.calendar, self.work_on(step)
        result = result_at(self._behaviour, plan, step, calendar, self.key, at=decided_at)
        self._done.add((step.key, _turn(step)))
        self.record.worked(plan, result, credential, began=began, takes=takes)
        self.pieces.append(Piece(step, began, takes))
        now = self._as_it_was(step)
        if now is not None:
            self._end(now, plan, result, by, at)

    def _end(
        self, step: StepState, plan: PlanStep, result: OutcomeId, by: PersonId, at: datetime
    ) -> None:
        kind = AttemptMade if plan.takes_result(result) else StepCompleted
        if kind is StepCompleted:
            self.record.ended(plan, result)
        event = kind(step.key, result, by, step.owner.role, facts=self.record.facts())
        if refuse(self.layout, self.state, event, at) is None:
            self._take(event, at)

    def _take(self, event: Event, at: datetime) -> None:
        facts = getattr(event, "facts", None)
        if facts is not None:
            self._told_facts = facts
        done = advance(self.layout, self.state, event, at)
        self.state = done.state
        count_fired(done.commands, self.fired)

    def measured(self) -> PatientMonth:
        """Count what the month came to."""
        calendar = self.layout.calendar
        work = (Worked(one.step.owner.role, one.began, one.takes) for one in self.pieces)
        return measure(self.layout.plan, self.state, self.fired, work, calendar)


def _turn(step: StepState) -> Turn:
    return step.owner.person, len(step.attempts)


def play_unbounded(life: Life, credentials: Mapping[PersonId, Credential | None]) -> None:
    """Play a cycle to its end with staff who always have time when they would act."""
    life.open()
    now = life.layout.opens_at
    while not life.is_over:
        stop = life.wakes_at()
        at, step = min(life.planned(), key=lambda pair: pair[0], default=(None, None))
        told = life.story[life.told].at if life.told < len(life.story) else None
        if told is not None and told < stop and (at is None or told <= at):
            now = max(now, told)
            life.tell(now)
        elif at is not None and step is not None and at < stop:
            now = max(now, at)
            began = at - life.work_on(step)
            credential = credentials.get(step.owner.person)
            life.finish(
                step,
                at=now,
                began=began,
                decided_at=at,
                by=step.owner.person,
                credential=credential,
            )
        else:
            now = stop
            life.let_time_pass(stop)
