"""What the patient was told and agreed to, and the visit that started the program."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from ccm_flow.adapters.consent_texts import consent_version
from ccm_flow.adapters.db.consents import zone_of
from ccm_flow.adapters.db.once import once
from ccm_flow.adapters.db.tables import ConsentRow, CycleRow, EnrollmentRow
from ccm_flow.app.care import Click, Work
from ccm_flow.app.statuses import ConsentKind, EnrollmentStatus
from ccm_flow.core.consent import confirmed
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month

_ON_THE_WAY = (EnrollmentStatus.IDENTIFIED, EnrollmentStatus.INTRODUCED)


def keep_introduction(session: Session, _click: Click, cycle: CycleRow, now: datetime) -> None:
    """Keep when the patient was first told of the program."""
    enrollment = session.get_one(EnrollmentRow, cycle.enrollment_id)
    enrollment.introduced_at = enrollment.introduced_at or now
    if enrollment.status is EnrollmentStatus.IDENTIFIED:
        enrollment.status = EnrollmentStatus.INTRODUCED


def keep_consent(kind: ConsentKind) -> Callable[[Session, Click, CycleRow, datetime], None]:
    """Make the function that keeps an answer of this kind."""

    def keep(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
        enrollment = session.get_one(EnrollmentRow, cycle.enrollment_id)
        write_answer(session, kind, enrollment, click.id, by=click.by, work=click.work, now=now)

    return keep


def answer_id(told_in: str) -> str:
    """Give the id of the answer that came with a click or a happening."""
    return once("consent", told_in)


def write_answer(
    session: Session,
    kind: ConsentKind,
    enrollment: EnrollmentRow,
    told_in: str,
    *,
    by: PersonId,
    work: Work,
    now: datetime,
) -> ConsentRow:
    """
    Write an answer down; `told_in` is the click or the happening it came with, and its identity.

    Consent that is taken back ends with the clinic's calendar month (medicare-rules, consent).
    It binds whoever bills for the patient now.
    """
    today = now.astimezone(zone_of(session, enrollment)).date()
    revoked = kind is ConsentKind.REVOKED
    row = ConsentRow(
        id=answer_id(told_in),
        enrollment_id=enrollment.id,
        kind=kind,
        mode=work.consent_mode,
        content_version=consent_version(today).id,
        statements_read=sorted(confirmed(work.statements, work.fields)),
        taken_by=by,
        taken_at=now,
        effective_from=today,
        revoked_effective=Month.of(today).last_day if revoked else None,
        note=work.note or None,
        practitioner_id=enrollment.practitioner_id,
        signature=work.signature or None,
    )
    session.add(row)
    if kind is ConsentKind.ACCEPTED and enrollment.status in _ON_THE_WAY:
        enrollment.status = EnrollmentStatus.CONSENTED
        enrollment.introduced_at = enrollment.introduced_at or now
    return row


def keep_visit(session: Session, _click: Click, cycle: CycleRow, now: datetime) -> None:
    """Keep that the initiating visit took place."""
    enrollment = session.get_one(EnrollmentRow, cycle.enrollment_id)
    enrollment.initiating_visit_at = now
