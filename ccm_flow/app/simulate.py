"""Simulating a program's next months: what is asked, and who works it out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ccm_flow.app.clinic_hours import ClinicHours
from ccm_flow.core.assumptions import Assumptions
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.staffing import Staff
from ccm_flow.rehearsal.pod import Pod, Question
from ccm_flow.rehearsal.report import SimulationResult, report
from ccm_flow.rehearsal.simulate import fold, run_pod
from ccm_flow.rehearsal.tally import Tally

MOST_PATIENT_MONTHS: Final = 5_000_000
MOST_MONTHS: Final = 36
_BEFORE: Final = timedelta(days=10)
_AFTER: Final = timedelta(days=62)

MakeMonth = Callable[[ClinicHours, Month, PlaybookKind], WorkCalendar]
MakeDays = Callable[[ClinicHours, date, date], WorkCalendar]
RunPods = Callable[[Iterable[Pod]], Iterable[Tally]]


class CannotSimulateError(CcmError):
    """What is asked for cannot be simulated."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Calendars:
    """What works out the days."""

    month: MakeMonth
    days: MakeDays


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to have simulated."""

    plan: Plan
    hours: ClinicHours
    first: Month
    months: int
    patients: int
    seed: int
    assumptions: Assumptions
    staff: Staff | None = None
    """Nobody's time is limited when None."""
    joining: int = 0
    """Patients who join with each month after the first."""


def pose(wanted: Wanted, calendars: Calendars) -> Question:
    """
    Lay what is wanted on its months.

    Raises:
        CannotSimulateError: it is not a monthly playbook, or there is nothing or too much to do.
    """
    _refuse(wanted)
    month, laid = wanted.first, []
    for _ in range(wanted.months):
        laid.append((month, calendars.month(wanted.hours, month, wanted.plan.kind)))
        month = month.next
    days = calendars.days(
        wanted.hours, wanted.first.first_day - _BEFORE, month.previous.last_day + _AFTER
    )
    return Question(
        plan=wanted.plan,
        months=tuple(laid),
        calendar=days,
        assumptions=wanted.assumptions,
        staff=wanted.staff,
        seed=wanted.seed,
        patients=wanted.patients,
        joining=wanted.joining,
    )


def _refuse(wanted: Wanted) -> None:
    if wanted.plan.kind is not PlaybookKind.MONTHLY:
        raise CannotSimulateError(
            f"'{wanted.plan.playbook}' is no monthly playbook.", "Name one of `kind: monthly`."
        )
    if wanted.patients < 1 or wanted.joining < 0:
        raise CannotSimulateError("There must be at least one patient.", "Say --patients 300.")
    if not 1 <= wanted.months <= MOST_MONTHS:
        raise CannotSimulateError(
            f"{wanted.months} months cannot be simulated.", f"Say 1 to {MOST_MONTHS}."
        )
    if (wanted.patients + wanted.joining * wanted.months) * wanted.months > MOST_PATIENT_MONTHS:
        raise CannotSimulateError(
            "That is too much for one simulation.",
            f"It takes up to {MOST_PATIENT_MONTHS:,} months of patients.",
        )


def one_by_one(pods: Iterable[Pod]) -> Iterator[Tally]:
    """Simulate pods here, one after the other."""
    return map(run_pod, pods)


def simulate(wanted: Wanted, calendars: Calendars, run: RunPods = one_by_one) -> SimulationResult:
    """
    Simulate, and say what came of it; the same for the same wish, whatever `run` does beside.

    Raises:
        CannotSimulateError: it is not a monthly playbook, or there is nothing or too much to do.
    """
    question = pose(wanted, calendars)
    return report(question, fold(run(question.pods()), question))


def compare(
    wanted: Sequence[Wanted], calendars: Calendars, run: RunPods = one_by_one
) -> tuple[SimulationResult, ...]:
    """Simulate the same patients under several ways of staffing."""
    return tuple(simulate(one, calendars, run) for one in wanted)
