"""The lists behind a scorecard's numbers, in a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Row
from sqlmodel import Session, col, select

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.pool import agreed_at
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    ClinicVendorRow,
    CycleRow,
    EnrollmentRow,
    EscalationRow,
    OrganizationRow,
    PatientRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.time_counting import stands
from ccm_flow.adapters.db.views_alerts import alerts_of_cycles
from ccm_flow.adapters.db.views_board import (
    in_months,
    is_judged,
    is_time_of_cycle,
    month_figures,
)
from ccm_flow.adapters.db.views_leaks import leak_report
from ccm_flow.adapters.db.views_names import People, Plans, clinic_row, patient_name
from ccm_flow.app.scorecard import COMPARED_MONTHS, Evidence, Facts, Scorecard, make_scorecard
from ccm_flow.app.view_text import clinic_time, words
from ccm_flow.app.views_leaks import LeakRow
from ccm_flow.core.activities import ACTIVITIES
from ccm_flow.core.drift import last_months
from ccm_flow.core.ids import ClinicId, EnrollmentId, OrganizationId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.core.scorecard import LEAKS, Count
from ccm_flow.core.sla import History, Kept, VendorSpan, deciding, judge, who_was
from ccm_flow.core.state import CycleStatus
from ccm_flow.core.time_audit import length
from ccm_flow.core.words import Disposition

_STEP: Final = (
    StepRow.cycle_id,
    StepRow.key,
    StepRow.step_id,
    StepRow.title,
    StepRow.status,
    StepRow.owner_role,
    StepRow.owner_id,
    StepRow.opened_at,
    StepRow.due_at,
    StepRow.ended_at,
    StepRow.because,
)
_ENTRY: Final = (
    TimeEntryRow.enrollment_id,
    TimeEntryRow.cycle_id,
    TimeEntryRow.step_key,
    TimeEntryRow.person_id,
    TimeEntryRow.activity,
    TimeEntryRow.started_at,
    TimeEntryRow.seconds,
)
_KEPT: Final[Mapping[Kept, Count]] = {
    Kept.ON_TIME: Count.ON_TIME,
    Kept.LATE: Count.LATE,
    Kept.MISSED: Count.MISSED,
}
_Found = dict[Count, tuple[Evidence, ...]]


def scorecard(engine: Engine, clinic: ClinicId, month: Month, now: datetime) -> Scorecard:
    """
    Give a clinic's scorecard of a month.

    Raises:
        NoSuchClinicError: there is no such clinic.
    """
    with reading(engine) as session:
        read = _Read.of(session, clinic_row(session, clinic), month, now)
    figures = month_figures(engine, clinic, last_months(month, COMPARED_MONTHS), now)
    leaks = leak_report(engine, clinic, month).rows
    evidence: _Found = {
        **_cycles(read),
        **_steps(read),
        **_work(read),
        **_alerts(read),
        **{count: tuple(map(_leak, leaks[leak])) for count, leak in LEAKS.items()},
    }
    facts = Facts(read.clinic.name, tuple(figures), evidence, read.organizations)
    return make_scorecard(clinic, month, facts, now)


@dataclass(frozen=True)
class _Read:
    """What was read of the month."""

    clinic: ClinicRow
    now: datetime
    cycles: Mapping[str, CycleRow]
    patients: Mapping[EnrollmentId, str]
    steps: Sequence[Any]
    """Columns of `StepRow`."""
    entries: Sequence[Any]
    """Columns of `TimeEntryRow`."""
    questions: Sequence[EscalationRow]
    alerts: Sequence[Any]
    """Pairs of an alert and how it stands."""
    plans: Plans
    people: People
    history: History
    organizations: Mapping[OrganizationId, str]

    @classmethod
    def of(cls, session: Session, clinic: ClinicRow, month: Month, now: datetime) -> "_Read":
        here = in_months([clinic.id], [month])
        cycles = session.exec(select(CycleRow).where(*here).order_by(col(CycleRow.id))).all()
        steps: Sequence[Any] = session.exec(
            select(*_STEP)  # type: ignore[call-overload]  # SQLModel's end at four columns
            .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
            .where(*here, is_judged(now))
            .order_by(col(StepRow.due_at).desc(), col(StepRow.cycle_id), col(StepRow.key))
        ).all()
        entries: Sequence[Any] = session.exec(
            select(*_ENTRY)  # type: ignore[call-overload]  # see above
            .join(CycleRow, is_time_of_cycle())
            .where(*here, stands())
            .order_by(col(TimeEntryRow.started_at).desc(), col(TimeEntryRow.id))
        ).all()
        questions = session.exec(
            select(EscalationRow)
            .join(CycleRow, col(CycleRow.id) == col(EscalationRow.cycle_id))
            .where(*here)
            .order_by(col(EscalationRow.raised_at).desc(), col(EscalationRow.id))
        ).all()
        alerts = alerts_of_cycles(session, [cycle.id for cycle in cycles])
        holders = {one.holder_id for _, one in alerts if one.holder_id is not None}
        who = holders | {one.owner_id for one in steps} | {one.person_id for one in entries}
        return cls(
            clinic=clinic,
            now=now,
            cycles={cycle.id: cycle for cycle in cycles},
            patients=_patients(session, clinic.id),
            steps=steps,
            entries=entries,
            questions=questions,
            alerts=alerts,
            plans=Plans(session, {cycle.playbook_sha256 for cycle in cycles}),
            people=People(session, who | {one.owner_id for one in questions}),
            history=_history(session, clinic),
            organizations=_organizations(session),
        )

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return clinic_zone(self.clinic.time_zone)


def _patients(session: Session, clinic: ClinicId) -> dict[EnrollmentId, str]:
    query = (
        select(EnrollmentRow.id, PatientRow)
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(EnrollmentRow.clinic_id == clinic)
    )
    return {EnrollmentId(id_): patient_name(patient) for id_, patient in session.exec(query)}


def _history(session: Session, clinic: ClinicRow) -> History:
    rows = session.exec(select(ClinicVendorRow).where(ClinicVendorRow.clinic_id == clinic.id))
    spans = tuple(VendorSpan(row.organization_id, row.from_day, row.until_day) for row in rows)
    return History(clinic.organization_id, spans, agreed_at(session, clinic.id))


def _organizations(session: Session) -> dict[OrganizationId, str]:
    rows = session.exec(select(OrganizationRow.id, OrganizationRow.name))
    return {OrganizationId(id_): name for id_, name in rows}


def _cycles(read: _Read) -> _Found:
    found: dict[Count, list[Evidence]] = {
        count: []
        for count in (
            Count.PATIENTS,
            Count.READY,
            Count.NOT_READY,
            Count.RUNNING,
            Count.REACHED,
        )
    }
    for cycle in read.cycles.values():
        contacts = int(cycle.facts.get("contacts") or 0)
        row = Evidence(
            what=words(cycle.disposition or cycle.status),
            detail=words(cycle.because or "") or f"{contacts} contacts",
            enrollment=cycle.enrollment_id,
            patient_name=read.patients.get(cycle.enrollment_id),
            at=cycle.ended_at or cycle.opened_at,
        )
        found[Count.PATIENTS].append(row)
        found[_ending(cycle)].append(row)
        if contacts:
            found[Count.REACHED].append(row)
    return {count: tuple(rows) for count, rows in found.items()}


def _ending(cycle: CycleRow) -> Count:
    if cycle.disposition == Disposition.READY.value:
        return Count.READY
    return Count.NOT_READY if cycle.status is CycleStatus.ENDED else Count.RUNNING


def _steps(read: _Read) -> _Found:
    found: dict[Count, list[Evidence]] = {count: [] for count in _KEPT.values()}
    for step in read.steps:
        kept = judge(step.status, step.due_at, step.ended_at)
        cycle = read.cycles[step.cycle_id]
        party = _party(read, step, read.plans.plan(cycle.playbook_sha256))
        row = Evidence(
            what=step.title,
            detail=_how(read, step, party),
            enrollment=cycle.enrollment_id,
            patient_name=read.patients.get(cycle.enrollment_id),
            person_name=read.people.name(step.owner_id),
            at=step.due_at,
            cycle=step.cycle_id,
            key=step.key,
            party=party,
            kept=kept,
        )
        found[_KEPT[kept]].append(row)
    return {count: tuple(rows) for count, rows in found.items()}


def _how(read: _Read, step: Row[Any], party: OrganizationId | None) -> str:
    """Say how a step ended and when, and who was responsible for its deadline."""
    why = f" ({words(step.because)})" if step.because else ""
    when = f" {clinic_time(step.ended_at, read.zone)}" if step.ended_at else ""
    who = read.organizations.get(party, party) if party else "nobody agreed on"
    return f"{words(step.status)}{when}{why}; responsible: {who}"


def _party(read: _Read, step: Row[Any], plan: Plan) -> OrganizationId | None:
    """Name who was responsible, by the role that the playbook gives the step."""
    planned = plan.by_id.get(StepId(step.step_id))
    role = planned.owner if planned is not None else step.owner_role
    said = planned.responsibility if planned is not None else None
    instant = deciding(step.due_at, step.ended_at, step.opened_at)
    day = instant.astimezone(read.zone).date()
    return who_was(read.history, role, StepId(step.step_id), said, day)


def _work(read: _Read) -> _Found:
    entries = tuple(
        Evidence(
            what=ACTIVITIES[one.activity].title,
            detail=length(one.seconds),
            enrollment=one.enrollment_id,
            patient_name=read.patients.get(one.enrollment_id),
            person_name=read.people.name(one.person_id),
            at=one.started_at,
            cycle=one.cycle_id if one.step_key else None,
            key=one.step_key,
            seconds=one.seconds,
        )
        for one in read.entries
    )
    asked = tuple(_questions(read))
    open_ = tuple(
        row for row, one in zip(asked, read.questions, strict=True) if not one.answered_at
    )
    return {Count.ENTRIES: entries, Count.ESCALATIONS: asked, Count.UNANSWERED: open_}


def _questions(read: _Read) -> Iterable[Evidence]:
    for one in read.questions:
        cycle = read.cycles[one.cycle_id]
        late = (one.answered_at or read.now) > one.reply_due_at
        said = "answered" if one.answered_at else "no answer yet"
        yield Evidence(
            what=f"{words(one.urgency).capitalize()} question",
            detail=f"{said}, late" if late else said,
            enrollment=cycle.enrollment_id,
            patient_name=read.patients.get(cycle.enrollment_id),
            person_name=read.people.name(one.owner_id),
            at=one.raised_at,
            cycle=one.cycle_id,
            key=one.step_key,
        )


def _alerts(read: _Read) -> _Found:
    rows = []
    for alert, state in read.alerts:
        told = read.organizations.get(alert.to_organization_id, alert.to_organization_id)
        said = "nobody has taken it" if state.waiting else "taken"
        late = ", not in time" if state.passed_on else ""
        rows.append(
            Evidence(
                what=f"{words(alert.urgency)} {words(alert.kind)} to {told}",
                detail=f"{said}{late}",
                enrollment=alert.enrollment_id,
                patient_name=read.patients.get(alert.enrollment_id),
                person_name=read.people.name(state.holder_id) if state.holder_id else None,
                at=alert.raised_at,
                cycle=alert.cycle_id,
                key=alert.step_key,
                party=alert.to_organization_id,
            )
        )
    late_rows = tuple(
        row for row, (_, state) in zip(rows, read.alerts, strict=True) if state.passed_on
    )
    return {Count.ALERTS: tuple(rows), Count.LATE_ALERTS: late_rows}


def _leak(row: LeakRow) -> Evidence:
    return Evidence(
        what=row.what,
        detail=row.detail,
        enrollment=row.enrollment,
        patient_name=row.patient_name,
        person_name=row.person_name,
        at=row.at,
        cycle=row.cycle,
        key=row.key,
    )
