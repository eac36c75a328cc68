"""Many clinics now, in as many queries as one; see `core.heat` for what the numbers mean."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, and_, case, col, func, or_, select

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.facts import gather_all_facts
from ccm_flow.adapters.db.pool import absences_of
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    ClinicStaffRow,
    ClinicVendorRow,
    CycleRow,
    EnrollmentRow,
    EscalationRow,
    PersonRow,
    StaffRoleRow,
    StepRow,
)
from ccm_flow.adapters.db.views_alerts import waiting_alerts
from ccm_flow.adapters.db.views_board import clinics_figures, in_months
from ccm_flow.adapters.db.views_names import Plans
from ccm_flow.app.clinics_view import BillMemory, BillNow, ClinicNow
from ccm_flow.core.drift import MonthFigures
from ccm_flow.core.heat import ClinicPulse
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.core.readiness import find_blockers
from ccm_flow.core.state import CycleStatus, StepStatus
from ccm_flow.core.words import Disposition


def clinics_now(
    engine: Engine,
    clinics: Collection[ClinicId],
    now: datetime,
    organization: OrganizationId | None = None,
    memory: BillMemory | None = None,
) -> list[ClinicNow]:
    """
    Read clinics beside each other; with an organization those it owns or works at now.

    The number of queries depends on neither clinics nor patients: what is read once for each
    month is read for one month, or for two in the hours in which clinics have different dates.
    What `memory` holds of a clinic is taken from there.
    """
    with reading(engine) as session:
        rows = session.exec(
            select(ClinicRow).where(col(ClinicRow.id).in_(clinics)).order_by(col(ClinicRow.id))
        ).all()
        days = {row.id: now.astimezone(clinic_zone(row.time_zone)).date() for row in rows}
        vendors = _vendors(session, days)
        if organization is not None:
            rows = [
                row for row in rows if organization in (row.organization_id, vendors.get(row.id))
            ]
        read = _read(session, [row.id for row in rows], days, now, memory or BillMemory())
    months = sorted({Month.of(days[row.id]) for row in rows})
    figures = clinics_figures(engine, [row.id for row in rows], months, now)
    found = []
    for row in rows:
        month = Month.of(days[row.id])
        found.append(
            ClinicNow(
                clinic=row.id,
                name=row.name,
                organization=row.organization_id,
                vendor=vendors.get(row.id),
                month=month,
                days_left=(month.last_day - days[row.id]).days,
                pulse=_pulse(row.id, read, figures[row.id][months.index(month)]),
            )
        )
    return found


@dataclass(frozen=True)
class _Staff:
    staff: int = 0
    away: int = 0
    full: int = 0


@dataclass(frozen=True)
class _Read:
    """What was read, by clinic."""

    bills: Mapping[ClinicId, BillNow]
    open_steps: Mapping[ClinicId, tuple[int, int]]
    """Open, and of them past their deadline."""
    questions: Mapping[ClinicId, tuple[int, int]]
    """Unanswered, and of them past the time for the reply."""
    staff: Mapping[ClinicId, _Staff]
    alerts: Mapping[ClinicId, tuple[int, int]]
    """That nobody has taken, and of them past their time."""


def _read(
    session: Session,
    clinics: list[ClinicId],
    days: Mapping[ClinicId, date],
    now: datetime,
    memory: BillMemory,
) -> _Read:
    by_month: dict[Month, list[ClinicId]] = defaultdict(list)
    bills: dict[ClinicId, BillNow] = {}
    for clinic in clinics:
        month = Month.of(days[clinic])
        known = memory.recall(clinic, month, now)
        if known is None:
            by_month[month].append(clinic)
        else:
            bills[clinic] = known
    for month, here in by_month.items():
        for clinic, bill in _bills(session, here, month, now).items():
            bills[clinic] = bill
            memory.keep(clinic, month, bill, now)
    return _Read(
        bills,
        _open_steps(session, clinics, now),
        _questions(session, clinics, now),
        _staff(session, clinics, days),
        waiting_alerts(session, clinics, now),
    )


def _pulse(clinic: ClinicId, read: _Read, figures: MonthFigures) -> ClinicPulse:
    bill, staff = read.bills.get(clinic, BillNow()), read.staff.get(clinic, _Staff())
    open_steps, overdue = read.open_steps.get(clinic, (0, 0))
    questions, late = read.questions.get(clinic, (0, 0))
    alerts, late_alerts = read.alerts.get(clinic, (0, 0))
    return ClinicPulse(
        patients=figures.patients,
        complete=bill.complete,
        steps_due=figures.steps_due,
        steps_on_time=figures.steps_on_time,
        missing_minutes=bill.missing_minutes,
        short_patients=bill.short_patients,
        overdue=overdue,
        questions=questions,
        late_questions=late,
        staff=staff.staff - staff.away,
        away=staff.away,
        full=staff.full,
        open_steps=open_steps,
        alerts=alerts,
        late_alerts=late_alerts,
    )


def _vendors(session: Session, days: Mapping[ClinicId, date]) -> dict[ClinicId, OrganizationId]:
    """Name the vendor that works at each clinic on its day; the one that came last."""
    rows = session.exec(
        select(ClinicVendorRow)
        .where(col(ClinicVendorRow.clinic_id).in_(days))
        .order_by(col(ClinicVendorRow.from_day))
    )
    return {
        row.clinic_id: row.organization_id
        for row in rows
        if row.from_day <= days[row.clinic_id]
        and (row.until_day is None or row.until_day >= days[row.clinic_id])
    }


def _bills(
    session: Session, clinics: list[ClinicId], month: Month, now: datetime
) -> dict[ClinicId, BillNow]:
    """Look for what is missing on the record's live facts, as the page Readiness does."""
    cycles = session.exec(select(CycleRow).where(*in_months(clinics, [month]))).all()
    running = select(CycleRow.enrollment_id).where(
        *in_months(clinics, [month]), CycleRow.status != CycleStatus.ENDED
    )
    scope = col(EnrollmentRow.id).in_(running.correlate(None))
    facts = gather_all_facts(session, scope, month, now)
    plans = Plans(session, {cycle.playbook_sha256 for cycle in cycles})
    complete: Counter[ClinicId] = Counter()
    minutes: Counter[ClinicId] = Counter()
    short: Counter[ClinicId] = Counter()
    for cycle in cycles:
        if cycle.status is CycleStatus.ENDED:
            complete[cycle.clinic_id] += cycle.disposition == Disposition.READY.value
            continue
        known = {**cycle.facts, **facts[cycle.enrollment_id]}
        plan = plans.plan(cycle.playbook_sha256)
        complete[cycle.clinic_id] += not find_blockers(plan.readiness, known)
        missing = _missing(plan, int(known["minutes"]))
        minutes[cycle.clinic_id] += missing
        short[cycle.clinic_id] += missing > 0
    return {one: BillNow(complete[one], minutes[one], short[one]) for one in clinics}


def _missing(plan: Plan, minutes: int) -> int:
    return 0 if plan.readiness is None else max(0, plan.readiness.minimum_minutes - minutes)


def _open_steps(
    session: Session, clinics: list[ClinicId], now: datetime
) -> dict[ClinicId, tuple[int, int]]:
    query = (
        select(
            col(StepRow.clinic_id),
            func.count(),
            func.sum(case((col(StepRow.due_at) < now, 1), else_=0)),
        )
        .where(col(StepRow.clinic_id).in_(clinics), StepRow.status == StepStatus.OPEN)
        .group_by(col(StepRow.clinic_id))
    )
    return {clinic: (int(count), int(late)) for clinic, count, late in session.exec(query)}


def _questions(
    session: Session, clinics: list[ClinicId], now: datetime
) -> dict[ClinicId, tuple[int, int]]:
    query = (
        select(
            col(CycleRow.clinic_id),
            func.count(),
            func.sum(case((col(EscalationRow.reply_due_at) < now, 1), else_=0)),
        )
        .join(EscalationRow, col(EscalationRow.cycle_id) == col(CycleRow.id))
        .where(col(CycleRow.clinic_id).in_(clinics), col(EscalationRow.answered_at).is_(None))
        .group_by(col(CycleRow.clinic_id))
    )
    return {clinic: (int(count), int(late)) for clinic, count, late in session.exec(query)}


def _staff(
    session: Session, clinics: list[ClinicId], days: Mapping[ClinicId, date]
) -> dict[ClinicId, _Staff]:
    """Count who works where, who of them is away, and who has as many steps as they may."""
    here = and_(
        col(ClinicStaffRow.clinic_id) == col(StaffRoleRow.clinic_id),
        col(ClinicStaffRow.person_id) == col(StaffRoleRow.person_id),
    )
    people: Sequence[Any] = session.exec(
        select(StaffRoleRow.clinic_id, StaffRoleRow.person_id, ClinicStaffRow.capacity)
        .join(PersonRow, col(PersonRow.id) == col(StaffRoleRow.person_id))
        .outerjoin(ClinicStaffRow, here)
        .where(
            col(StaffRoleRow.clinic_id).in_(clinics),
            col(PersonRow.active).is_(True),
            or_(
                col(ClinicStaffRow.until_day).is_(None),
                col(ClinicStaffRow.until_day) >= min(days.values(), default=date.min),
            ),
        )
        .distinct()
    ).all()
    loads = _loads(session, clinics)
    away = defaultdict(list)
    for absence in absences_of(session, [person for _, person, _ in people]):
        away[absence.person_id].append((absence.from_day, absence.until_day))
    found: dict[ClinicId, _Staff] = {}
    for clinic, person, capacity in people:
        today, before = days[clinic], found.get(clinic, _Staff())
        is_away = any(
            first <= today and (last is None or today <= last) for first, last in away[person]
        )
        is_full = capacity is not None and loads.get((clinic, person), 0) >= capacity
        found[clinic] = _Staff(before.staff + 1, before.away + is_away, before.full + is_full)
    return found


def _loads(session: Session, clinics: list[ClinicId]) -> dict[tuple[ClinicId, PersonId], int]:
    query = (
        select(col(StepRow.clinic_id), col(StepRow.owner_id), func.count())
        .where(col(StepRow.clinic_id).in_(clinics), StepRow.status == StepStatus.OPEN)
        .group_by(col(StepRow.clinic_id), col(StepRow.owner_id))
    )
    return {(clinic, person): int(count) for clinic, person, count in session.exec(query)}
