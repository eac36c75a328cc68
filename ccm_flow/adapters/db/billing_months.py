"""A month's cycles as closing it sees them, and what of it is still open."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.facts import gather_all_facts
from ccm_flow.adapters.db.name_search import Names
from ccm_flow.adapters.db.note_facts import unsigned_notes
from ccm_flow.adapters.db.tables import (
    ClickRow,
    CycleRow,
    EnrollmentRow,
    PatientRow,
    StepRow,
    TimerRow,
)
from ccm_flow.adapters.db.views_names import Plans, handles_of, listed_name
from ccm_flow.app.billing import MonthOf
from ccm_flow.app.statuses import ClickState
from ccm_flow.core.facts import Facts
from ccm_flow.core.handoff import HANDOFFS, HandoffStep
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, OutcomeId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.state import StepStatus

_OF_STEP: Final = (
    StepRow.cycle_id,
    StepRow.step_id,
    StepRow.key,
    StepRow.title,
    StepRow.status,
    StepRow.outcome,
    StepRow.opened_at,
    StepRow.round,
)
"""Columns of `StepRow`: a month has hundreds of open steps."""


def months_to_close(
    session: Session,
    clinic: ClinicId,
    month: Month,
    now: datetime,
    only: EnrollmentId | None = None,
) -> list[MonthOf]:
    """Give every monthly cycle of a month with its live facts, by name, or one enrollment's."""
    mine = () if only is None else (CycleRow.enrollment_id == only,)
    found: Sequence[Any] = session.exec(
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            CycleRow.id,
            CycleRow.enrollment_id,
            CycleRow.status,
            CycleRow.disposition,
            CycleRow.playbook_sha256,
            CycleRow.facts,
            PatientRow.family_name,
            PatientRow.given_name,
            PatientRow.mrn,
        )
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(*_here(clinic, month), *mine)
        .order_by(*Names(session, clinic).order(), col(CycleRow.id))
    ).all()
    ids = [cycle.enrollment_id for cycle in found]
    steps, handles = _steps(session, clinic, month, only), handles_of(session, ids)
    opened = select(CycleRow.enrollment_id).where(*_here(clinic, month), *mine)
    scope = col(EnrollmentRow.id).in_(opened.correlate(None))
    live = gather_all_facts(session, scope, month, min(now, judged_as_of(month)))
    plans = Plans(session, {cycle.playbook_sha256 for cycle in found})
    return [
        _month_of(
            (cycle, handles[cycle.enrollment_id]),
            plans.plan(cycle.playbook_sha256),
            live[cycle.enrollment_id],
            steps[cycle.id],
        )
        for cycle in found
    ]


def _here(clinic: ClinicId, month: Month) -> tuple[bool, ...]:
    return (
        CycleRow.clinic_id == clinic,
        CycleRow.month == month,
        CycleRow.kind == PlaybookKind.MONTHLY,
    )


def judged_as_of(month: Month) -> datetime:
    """
    Say as of when a month is judged: its last day.

    So the same record gives the same facts whenever it is looked at.
    """
    day = month.last_day
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def end_of_month(month: Month) -> datetime:
    """Give an instant by which a month is over in every zone of the United States."""
    day = month.next.first_day
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _steps(
    session: Session, clinic: ClinicId, month: Month, only: EnrollmentId | None
) -> Mapping[CycleId, list[Any]]:
    """Give the open steps, and every opening of the hand-off, by cycle."""
    mine = () if only is None else (CycleRow.enrollment_id == only,)
    rows: Iterable[Any] = session.exec(
        select(*_OF_STEP)  # type: ignore[call-overload]  # see above
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(
            *_here(clinic, month),
            *mine,
            (col(StepRow.status) == StepStatus.OPEN) | col(StepRow.step_id).in_(HANDOFFS),
        )
        .order_by(col(StepRow.opened_at), col(StepRow.round))
    )
    found: dict[CycleId, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.cycle_id].append(row)
    return found


def _month_of(who: tuple[Any, str], plan: Plan, live: Facts, steps: Sequence[Any]) -> MonthOf:
    cycle, handle = who
    return MonthOf(
        enrollment=cycle.enrollment_id,
        handle=handle,
        patient_name=listed_name(cycle.family_name, cycle.given_name),
        mrn=cycle.mrn,
        cycle=cycle.id,
        status=cycle.status,
        disposition=cycle.disposition,
        plan=plan,
        facts={**cycle.facts, **live},
        handoff=_handoff([step for step in steps if step.step_id in HANDOFFS]),
        open_steps=tuple(
            step.title
            for step in steps
            if step.status is StepStatus.OPEN and step.step_id not in HANDOFFS
        ),
    )


def handoffs_of(
    session: Session, clinic: ClinicId, month: Month
) -> Mapping[EnrollmentId, HandoffStep]:
    """Give the newest opening of the hand-off step of each patient who has come so far."""
    rows: Iterable[Any] = session.exec(
        select(CycleRow.enrollment_id, *_OF_STEP)  # type: ignore[call-overload]  # see above
        .join(StepRow, col(StepRow.cycle_id) == col(CycleRow.id))
        .where(*_here(clinic, month), col(StepRow.step_id).in_(HANDOFFS))
    )
    openings: dict[EnrollmentId, list[Any]] = defaultdict(list)
    for step in rows:
        openings[step.enrollment_id].append(step)
    found = {enrollment: _handoff(steps) for enrollment, steps in openings.items()}
    return {enrollment: step for enrollment, step in found.items() if step}


def _handoff(openings: Sequence[Any]) -> HandoffStep | None:
    """Give the newest opening of the hand-off steps; one that was skipped is none."""
    opened = [step for step in openings if step.status is not StepStatus.SKIPPED]
    if not opened:
        return None
    newest = max(opened, key=lambda step: (step.opened_at, step.round))
    return HandoffStep(
        newest.key, newest.status, OutcomeId(newest.outcome) if newest.outcome else None
    )


def open_notes(session: Session, clinic: ClinicId, month: Month) -> list[str]:
    """Count the month's notes that lack a signature, by patient."""
    opened = select(CycleRow.enrollment_id).where(*_here(clinic, month))
    unsigned = unsigned_notes(session, col(EnrollmentRow.id).in_(opened.correlate(None)), month)
    found = [one for one, count in unsigned.items() for _ in range(count)]
    return _counted(session, found, ("unsigned note", "unsigned notes"))


def running_timers(session: Session, clinic: ClinicId, month: Month) -> list[str]:
    """Count the timers that run for patients of the month and began in it or before."""
    rows = session.exec(
        select(CycleRow.enrollment_id)
        .join(TimerRow, col(TimerRow.enrollment_id) == col(CycleRow.enrollment_id))
        .where(
            *_here(clinic, month),
            col(TimerRow.ended_at).is_(None),
            col(TimerRow.started_at) < end_of_month(month),
        )
    )
    return _counted(session, rows.all(), ("timer runs", "timers run"))


def pending_clicks(session: Session, clinic: ClinicId, month: Month) -> list[str]:
    """Count what people entered and of which nobody knows yet whether it took effect."""
    rows = session.exec(
        select(CycleRow.enrollment_id)
        .join(ClickRow, col(ClickRow.cycle_id) == col(CycleRow.id))
        .where(*_here(clinic, month), ClickRow.state == ClickState.PENDING)
    )
    return _counted(
        session, rows.all(), ("click waits for the server", "clicks wait for the server")
    )


def _counted(
    session: Session, enrollments: Iterable[EnrollmentId | str], words: tuple[str, str]
) -> list[str]:
    """Say how many there are of something for each patient."""
    counts = Counter(EnrollmentId(one) for one in enrollments)
    handles = handles_of(session, counts) if counts else {}
    query = (
        select(EnrollmentRow.id, PatientRow.family_name, PatientRow.given_name)
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(col(EnrollmentRow.id).in_(counts))
    )
    names = {EnrollmentId(id_): listed_name(*parts) for id_, *parts in session.exec(query)}
    return sorted(
        f"{handles[one]} {names[one]}: {count} {words[count > 1]}" for one, count in counts.items()
    )
