"""
Replays one recorded month on another playbook, on the engine itself.

The same playbook gives the same month again, line by line. On another one, what people did is
carried over; whatever is taken for granted on the way is counted.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ccm_flow.core.assignment import Assignment, Pool
from ccm_flow.core.engine import Advance, MonthPlan, advance, refuse, wakes
from ccm_flow.core.events import (
    Event,
    FactsChanged,
    MonthClosed,
    PersonEvent,
    TimePassed,
    Triggered,
)
from ccm_flow.core.facts import DEFAULTS
from ccm_flow.core.ids import SYSTEM, OrganizationId, StepId
from ccm_flow.core.responsibility import Parties
from ccm_flow.core.state import CycleState, CycleStatus
from ccm_flow.rehearsal.assumptions import Assumption
from ccm_flow.rehearsal.knowledge import Knowledge, learned_of
from ccm_flow.rehearsal.measures import Fired, PatientMonth, count_fired, measure
from ccm_flow.rehearsal.people import People
from ccm_flow.rehearsal.recorded import Deed, RecordedMonth
from ccm_flow.rehearsal.stage import Agenda, Planned, Stage

AT_ONCE: Final = timedelta(minutes=1)
"""A server looks at the clock a moment after something fell due; the record shows when."""

Watch = Callable[[Event, Advance, datetime], None]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of one patient's month."""

    month: PatientMonth
    assumed: Mapping[tuple[Assumption, StepId], int]
    """How often what was taken for granted, at which step; '' for what is outside them."""


def replay(
    stage: Stage, recorded: RecordedMonth, layout: MonthPlan, watch: Watch | None = None
) -> Replayed:
    """
    Replay a month on `layout`, the stage's playbook laid on the month's calendar.

    `watch` is told every transition.
    """
    playing = _Playing(stage, recorded, layout, watch)
    playing.play()
    return playing.result()


class _Playing:
    """One replay; lives as long as it takes."""

    def __init__(
        self, stage: Stage, recorded: RecordedMonth, layout: MonthPlan, watch: Watch | None
    ) -> None:
        self._stage, self._recorded, self._layout, self._watch = stage, recorded, layout, watch
        self._same = stage.plan.sha256 == recorded.plan.sha256
        own, others = learned_of(recorded.plan, recorded.facts, recorded.deeds)
        self._knows = Knowledge(recorded.facts, others)
        self._agenda = Agenda()
        self._people = People(stage, recorded, layout, self._agenda, own)
        self._looks = [deed.at for deed in recorded.deeds if isinstance(deed.event, TimePassed)]
        self._look = 0
        self._waiting: list[Planned] = []
        self._fired: Counter[Fired] = Counter()
        self._state = self._first_state()

    def _first_state(self) -> CycleState:
        recorded, plan = self._recorded, self._stage.plan
        team = dict(recorded.team)
        if plan.owner not in team:
            team[plan.owner] = team[recorded.plan.owner]
        return CycleState(
            cycle=recorded.cycle,
            month=recorded.month,
            team=team,
            closes_at=self._layout.closes_at,
            facts={**DEFAULTS, **recorded.facts},
        )

    def play(self) -> None:
        """Let everything happen, in order, until the cycle ends."""
        first, *others = self._recorded.deeds
        for deed in others:
            if deed.key is None:
                self._agenda.add(deed.at, deed)
        self._take(first.event, first.at)
        while self._state.ending is None:
            wake = min(wake.at for wake in wakes(self._layout, self._state).values())
            if self._comes_by_itself(wake):
                self._take(TimePassed(self._knows.tell(wake)), wake)
                continue
            at, item = self._agenda.take()
            if isinstance(item, Planned):
                self._do(item, at)
            elif isinstance(item.event, TimePassed):
                self._look_again(item, wake)
            else:
                self._happen(item)

    def result(self) -> Replayed:
        """Count what came of it."""
        self._people.close(self._state)
        if not self._recorded.facts_known:
            self._people.assume(Assumption.NO_FACTS)
        calendar, work = self._layout.calendar, self._people.work
        month = measure(self._stage.plan, self._state, self._fired, work, calendar)
        return Replayed(month, self._people.assumed)

    def _comes_by_itself(self, wake: datetime) -> bool:
        """Tell whether the clock is looked at for a wake, before anything else happens."""
        if not self._agenda or self._same:
            return not self._agenda  # the record shows when the clock was looked at
        if self._agenda.next_at - wake <= AT_ONCE:
            return False  # whoever acts in this moment finds the clock not looked at yet
        while self._look < len(self._looks) and self._looks[self._look] < wake:
            self._look += 1
        return self._look == len(self._looks) or self._looks[self._look] - wake > AT_ONCE

    def _look_again(self, look: Deed, wake: datetime) -> None:
        """Look at the clock as the server did, when something is due or it did so for nothing."""
        if wake <= look.at or (self._same and look.did_nothing):
            self._take(TimePassed(self._knows.tell(look.at)), look.at)

    def _happen(self, deed: Deed) -> None:
        """Let something happen that has no step."""
        event = deed.event
        if isinstance(event, Triggered):
            known = {role.id for role in self._stage.plan.roles}
            to = event.to if event.to in known else None
            event = replace(event, to=to, facts=self._knows.tell(deed.at))
        elif isinstance(event, MonthClosed | FactsChanged):
            event = replace(event, facts=self._knows.tell(deed.at))
        if refuse(self._layout, self._state, _of_person(event), deed.at) is not None:
            self._people.assume(Assumption.REFUSED)
            return
        self._people.assume(Assumption.OUTSIDE)
        self._take(event, deed.at)

    def _do(self, planned: Planned, at: datetime) -> None:
        """Let somebody act at a step, if it is still theirs to do."""
        step = self._state.steps[planned.key]
        if not step.is_open or not self._people.still_means(planned):
            return
        if self._state.status is CycleStatus.PAUSED and not isinstance(planned.what, Deed):
            self._waiting.append(planned)  # while the clocks stand still, so do the staff
            return
        saved = self._knows.save(at)
        event = self._people.act(planned, step, self._knows, at)
        refusal = refuse(self._layout, self._state, event, at)
        if refusal is not None:
            self._knows.put_back(saved)
            self._people.refused(planned, refusal.code, step, at)
            return
        self._people.keep(planned, event, step, at)
        self._take(event, at)

    def _take(self, event: Event, at: datetime) -> None:
        """Move the cycle on, then plan what people do about what is open now."""
        decided = self._recorded.decided.get(at) if self._same else None
        if decided is not None:
            self._state = replace(self._state, pool=_already(decided))
        done = advance(self._layout, self._state, event, at)
        self._state = done.state
        if self._watch is not None:
            self._watch(event, done, at)
        count_fired(done.commands, self._fired)
        if done.state.ending is not None:
            return
        self._people.see(done.state, done.commands, at)
        if self._waiting and done.state.status is CycleStatus.RUNNING:
            for planned in self._waiting:
                self._agenda.add(at, planned)
            self._waiting.clear()


def _already(decided: Mapping[str, Assignment]) -> Pool:
    """Give a pool that decides as it was decided; nobody else is in it to choose from."""
    return Pool((), SYSTEM, {}, Parties(OrganizationId("")), decided=decided)


def _of_person(event: Event) -> PersonEvent:
    """Say that an event outside the steps is a person's: the clock's are dealt with before."""
    return event  # type: ignore[return-value]
