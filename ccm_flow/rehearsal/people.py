"""What people do at the steps of a draft: what they did in the record, or as their role does."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ccm_flow.core.behaviour import Dice
from ccm_flow.core.commands import Command, MoveOwner, NotifyPerson, RemindOwner
from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.events import AttemptMade, PersonEvent, StepCompleted, StepSkipped
from ccm_flow.core.ids import SYSTEM, OutcomeId, StepId, StepKey
from ccm_flow.core.plan import PlanStep
from ccm_flow.core.state import CycleState, StepState
from ccm_flow.rehearsal.assumptions import Assumption
from ccm_flow.rehearsal.carrying import Carried, carried_over, when_done
from ccm_flow.rehearsal.habits import Imagined, imagine, some_result
from ccm_flow.rehearsal.knowledge import Knowledge, Learned
from ccm_flow.rehearsal.measures import Worked
from ccm_flow.rehearsal.recorded import STEP_EVENTS, Deed, RecordedMonth
from ccm_flow.rehearsal.stage import Agenda, Planned, Stage


class People:
    """Plans what is done at each open step, and does it when its time comes."""

    def __init__(
        self,
        stage: Stage,
        recorded: RecordedMonth,
        layout: MonthPlan,
        agenda: Agenda,
        own: dict[int, Learned],
    ) -> None:
        self._stage, self._recorded, self._layout = stage, recorded, layout
        self._agenda, self._own = agenda, own
        self._carried = carried_over(recorded, stage.mapping)
        self._prompted: dict[StepKey, dict[int, datetime]] = defaultdict(dict)
        self._plannings: Counter[StepKey] = Counter()
        self._why: dict[StepKey, Assumption] = {}
        self._blocked: list[Planned] = []
        self.assumed: Counter[tuple[Assumption, StepId]] = Counter()
        self.work: list[Worked] = list(recorded.loose)

    def assume(self, what: Assumption, step: StepId | None = None) -> None:
        """Count what is taken for granted."""
        self.assumed[what, step or StepId("")] += 1

    # --- planning ---

    def see(self, state: CycleState, commands: Iterable[Command], now: datetime) -> None:
        """Plan anew where something happened."""
        touched: dict[StepKey, None] = {}
        for command in commands:
            step = getattr(command, "step", None)
            if not isinstance(step, StepState):
                continue
            touched[step.key] = None
            if isinstance(command, RemindOwner | NotifyPerson) or (
                isinstance(command, MoveOwner) and command.by == SYSTEM
            ):
                self._prompted[step.key][step.rungs_passed - 1] = now
        for key in touched:
            if state.steps[key].is_open:
                self.plan(state.steps[key], now)
        if self._blocked and not state.blockers:
            for planned in self._blocked:
                self._agenda.add(now, planned)
            self._blocked.clear()

    def plan(self, step: StepState, now: datetime) -> None:
        """Plan what is done next at an open step."""
        spec = self._stage.plan.step_of(step.step, step.risk)
        carried = self._carried.get(step.key)
        if carried is not None and carried.deeds:
            prompted, calendar = self._prompted[step.key], self._layout.calendar
            at, self._why[step.key] = when_done(carried, step, spec, prompted, calendar)
            if at is not None:
                self._push(step.key, max(at, now), carried.deeds[0])
            return
        why = self._why_imagine(carried, step, spec)
        if why is None:
            return
        self._why[step.key] = why
        since = max(step.not_before or step.opened_at, step.opened_at)
        if why is Assumption.HANDED_OVER:
            since = max(since, now)
        dice = self._dice(step)
        found = imagine(self._stage.habits, spec, step, (since, self._layout.calendar), dice)
        if found is not None:
            self._push(step.key, max(found.at, now), replace(found, at=max(found.at, now)))

    def _why_imagine(
        self, carried: Carried | None, step: StepState, spec: PlanStep
    ) -> Assumption | None:
        """Say why somebody acts who did not in the record; None when nobody does."""
        if carried is None:
            taken = set(self._stage.mapping.values())
            known = step.step in self._recorded.plan.by_id or step.step in taken
            return Assumption.ANOTHER_ROUND if known else Assumption.NEW_STEP
        opening = carried.opening
        if opening.skipped and opening.opened_at == opening.ended_at:
            return Assumption.ANOTHER_ROUND
        if opening.done:
            return Assumption.ANOTHER_TRY
        if self._was_handed_over(carried, step, spec):
            return Assumption.HANDED_OVER
        if step.opened_at < opening.opened_at and self._had_no_time(carried):
            return Assumption.ANOTHER_ROUND
        return None

    def _was_handed_over(self, carried: Carried, step: StepState, spec: PlanStep) -> bool:
        """Tell whether the ladder gave the step to somebody who never had it."""
        return step.owner.role not in (spec.owner, *carried.owners)

    def _had_no_time(self, carried: Carried) -> bool:
        """Tell whether the recorded opening ended before its owner usually acts."""
        opening, calendar = carried.opening, self._layout.calendar
        ended = opening.ended_at or opening.opened_at
        left = calendar.working_time_between(opening.opened_at, ended).total_seconds() / 3600
        delays = self._stage.habits.of(opening.role).delays
        return left < sum(delays) / len(delays)

    def _push(self, key: StepKey, at: datetime, what: Deed | Imagined) -> None:
        self._plannings[key] += 1
        self._agenda.add(at, Planned(key, what, self._plannings[key]))

    def _dice(self, step: StepState) -> Dice:
        who = f"{self._stage.seed}|{self._recorded.cycle}"
        return Dice(f"{who}|{step.key}|{step.owner.person}|{len(step.attempts) + 1}")

    # --- acting ---

    def still_means(self, planned: Planned) -> bool:
        """Tell whether a planned act is the newest that was planned at its step."""
        return planned.number == self._plannings[planned.key]

    def act(
        self, planned: Planned, step: StepState, knows: Knowledge, now: datetime
    ) -> PersonEvent:
        """Give what is done, with what it brings to the record."""
        spec = self._stage.plan.step_of(step.step, step.risk)
        what = planned.what
        if isinstance(what, Deed):
            event = self._repeated(what, step, spec)
            knows.bring(self._own.get(what.sequence))
        else:
            event = _ended(step, spec, what.result)
            outcome = spec.outcome(what.result)
            practitioner = self._stage.habits.of(step.owner.role).practitioner
            knows.imagine(what.takes, outcome, practitioner=practitioner)
        if isinstance(event, StepCompleted | AttemptMade):
            return replace(event, facts=knows.tell(now))
        return event

    def _repeated(self, deed: Deed, step: StepState, spec: PlanStep) -> PersonEvent:
        event = deed.event
        if isinstance(event, StepCompleted) and spec.outcome(event.outcome) is None:
            return _ended(step, spec, some_result(self._stage.habits, spec, self._dice(step)))
        if isinstance(event, AttemptMade) and not spec.takes_result(event.result):
            return _ended(step, spec, some_result(self._stage.habits, spec, self._dice(step)))
        assert isinstance(event, STEP_EVENTS)  # noqa: S101 - only acts at steps are planned
        if event.step != step.key:
            event = replace(event, step=step.key)
        if isinstance(event, StepCompleted | AttemptMade | StepSkipped) and not self._may(
            event, step
        ):
            event = replace(event, by=step.owner.person, role=step.owner.role)
        return event

    def _may(self, event: StepCompleted | AttemptMade | StepSkipped, step: StepState) -> bool:
        return event.role in (step.owner.role, self._stage.plan.owner)

    def keep(self, planned: Planned, event: PersonEvent, step: StepState, now: datetime) -> None:
        """Note that an act was taken: the time that went into it, and what it took for granted."""
        what = planned.what
        self.assume(self._why[planned.key], step.step)
        if not isinstance(what, Deed):
            self.work.append(Worked(step.owner.role, now - what.takes, what.takes))
            return
        carried = self._carried[planned.key]
        carried.deeds.popleft()
        self._note_changes(carried, what, event, step)
        role = getattr(event, "role", step.owner.role)
        later = now - what.at
        for one in what.spent:
            worked = one if not later else replace(one, at=one.at + later)
            self.work.append(worked if worked.role == role else replace(worked, role=role))

    def _note_changes(
        self, carried: Carried, deed: Deed, event: PersonEvent, step: StepState
    ) -> None:
        if carried.renamed:
            self.assume(Assumption.RENAMED, step.step)
        was = deed.event
        if isinstance(was, StepCompleted | AttemptMade):
            assert isinstance(event, StepCompleted | AttemptMade)  # noqa: S101 - made of it
            if event.role != was.role:
                self.assume(Assumption.NEW_OWNER, step.step)
            if _result(event) != _result(was):
                self.assume(Assumption.OUTCOME_GONE, step.step)
            elif _channels(self._stage.plan.by_id.get(step.step)) != _channels(
                self._recorded.plan.by_id.get(carried.opening.step)
            ):
                self.assume(Assumption.CHANNEL, step.step)

    def refused(self, planned: Planned, code: str, step: StepState, now: datetime) -> None:
        """Wait until nothing blocks the month any more, or let the act be."""
        if code == "blocked":
            self._blocked.append(planned)
            return
        self.assume(Assumption.REFUSED, step.step)
        if isinstance(planned.what, Deed):
            self._carried[planned.key].deeds.popleft()
            self.plan(step, now)

    def close(self, state: CycleState) -> None:
        """Count what was never done."""
        for key, carried in self._carried.items():
            if carried.deeds:
                why = Assumption.TOO_LATE if key in state.steps else Assumption.NOT_OPENED
                if self._why.get(key) is Assumption.HANDOVER_GONE:
                    why = Assumption.HANDOVER_GONE
                self.assumed[why, StepId(key.partition("~")[0])] += len(carried.deeds)
            elif not carried.opening.done and not carried.opening.skipped:
                self.assume(Assumption.LEFT_UNDONE, StepId(key.partition("~")[0]))
        for deed in self._recorded.deeds:
            if deed.key is not None:
                step = StepId(deed.key.partition("~")[0])
                if self._stage.mapping.get(step, step) is None:
                    self.assume(Assumption.LEFT_OUT, step)


def _ended(step: StepState, spec: PlanStep, result: OutcomeId) -> StepCompleted | AttemptMade:
    by, role = step.owner.person, step.owner.role
    if spec.takes_result(result):
        return AttemptMade(step.key, result, by, role)
    return StepCompleted(step.key, result, by, role)


def _result(event: StepCompleted | AttemptMade) -> OutcomeId:
    return event.outcome if isinstance(event, StepCompleted) else event.result


def _channels(spec: PlanStep | None) -> object:
    return spec.attempts.channels if spec is not None and spec.attempts is not None else ()
