"""A clinic's month: per patient ready, not ready or running, and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.month_patients import PatientOfMonth, patients_of_month
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    CycleRow,
    EnrollmentRow,
    MessageRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.time_counting import count_minutes, stands
from ccm_flow.adapters.db.views_names import clinic_row, enrollment_handles
from ccm_flow.adapters.db.views_steps import blockers_of, timing_of
from ccm_flow.app.views import MonthReport, MonthRow, MonthState, MonthTotals, StepCounts
from ccm_flow.app.views_patient import Timing
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import StepStatus

_NOT_ENDED = (MonthState.RUNNING, MonthState.PAUSED, MonthState.NOT_OPENED)
_GOOD_ENDS = (MonthState.READY, MonthState.ENROLLED)
_ORDER = list(MonthState)


class NoSuchMonthError(CcmError):
    """Nothing was opened for that month."""

    exit_code = 4

    def __init__(self, month: str, known: Sequence[str]) -> None:
        there = ", ".join(dict.fromkeys(known))
        hint = f"There are: {there}." if there else "Open a month with `ccm open-month`, or enroll."
        super().__init__(f"Nothing was opened for {month}.", hint)


def months_of(engine: Engine, clinic: ClinicId, kind: PlaybookKind) -> list[Month]:
    """List the months in which a clinic has cycles of a kind, newest first."""
    with reading(engine) as session:
        return _months(session, clinic, kind)


def _months(session: Session, clinic: ClinicId, kind: PlaybookKind) -> list[Month]:
    query = select(col(CycleRow.month)).where(CycleRow.clinic_id == clinic, CycleRow.kind == kind)
    return sorted(session.exec(query.distinct()), reverse=True)


def month_report(
    engine: Engine,
    clinic: ClinicId,
    month: Month,
    kind: PlaybookKind,
    *,
    now: datetime,
) -> MonthReport:
    """
    Report a clinic's month, patients in the order of their state and name.

    Nobody vanishes from the list: patients who are in the program and for whom nothing was
    opened are on it too.

    Raises:
        NoSuchClinicError: there is no such clinic.
        NoSuchMonthError: no cycle of the kind was opened in that month.
    """
    with reading(engine) as session:
        place = clinic_row(session, clinic)
        found = patients_of_month(session, clinic, month, kind, ZoneInfo(place.time_zone))
        if not found:
            raise NoSuchMonthError(str(month), [str(m) for m in _months(session, clinic, kind)])
        minutes = _minutes(session, clinic, month, kind)
        work = _Work(_steps(session, clinic, month, kind, now), minutes)
        handles = enrollment_handles(session, col(EnrollmentRow.clinic_id) == clinic)
        rows = [_row(one, handles[one.enrollment], work) for one in found]
        ordered = tuple(sorted(rows, key=lambda row: (_ORDER.index(row.state), row.patient_name)))
        return _report(place, month, kind, ordered, now=now)


@dataclass(frozen=True)
class _Work:
    """What was done in the month, by cycle or enrollment."""

    steps: Mapping[CycleId, StepCounts]
    minutes: Mapping[EnrollmentId, int]


def _steps(
    session: Session, clinic: ClinicId, month: Month, kind: PlaybookKind, now: datetime
) -> dict[CycleId, StepCounts]:
    """Count the steps of all of a month's cycles at once."""
    here = (CycleRow.clinic_id == clinic, CycleRow.month == month, CycleRow.kind == kind)
    told = session.exec(
        select(MessageRow.cycle_id, MessageRow.step_key, func.max(MessageRow.sent_at))
        .join(CycleRow, col(CycleRow.id) == col(MessageRow.cycle_id))
        .where(*here, MessageRow.kind == "notify_person")
        .group_by(col(MessageRow.cycle_id), col(MessageRow.step_key))
    )
    last_told = {(cycle, key): at for cycle, key, at in told}
    steps = session.exec(
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            StepRow.cycle_id,
            StepRow.key,
            StepRow.status,
            StepRow.due_at,
            StepRow.ended_at,
            StepRow.escalated,
        )
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(*here)
    )
    counts: dict[CycleId, Counter[str]] = defaultdict(Counter)
    for cycle, key, status, due_at, ended_at, escalated in steps:
        told_at = last_told.get((cycle, key))
        timing = timing_of(status, due_at, ended_at, now)
        count = counts[cycle]
        count[_COUNTED_AS.get(status, "")] += 1
        count["late"] += timing in (Timing.LATE, Timing.OVERDUE)
        count["missed"] += timing is Timing.MISSED
        told_late = told_at is not None and due_at is not None and told_at >= due_at
        count["escalated"] += escalated or told_late
    return {
        cycle: StepCounts(**{name: count[name] for name in _COUNTS})
        for cycle, count in counts.items()
    }


_COUNTED_AS: Final = {
    StepStatus.OPEN: "open",
    StepStatus.DONE: "done",
    StepStatus.SKIPPED: "skipped",
}
_COUNTS: Final = ("open", "done", "late", "escalated", "missed", "skipped")


def _minutes(
    session: Session, clinic: ClinicId, month: Month, kind: PlaybookKind
) -> dict[EnrollmentId, int]:
    """Give what counts in a month; for the way into the program, all the work on it."""
    if kind is PlaybookKind.MONTHLY:
        judged = count_minutes(session, month, col(EnrollmentRow.clinic_id) == clinic)
        return {enrollment: one.counted.minutes for enrollment, one in judged.items()}
    entry = TimeEntryRow
    sums = session.exec(
        select(entry.enrollment_id, func.sum(entry.seconds))
        .join(CycleRow, col(CycleRow.id) == col(entry.cycle_id))
        .where(entry.clinic_id == clinic, CycleRow.month == month, CycleRow.kind == kind)
        .where(stands())
        .group_by(col(entry.enrollment_id))
    )
    return {EnrollmentId(enrollment): int(seconds) // 60 for enrollment, seconds in sums}


def _row(one: PatientOfMonth, handle: str, work: _Work) -> MonthRow:
    return MonthRow(
        handle=handle,
        enrollment=one.enrollment,
        patient=one.patient,
        patient_name=one.name,
        mrn=one.mrn,
        cycle=one.cycle,
        state=one.state,
        because=one.because,
        blockers=blockers_of(one.blockers or ()),
        steps=work.steps.get(one.cycle, StepCounts()) if one.cycle else StepCounts(),
        minutes=work.minutes.get(one.enrollment, 0),
        contacts=one.contacts or 0,
        ended_at=one.ended_at,
    )


def _report(
    place: ClinicRow,
    month: Month,
    kind: PlaybookKind,
    rows: tuple[MonthRow, ...],
    *,
    now: datetime,
) -> MonthReport:
    failed = [row for row in rows if row.state not in (*_NOT_ENDED, *_GOOD_ENDS)]
    held_up = [row for row in rows if row.state not in _GOOD_ENDS]
    return MonthReport(
        clinic=place.id,
        clinic_name=place.name,
        time_zone=place.time_zone,
        month=month,
        kind=kind,
        as_of=now,
        rows=rows,
        totals=MonthTotals(
            patients=len(rows),
            steps=reduce(add, (row.steps for row in rows), StepCounts()),
            minutes=sum(row.minutes for row in rows),
            contacts=sum(row.contacts for row in rows),
        ),
        by_state=_counts(row.state.value for row in rows),
        by_reason=_counts(row.because or "no reason given" for row in failed),
        by_blocker=_counts(item.requirement for row in held_up for item in row.blockers),
    )


def _counts(words: Iterable[str]) -> dict[str, int]:
    """Count words, the most frequent first."""
    return dict(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))
