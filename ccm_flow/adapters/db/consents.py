"""What the database knows of a patient's consent: answers, who bills, and what is in force."""

from collections import defaultdict
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import (
    ClinicRow,
    ConsentRow,
    EncounterRow,
    EnrollmentRow,
    PractitionerChangeRow,
)
from ccm_flow.core.consent import (
    Answer,
    ConsentTerms,
    InForce,
    PractitionerChange,
    VerbalConsent,
    billing_in,
    in_force,
)
from ccm_flow.core.eligibility import VISIT_KINDS, VISIT_LOOK_BACK
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId
from ccm_flow.core.month import Month


def consent_in_force(session: Session, enrollment: EnrollmentId, month: Month) -> InForce | None:
    """
    Give the consent that covers a month; None when there is none.

    Its `since` is the consent's instant: no minute before it counts, not even in that month.
    """
    row = session.get_one(EnrollmentRow, enrollment)
    billing = billing_in(month, row.practitioner_id, practitioner_changes(session, row))
    return in_force(map(answer_of, consent_rows(session, enrollment)), month, billing)


def consents_in_force(
    session: Session, scope: ColumnElement[bool], month: Month
) -> dict[EnrollmentId, InForce]:
    """Give the same for all enrollments that `scope` chooses and that have one; two queries."""
    answered = session.exec(
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            EnrollmentRow.id,
            EnrollmentRow.practitioner_id,
            ConsentRow.kind,
            ConsentRow.taken_at,
            ConsentRow.effective_from,
            ConsentRow.practitioner_id,
            ConsentRow.revoked_effective,
        )
        .join(ConsentRow, col(ConsentRow.enrollment_id) == col(EnrollmentRow.id))
        .where(scope)
        .order_by(col(ConsentRow.taken_at), col(ConsentRow.id))
    )
    answers: dict[EnrollmentId, list[Answer]] = defaultdict(list)
    bills_now: dict[EnrollmentId, PersonId | None] = {}
    for enrollment, practitioner, *answer in answered:
        answers[enrollment].append(Answer(*answer))
        bills_now[enrollment] = practitioner
    changes = changes_where(session, scope)
    found = {}
    for enrollment, practitioner in bills_now.items():
        billing = billing_in(month, practitioner, changes.get(enrollment, ()))
        given = in_force(answers[enrollment], month, billing)
        if given is not None:
            found[enrollment] = given
    return found


def consent_rows(session: Session, enrollment: EnrollmentId) -> list[ConsentRow]:
    """List a patient's answers, the earliest first."""
    return answers_where(session, col(EnrollmentRow.id) == enrollment).get(enrollment, [])


def answers_where(
    session: Session, scope: ColumnElement[bool]
) -> dict[EnrollmentId, list[ConsentRow]]:
    """Give the same for all enrollments that `scope` chooses and that were asked."""
    query = (
        select(ConsentRow)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(ConsentRow.enrollment_id))
        .where(scope)
        .order_by(col(ConsentRow.taken_at), col(ConsentRow.id))
    )
    found: dict[EnrollmentId, list[ConsentRow]] = defaultdict(list)
    for row in session.exec(query):
        found[row.enrollment_id].append(row)
    return found


def revoked_before(session: Session, clinic: ClinicId, day: date) -> dict[EnrollmentId, ConsentRow]:
    """Give the revocations that have run out by a day, of those who did not agree again."""
    query = (
        select(ConsentRow)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(ConsentRow.enrollment_id))
        .where(EnrollmentRow.clinic_id == clinic)
        .order_by(col(ConsentRow.taken_at), col(ConsentRow.id))
    )
    latest = {row.enrollment_id: row for row in session.exec(query)}
    return {
        enrollment: row
        for enrollment, row in latest.items()
        if row.revoked_effective is not None and row.revoked_effective < day
    }


def answer_of(row: ConsentRow) -> Answer:
    """Read an answer."""
    return Answer(
        kind=row.kind,
        taken_at=row.taken_at,
        effective_from=row.effective_from,
        practitioner=row.practitioner_id,
        last_day=row.revoked_effective,
    )


def practitioner_changes(session: Session, enrollment: EnrollmentRow) -> list[PractitionerChange]:
    """List on which of the clinic's days the billing practitioner changed."""
    found = changes_where(session, col(EnrollmentRow.id) == enrollment.id)
    return found.get(enrollment.id, [])


def changes_where(
    session: Session, scope: ColumnElement[bool]
) -> dict[EnrollmentId, list[PractitionerChange]]:
    """Give the same for all enrollments that `scope` chooses and that have some."""
    rows = session.exec(
        select(PractitionerChangeRow, ClinicRow.time_zone)
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(PractitionerChangeRow.enrollment_id))
        .join(ClinicRow, col(ClinicRow.id) == col(EnrollmentRow.clinic_id))
        .where(scope)
        .order_by(col(PractitionerChangeRow.at))
    )
    found: dict[EnrollmentId, list[PractitionerChange]] = defaultdict(list)
    for row, zone in rows:
        on = row.at.astimezone(ZoneInfo(zone)).date()
        found[row.enrollment_id].append(PractitionerChange(on, row.practitioner_id, row.before_id))
    return found


def zone_of(session: Session, enrollment: EnrollmentRow) -> ZoneInfo:
    """Give the time zone of an enrollment's clinic."""
    return ZoneInfo(session.get_one(ClinicRow, enrollment.clinic_id).time_zone)


def terms_of(session: Session, enrollment: EnrollmentId, now: datetime) -> ConsentTerms:
    """Give what a consent has to meet at the patient's clinic."""
    row = session.get_one(EnrollmentRow, enrollment)
    setting = session.get_one(ClinicRow, row.clinic_id).verbal_consent or VerbalConsent.ALLOWED
    if setting is VerbalConsent.ALLOWED:
        return ConsentTerms(setting)
    visit = select(EncounterRow.id).where(
        EncounterRow.patient_id == row.patient_id,
        col(EncounterRow.kind).in_(VISIT_KINDS),
        col(EncounterRow.starts_at) >= now - VISIT_LOOK_BACK,
        col(EncounterRow.starts_at) <= now,
    )
    recorded = row.initiating_visit_at
    seen = recorded is not None and now - VISIT_LOOK_BACK <= recorded <= now
    return ConsentTerms(setting, seen or session.exec(visit).first() is not None)
