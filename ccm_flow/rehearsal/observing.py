"""
How people worked in recorded months, counted: how soon, with which result, for how long.

One fold over the months; what it keeps grows with the playbook and the team, not with the
patients, but for the delays, of which an even sample is kept.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.events import AttemptMade, StepCompleted
from ccm_flow.core.ids import OutcomeId, RoleId, StepId
from ccm_flow.core.plan import Channel, PlanStep, planned_channel
from ccm_flow.rehearsal.recorded import Cause, Deed, RecordedMonth

_KEPT = 512
"""Delays kept of each role."""


@dataclass(slots=True)
class Sample:
    """Amounts: their number, their sum, and an even sample of them."""

    count: int = 0
    total: float = 0.0
    kept: list[float] = field(default_factory=list)
    _stride: int = 1

    def add(self, value: float) -> None:
        """Take one more; when there are too many, every second one is let go."""
        if self.count % self._stride == 0:
            self.kept.append(value)
            if len(self.kept) > _KEPT:
                self.kept = self.kept[::2]
                self._stride *= 2
        self.count += 1
        self.total += value

    @property
    def mean(self) -> float:
        """Give the mean; 0 of none."""
        return self.total / self.count if self.count else 0.0


@dataclass(slots=True)
class RoleSeen:
    """What was seen of one role."""

    openings: int = 0
    """Steps that came onto its list and were needed."""
    undone: int = 0
    """Of them, those that nobody touched though there was a deadline."""
    late: int = 0
    """Of those that were taken up, the ones taken up after the deadline."""
    delays: Sample = field(default_factory=Sample)
    """Open clinic hours from the opening, or the planned try, to the act."""
    worked: Sample = field(default_factory=Sample)
    """Minutes with one act."""
    expected: float = 0.0
    """Minutes the playbook expects of the same acts."""
    practitioner: bool = False
    """Its minutes count as a practitioner's own."""


Hour = int


@dataclass(slots=True)
class Seen:
    """What was seen of everybody."""

    months: int = 0
    roles: dict[RoleId, RoleSeen] = field(default_factory=lambda: defaultdict(RoleSeen))
    tries: Counter[tuple[Channel, Hour]] = field(default_factory=Counter)
    """Attempts at contact by channel and hour of the clinic's day."""
    reached: Counter[tuple[Channel, Hour]] = field(default_factory=Counter)
    """Of them, those that got through."""
    failed: Counter[OutcomeId] = field(default_factory=Counter)
    """How the others ended."""
    outcomes: dict[StepId, Counter[OutcomeId]] = field(default_factory=lambda: defaultdict(Counter))
    minutes: dict[StepId, Sample] = field(default_factory=lambda: defaultdict(Sample))
    first: Counter[bool] = field(default_factory=Counter)
    """Whether a step ended with the first of its outcomes, the ordinary one."""

    def add(self, month: RecordedMonth, calendar: WorkCalendar) -> None:
        """Look at one patient's month."""
        self.months += 1
        _count_openings(self, month)
        tries: Counter[str] = Counter()
        for deed in month.deeds:
            if isinstance(deed.event, StepCompleted | AttemptMade):
                tries[deed.event.step] += 1
                act = _Act(month, deed, deed.event, tries[deed.event.step], calendar)
                _count_act(self, act)
                _count_result(self, act)


@dataclass(frozen=True, slots=True)
class _Act:
    month: RecordedMonth
    deed: Deed
    event: StepCompleted | AttemptMade
    number: int
    """Which act at its opening it is, from 1."""
    calendar: WorkCalendar

    @property
    def spec(self) -> PlanStep:
        return self.month.plan.by_id[StepId(self.event.step.partition("~")[0])]


def _count_openings(seen: Seen, month: RecordedMonth) -> None:
    touched = {deed.key for deed in month.deeds}
    for opening in month.openings:
        if opening.skipped:
            continue
        role = seen.roles[opening.role]
        role.openings += 1
        ended, due = opening.ended_at, opening.due_at
        if opening.key not in touched and ended is not None and due is not None and due < ended:
            role.undone += 1


def _count_act(seen: Seen, act: _Act) -> None:
    deed, role = act.deed, seen.roles[act.event.role]
    if deed.basis is not None and deed.basis.cause is not Cause.PROMPTED:
        role.delays.add(_hours(act.calendar, deed.basis.at, deed.at))
    if act.number == 1:
        due = next(one.due_at for one in act.month.openings if one.key == act.event.step)
        role.late += due is not None and deed.at > due
    spent = sum(one.time.total_seconds() for one in deed.spent) / 60
    if spent:
        role.worked.add(spent)
        role.expected += act.spec.expected.total_seconds() / 60
        seen.minutes[act.spec.id].add(spent)
        role.practitioner |= "practitioner_minutes" in deed.learned


def _count_result(seen: Seen, act: _Act) -> None:
    spec, event = act.spec, act.event
    if spec.attempts is not None:
        planned = planned_channel(act.month.plan, spec.attempts, act.number, act.month.facts)
        place = event.channel or planned, _hour(act.calendar, act.deed.at)
        seen.tries[place] += 1
        seen.reached[place] += isinstance(event, StepCompleted)
    if isinstance(event, StepCompleted):
        seen.outcomes[spec.id][event.outcome] += 1
        if len(spec.outcomes) > 1:
            seen.first[event.outcome == spec.outcomes[0].id] += 1
    else:
        seen.failed[event.result] += 1


def _hours(calendar: WorkCalendar, start: datetime, end: datetime) -> float:
    return calendar.working_time_between(start, end).total_seconds() / 3600


def _hour(calendar: WorkCalendar, at: datetime) -> Hour:
    """Give the hour on the clinic's wall: counted back from the day's end, as calls are made."""
    end = calendar.start_of(calendar.date_of(at) + timedelta(days=1))
    return 23 - (int((end - at).total_seconds()) - 1) // 3600
