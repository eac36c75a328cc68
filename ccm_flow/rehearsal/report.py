"""What a simulation says to people: figures by month and role, and where it fails first."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final

from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.rehearsal.measures import Metric
from ccm_flow.rehearsal.pod import Question
from ccm_flow.rehearsal.tally import MonthTally, StepDay, Tally

SHOWN: Final = (1, 2, 3, 6)
"""The months that are laid side by side, the last one besides."""
FAILS_FROM: Final = 0.2
"""A step fails on a day when at least this share of what was due then was not done in time."""
_FEWEST: Final = 5
"""So many of them at least: one forgotten step of three is no failure of the program."""


@dataclass(frozen=True, slots=True)
class EndingCount:
    """How many months ended in one way."""

    disposition: str
    because: str | None
    patients: int


@dataclass(frozen=True, slots=True)
class WeakStep:
    """A step and how much of it was not done in time."""

    step: StepId
    title: str
    role: RoleId
    role_title: str
    due: int
    not_on_time: int


@dataclass(frozen=True, slots=True)
class MonthResult:
    """One month; shares are between 0 and 1 and None where there is nothing to share."""

    number: int
    """From 1."""
    month: Month
    patients: int
    ready: float | None
    on_time: float | None
    missed: float | None
    reached: float | None
    contacts: float | None
    """For each patient, as all that follow."""
    attempts: float | None
    escalations: float | None
    """Times a ladder told somebody else of a step, or handed it to them."""
    questions: float | None
    """Clinical questions put to somebody."""
    minutes: float | None
    endings: tuple[EndingCount, ...]
    weakest: WeakStep | None
    """The step with the most that was not done in time."""


@dataclass(frozen=True, slots=True)
class RoleResult:
    """One role over all months."""

    role: RoleId
    title: str
    minutes: int
    """Worked in all."""
    minutes_per_patient_month: float
    protected: int | None
    """Minutes that were kept for the program; None when capacity is unbounded."""
    utilisation: float | None
    busiest_day: date | None
    most_waiting: int
    """Pieces of work that waited at the end of the worst day."""
    most_waiting_on: date | None


@dataclass(frozen=True, slots=True)
class DayResult:
    """One role on one day, over all teams."""

    day: date
    role: RoleId
    minutes: int
    protected: int | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Where the program fails first."""

    day: date
    step: StepId
    title: str
    role: RoleId
    role_title: str
    due: int
    not_on_time: int
    waiting: int
    """Pieces of work that waited for the role that evening."""


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """All that a simulation says."""

    playbook: str
    version: int
    sha256: str
    program: str
    staff: str | None
    """The staff file's title; None when capacity is unbounded."""
    teams: int
    patients: int
    joining: int
    seed: int
    behaviour: str
    months: tuple[MonthResult, ...]
    roles: tuple[RoleResult, ...]
    days: tuple[DayResult, ...]
    failure: Failure | None
    sentence: str
    """Where it fails first, or that it does not."""

    @property
    def shown(self) -> tuple[MonthResult, ...]:
        """Give the months that are laid side by side."""
        last = len(self.months)
        return tuple(one for one in self.months if one.number in SHOWN or one.number == last)


def report(question: Question, tally: Tally) -> SimulationResult:
    """Say what a simulation came to."""
    failure = find_failure(question.plan, tally)
    return SimulationResult(
        playbook=question.plan.playbook,
        version=question.plan.version,
        sha256=question.plan.sha256,
        program=question.plan.program,
        staff=question.staff.title if question.staff else None,
        teams=question.staff.teams(question.patients) if question.staff else 1,
        patients=question.patients,
        joining=question.joining,
        seed=question.seed,
        behaviour=question.assumptions.id,
        months=tuple(_month(question, number, month) for number, month in enumerate(tally.months)),
        roles=_roles(question, tally),
        days=_days(tally),
        failure=failure,
        sentence=_sentence(failure),
    )


def _month(question: Question, number: int, tally: MonthTally) -> MonthResult:
    totals = tally.totals
    notices, handed = totals.value(Metric.NOTICES), totals.value(Metric.HANDED_OVER)
    return MonthResult(
        number=number + 1,
        month=question.months[number][0],
        patients=totals.patients,
        ready=totals.value(Metric.READY),
        on_time=totals.value(Metric.ON_TIME),
        missed=totals.value(Metric.MISSED),
        reached=totals.value(Metric.REACHED),
        contacts=totals.value(Metric.CONTACTS),
        attempts=totals.value(Metric.ATTEMPTS),
        escalations=None if notices is None or handed is None else notices + handed,
        questions=totals.value(Metric.QUESTIONS),
        minutes=totals.value(Metric.MINUTES),
        endings=tuple(
            EndingCount(disposition.value if disposition else "running", because, count)
            for (disposition, because), count in sorted(
                totals.endings.items(), key=lambda pair: (-pair[1], str(pair[0]))
            )
        ),
        weakest=_weakest(question.plan, tally),
    )


def _weakest(plan: Plan, tally: MonthTally) -> WeakStep | None:
    due: Counter[tuple[StepId, RoleId]] = Counter()
    late: Counter[tuple[StepId, RoleId]] = Counter()
    for (step, role, _), count in tally.due.items():
        due[step, role] += count
    for (step, role, _), count in tally.not_on_time.items():
        late[step, role] += count
    worst = max(late, key=lambda key: (late[key], key), default=None)
    if worst is None or not late[worst]:
        return None
    step, role = worst
    return WeakStep(step, plan.by_id[step].title, role, _title(plan, role), due[worst], late[worst])


def _title(plan: Plan, role: RoleId) -> str:
    return next((one.title for one in plan.roles if one.id == role), role)


def _roles(question: Question, tally: Tally) -> tuple[RoleResult, ...]:
    work = tally.work_by_day()
    patient_months = sum(month.totals.patients for month in tally.months)
    return tuple(
        _role(question, tally, role.id, work, patient_months)
        for role in question.plan.roles
        if any(one == role.id for one, _ in [*work, *tally.available])
    )


def _role(
    question: Question,
    tally: Tally,
    role: RoleId,
    work: Counter[tuple[RoleId, date]],
    patient_months: int,
) -> RoleResult:
    mine = {day: seconds for (one, day), seconds in work.items() if one == role}
    waiting = {day: count for (one, day), count in tally.waiting.items() if one == role}
    kept = sum(seconds for (one, _), seconds in tally.available.items() if one == role)
    worst = max(sorted(waiting), key=lambda day: waiting[day], default=None)
    worked = sum(mine.values())
    return RoleResult(
        role=role,
        title=_title(question.plan, role),
        minutes=worked // 60,
        minutes_per_patient_month=round(worked / 60 / patient_months, 2) if patient_months else 0.0,
        protected=None if question.staff is None else kept // 60,
        utilisation=round(worked / kept, 4) if kept else None,
        busiest_day=max(sorted(mine), key=lambda day: mine[day], default=None),
        most_waiting=waiting[worst] if worst else 0,
        most_waiting_on=worst,
    )


def _days(tally: Tally) -> tuple[DayResult, ...]:
    work = tally.work_by_day()
    keys = sorted({*work, *tally.available, *tally.waiting}, key=lambda key: (key[1], key[0]))
    return tuple(
        DayResult(
            day=day,
            role=role,
            minutes=work[role, day] // 60,
            protected=tally.available[role, day] // 60 if tally.available else None,
            waiting=tally.waiting[role, day],
        )
        for role, day in keys
    )


def find_failure(plan: Plan, tally: Tally) -> Failure | None:
    """Find the first day on which much of a step was not done in time; None when there is none."""
    due: Counter[StepDay] = Counter()
    late: Counter[StepDay] = Counter()
    for month in tally.months:
        due.update(month.due)
        late.update(month.not_on_time)
    failed = [key for key in due if _fails(due[key], late[key])]
    if not failed:
        return None
    step, role, day = min(failed, key=lambda key: (key[2], -late[key], key[0], key[1]))
    return Failure(
        day=day,
        step=step,
        title=plan.by_id[step].title,
        role=role,
        role_title=_title(plan, role),
        due=due[step, role, day],
        not_on_time=late[step, role, day],
        waiting=tally.waiting[role, day],
    )


def _fails(due: int, late: int) -> bool:
    return late >= _FEWEST and late / due >= FAILS_FROM


def _sentence(failure: Failure | None) -> str:
    if failure is None:
        return (
            f"It does not fail: on no day was {FAILS_FROM:.0%} of a step left undone at its "
            "deadline."
        )
    waiting = (
        f" That evening {failure.waiting} pieces of work waited for the role."
        if failure.waiting
        else ""
    )
    return (
        f"It fails first on {failure.day:%B} {failure.day.day}, {failure.day.year}, at "
        f"'{failure.title}' ({failure.role_title}): of {failure.due} due that day, "
        f"{failure.not_on_time} were not done in time.{waiting}"
    )
