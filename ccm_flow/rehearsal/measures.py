"""
What one patient's month came to, and what many of them come to together.

The recorded month, its replay and a simulated one are measured by the same rules, so that they
can be laid side by side. Whether a step counts as on time is judged as the month's board does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.commands import CloseStep, Command, MoveOwner, NotifyPerson, RemindOwner
from ccm_flow.core.engine.ladder import DEADLINE_PASSED
from ccm_flow.core.ids import RoleId, StepKey
from ccm_flow.core.plan import Disposition, Plan, Trigger
from ccm_flow.core.state import CycleState, StepState, StepStatus


class Fired(StrEnum):
    """What a rung of a ladder did when it fired."""

    REMINDED = "reminded"
    NOTIFIED = "notified"
    HANDED_OVER = "handed_over"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Worked:
    """Time that somebody spent in one role."""

    role: RoleId
    at: datetime
    """When it began."""
    time: timedelta


@dataclass(frozen=True, slots=True)
class PatientMonth:
    """One patient's month, counted."""

    disposition: Disposition | None
    """How it ended; None while it runs."""
    because: str | None
    """Why it was not ready, or the patient left."""
    on_time: int
    """Steps done by their deadline."""
    late: int
    """Steps done after it."""
    missed: int
    """Steps whose deadline passed and that nobody did."""
    fired: Mapping[Fired, int]
    questions: int
    """Clinical questions put to somebody who had to answer by a time."""
    attempts: int
    """Tries at contact, those that got through too."""
    contacts: int
    """Times the patient or caregiver was reached."""
    work: Mapping[tuple[RoleId, date], timedelta]
    """Time by role and clinic day."""
    deadlines: Mapping[StepKey, datetime]
    """Until when each opened step was to be done, at the last."""

    @property
    def came_well(self) -> bool:
        """Tell whether it ended as it should: ready to bill, or the patient is in the program."""
        return self.disposition in (Disposition.READY, Disposition.ENROLLED)

    @property
    def seconds(self) -> float:
        """All time worked, in whole seconds."""
        return sum(time.total_seconds() for time in self.work.values())


def measure(
    plan: Plan,
    state: CycleState,
    fired: Mapping[Fired, int],
    work: Iterable[Worked],
    calendar: WorkCalendar,
) -> PatientMonth:
    """Count one cycle; `fired` is what `count_fired` found in its commands."""
    steps = tuple(state.steps.values())
    judged = Counter(filter(None, map(judge, steps)))
    spent: Counter[tuple[RoleId, date]] = Counter()
    for one in work:
        spent[one.role, calendar.date_of(one.at)] += int(one.time.total_seconds())
    return PatientMonth(
        disposition=state.ending.disposition if state.ending else None,
        because=state.ending.because if state.ending else None,
        on_time=judged[Judged.ON_TIME],
        late=judged[Judged.LATE],
        missed=judged[Judged.MISSED],
        fired=dict(fired),
        questions=sum(
            step.status is not StepStatus.SKIPPED
            for step in steps
            if plan.by_id[step.step].on is Trigger.ESCALATION
        ),
        attempts=sum(len(step.attempts) for step in steps),
        contacts=int(state.facts["contacts"]),
        work={key: timedelta(seconds=seconds) for key, seconds in spent.items()},
        deadlines={step.key: step.due_at for step in steps if step.due_at is not None},
    )


class Judged(StrEnum):
    """A step, judged by its deadline."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"


def judge(step: StepState) -> Judged | None:
    """Judge an opening by its deadline; None for one that nothing can be said of."""
    return judge_dates(step.status, step.due_at, step.ended_at)


def judge_dates(
    status: StepStatus, due_at: datetime | None, ended_at: datetime | None
) -> Judged | None:
    """Judge by how and when an opening ended."""
    if status is StepStatus.EXPIRED:
        return Judged.MISSED
    if due_at is None or ended_at is None:
        return None
    if status is StepStatus.DONE:
        return Judged.ON_TIME if ended_at <= due_at else Judged.LATE
    missed = status is StepStatus.WITHDRAWN and due_at < ended_at
    return Judged.MISSED if missed else None


def count_fired(commands: Iterable[Command], counted: Counter[Fired]) -> None:
    """Add what ladders did among some commands to what was counted before."""
    for command in commands:
        match command:
            case RemindOwner():
                counted[Fired.REMINDED] += 1
            case NotifyPerson():
                counted[Fired.NOTIFIED] += 1
            case MoveOwner(because=because) if because == DEADLINE_PASSED:
                counted[Fired.HANDED_OVER] += 1
            case CloseStep(step=step) if step.status is StepStatus.EXPIRED:
                counted[Fired.EXPIRED] += 1
            case _:
                pass  # nothing a ladder did


class Metric(StrEnum):
    """One figure of a month; each is a share of something, or an amount for each patient."""

    READY = "ready"
    """Patients whose month can be billed, or who came into the program, of all."""
    ON_TIME = "on_time"
    """Steps done by their deadline, of all that were judged by one."""
    MISSED = "missed"
    """Steps that nobody did, of the same."""
    REACHED = "reached"
    """Patients who were reached at least once, of all."""
    CONTACTS = "contacts"
    ATTEMPTS = "attempts"
    MINUTES = "minutes"
    REMINDERS = "reminders"
    NOTICES = "notices"
    HANDED_OVER = "handed_over"
    QUESTIONS = "questions"


SHARES = frozenset({Metric.READY, Metric.ON_TIME, Metric.MISSED, Metric.REACHED})
"""Metrics to be read as per cent; the others are amounts for each patient."""

METRICS = tuple(Metric)


def value_of(metric: Metric, counted: float, of: float) -> float:
    """Give a metric of what was counted of so many."""
    return counted / of / 60 if metric is Metric.MINUTES else counted / of


def figures(one: PatientMonth) -> tuple[float, ...]:
    """
    Give what each metric counts of a patient, in the order of `METRICS`: whole numbers.

    So they add up to the same in whatever order patients are counted. Minutes are counted in
    seconds.
    """
    fired = one.fired
    return (
        float(one.came_well),
        float(one.on_time),
        float(one.missed),
        float(one.contacts > 0),
        float(one.contacts),
        float(one.attempts),
        one.seconds,
        float(fired.get(Fired.REMINDED, 0)),
        float(fired.get(Fired.NOTIFIED, 0)),
        float(fired.get(Fired.HANDED_OVER, 0)),
        float(one.questions),
    )


@dataclass(slots=True)
class Totals:
    """Many patients' months, added up one after the other; keeps no patient."""

    patients: int = 0
    judged: int = 0
    """Steps that were judged by a deadline."""
    sums: list[float] = field(default_factory=lambda: [0.0] * len(METRICS))
    endings: Counter[tuple[Disposition | None, str | None]] = field(default_factory=Counter)
    work: Counter[tuple[RoleId, date]] = field(default_factory=Counter)
    """Seconds by role and day."""

    def add(self, one: PatientMonth) -> None:
        """Add a patient's month."""
        self.patients += 1
        self.judged += one.on_time + one.late + one.missed
        for place, value in enumerate(figures(one)):
            self.sums[place] += value
        self.endings[one.disposition, one.because] += 1
        for key, time in one.work.items():
            self.work[key] += int(time.total_seconds())

    def merge(self, other: "Totals") -> None:
        """Add what was added up elsewhere."""
        self.patients += other.patients
        self.judged += other.judged
        self.sums = [mine + theirs for mine, theirs in zip(self.sums, other.sums, strict=True)]
        self.endings.update(other.endings)
        self.work.update(other.work)

    def value(self, metric: Metric) -> float | None:
        """Give a metric: a share between 0 and 1, or the amount for each patient; None of none."""
        of = self.judged if metric in (Metric.ON_TIME, Metric.MISSED) else self.patients
        return value_of(metric, self.sums[METRICS.index(metric)], of) if of else None
