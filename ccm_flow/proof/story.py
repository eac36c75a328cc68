"""Tells a course of events day by day, in plain sentences with dates and people."""

from collections.abc import Iterator
from datetime import datetime

from ccm_flow.core.commands import (
    CloseStep,
    Command,
    EndCycle,
    MoveOwner,
    NotifyPerson,
    OpenStep,
    RecordReadiness,
    RemindOwner,
    TellProgramOwner,
)
from ccm_flow.core.engine import MonthPlan, advance, open_cycle, wakes
from ccm_flow.core.events import (
    AttemptMade,
    CyclePaused,
    CycleResumed,
    Event,
    FactsChanged,
    MonthClosed,
    PatientDied,
    PatientWithdrew,
    StepCompleted,
    StepSkipped,
    TimePassed,
    Triggered,
)
from ccm_flow.core.facts import Facts, FactValue
from ccm_flow.core.ids import OutcomeId, StepId
from ccm_flow.core.plan import Plan
from ccm_flow.core.state import CycleState, Owner, StepState, StepStatus
from ccm_flow.proof.findings import StoryLine
from ccm_flow.proof.setting import Setting, local_text
from ccm_flow.proof.walk import Course


def tell(plan: Plan, setting: Setting, course: Course) -> tuple[StoryLine, ...]:
    """Tell a course from the cycle's opening on, with all that the playbook does meanwhile."""
    return tuple(_Teller(plan, setting).tell(course))


class Words:
    """Names the steps, outcomes and people of a plan as people know them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._titles = {role.id: role.title for role in plan.roles}

    def step(self, id_: StepId) -> str:
        """Name a step."""
        return f"'{self._plan.by_id[id_].title}'"

    def outcome(self, step: StepId, id_: OutcomeId) -> str:
        """Name an outcome."""
        found = self._plan.by_id[step].outcome(id_)
        return f"'{found.title}'" if found else f"'{id_.replace('_', ' ')}'"

    def role(self, id_: str) -> str:
        """Name a role."""
        return self._titles.get(id_, id_)  # type: ignore[call-overload, no-any-return]

    def owner(self, owner: Owner) -> str:
        """Name a person with their role: `Care coordinator (Ann)`."""
        return f"{self.role(owner.role)} ({owner.person})"


class _Teller:
    def __init__(self, plan: Plan, setting: Setting) -> None:
        self._plan, self._setting = plan, setting
        self._words = Words(plan)

    def tell(self, course: Course) -> Iterator[StoryLine]:
        start = self._setting.start(self._plan, course.facts)
        layout = MonthPlan.of(start)
        state = open_cycle(start)
        for at, event in course.events:
            while (wake := _next_wake(layout, state)) is not None and wake < at:
                turn = advance(layout, state, TimePassed(), wake)
                yield from self._lines(wake, self._of_commands(turn.commands))
                state = turn.state
            yield from self._lines(at, self._of_event(state, event))
            turn = advance(layout, state, event, at)
            yield from self._lines(at, self._of_commands(turn.commands))
            state = turn.state

    def _lines(self, at: datetime, texts: Iterator[str]) -> Iterator[StoryLine]:
        when = local_text(self._setting.calendar, at)
        for text in texts:
            yield StoryLine(at, when, text)

    # --- what people do ---

    def _of_event(self, state: CycleState, event: Event) -> Iterator[str]:
        said = self._said(state, event)
        if said:
            yield said + _record(getattr(event, "facts", None), state.facts)

    def _said(self, state: CycleState, event: Event) -> str:
        match event:
            case StepCompleted(step=key, outcome=outcome):
                step = state.steps[key]
                return f"{self._doer(step)} completes {self._name(step)} as " + (
                    self._words.outcome(step.step, outcome)
                )
            case AttemptMade(step=key, result=result):
                step = state.steps[key]
                number = len(step.attempts) + 1
                told = result.replace("_", " ")
                return f"{self._doer(step)} tries {self._name(step)}, attempt {number}: {told}"
            case StepSkipped(step=key, because=because):
                step = state.steps[key]
                return f"{self._doer(step)} skips {self._name(step)}: {because}"
        return self._said_of_month(event)

    @staticmethod
    def _said_of_month(event: Event) -> str:
        match event:
            case Triggered(trigger=trigger, urgency=urgency):
                what = f"{urgency} {trigger.value}" if urgency else trigger.value
                return f"Reported from outside: {what.replace('_', ' ')}"
            case CyclePaused(because=because):
                return f"The month is paused: {because}"
            case CycleResumed():
                return "The month goes on"
            case PatientWithdrew(because=because):
                return f"The patient leaves the program: {because}"
            case PatientDied():
                return "The patient dies"
            case FactsChanged():
                return "The record changes"
            case MonthClosed(by=by):
                return f"{by} closes the month"
        return ""

    def _doer(self, step: StepState) -> str:
        return self._words.owner(step.owner)

    def _name(self, step: StepState) -> str:
        again = f" (opening {step.round})" if step.round > 1 else ""
        return self._words.step(step.step) + again

    # --- what the playbook does ---

    def _of_commands(self, commands: tuple[Command, ...]) -> Iterator[str]:
        ended = any(isinstance(command, EndCycle) for command in commands)
        for command in commands:
            said = self._done(command, ended=ended)
            if said:
                yield said + "."

    def _done(self, command: Command, *, ended: bool) -> str:
        match command:
            case OpenStep(step=step):
                return f"{self._name(step)} opens for {self._doer(step)}{self._until(step)}"
            case CloseStep(step=step):
                return self._closed(step, ended=ended)
            case RemindOwner(step=step):
                return f"{self._doer(step)} is reminded of {self._name(step)}"
            case NotifyPerson(step=step, to=to):
                return f"{self._words.owner(to)} is told about {self._name(step)}"
            case MoveOwner(step=step, was=was):
                taken = f"{self._name(step)} is taken from {self._words.owner(was)}"
                return f"{taken} and given to {self._doer(step)}"
            case RecordReadiness(blockers=blockers):
                missing = ", ".join(blocker.detail for blocker in blockers)
                return f"The readiness check finds: {missing or 'nothing is missing'}"
            case TellProgramOwner(to=to):
                return f"{self._words.owner(to)} is told that the work goes round and round"
            case EndCycle(ending=ending):
                because = f": {ending.because.replace('_', ' ')}" if ending.because else ""
                return f"It ends as {ending.disposition.value.replace('_', ' ')}{because}"
        return ""

    def _until(self, step: StepState) -> str:
        if step.due_at is None:
            return ", without a deadline"
        return f", due {local_text(self._setting.calendar, step.due_at)}"

    def _closed(self, step: StepState, *, ended: bool) -> str:
        match step.status:
            case StepStatus.SKIPPED:
                return f"{self._name(step)} is skipped: {step.because}"
            case StepStatus.EXPIRED:
                as_ = f" as {self._words.outcome(step.step, step.outcome)}" if step.outcome else ""
                return f"{self._name(step)} is withdrawn{as_}: {step.because}"
            case StepStatus.WITHDRAWN if ended:
                return f"{self._name(step)} is still open and is withdrawn"
        return ""


def _record(facts: Facts | None, before: Facts) -> str:
    """Say what the record says differently from before."""
    new = {name: value for name, value in (facts or {}).items() if before.get(name) != value}
    if not new:
        return "."
    said = ", ".join(f"{name.replace('_', ' ')}: {_spoken(value)}" for name, value in new.items())
    return f". The record now says {said}."


def _spoken(value: FactValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _next_wake(layout: MonthPlan, state: CycleState) -> datetime | None:
    return min((wake.at for wake in wakes(layout, state).values()), default=None)
