"""Changes of an enrollment that no cycle's flow makes: who bills, and a revocation's end."""

import uuid
from datetime import date, datetime

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.consents import revoked_before
from ccm_flow.adapters.db.enrollment_store import PRACTITIONER
from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.tables import (
    CareTeamMemberRow,
    EnrollmentRow,
    PractitionerChangeRow,
)
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.ids import SYSTEM, ClinicId, EnrollmentId, PersonId, record_stream


def locked_enrollment(session: Session, enrollment: EnrollmentId) -> EnrollmentRow:
    """Give an enrollment that nobody else changes until this transaction is over."""
    query = select(EnrollmentRow).where(EnrollmentRow.id == enrollment).with_for_update()
    return session.exec(query).one()


def change_practitioner(
    session: Session,
    enrollment: EnrollmentId,
    to: PersonId,
    because: str,
    *,
    by: PersonId,
    at: datetime,
) -> bool:
    """
    Let another practitioner bill from now on; False when they do already.

    The consent given to the former one covers this month and no later one (medicare-rules,
    consent: once, unless the billing practitioner changes).
    """
    row = locked_enrollment(session, enrollment)
    before = row.practitioner_id
    if before == to:
        return False
    row.practitioner_id = to
    session.merge(CareTeamMemberRow(enrollment_id=enrollment, role=PRACTITIONER, person_id=to))
    session.add(
        PractitionerChangeRow(
            id=uuid.uuid4().hex,
            enrollment_id=enrollment,
            before_id=before,
            practitioner_id=to,
            because=because,
            by=by,
            at=at,
        )
    )
    detail = {"before": before, "to": to, "because": because}
    stream = record_stream(enrollment)
    append(session, row.clinic_id, stream, "practitioner_changed", actor=by, at=at, detail=detail)
    return True


def end_revoked(session: Session, clinic: ClinicId, today: date, now: datetime) -> int:
    """End the enrollments whose revoked consent has run out by a day; returns how many."""
    over = revoked_before(session, clinic, today)
    query = select(EnrollmentRow).where(
        col(EnrollmentRow.id).in_(over),
        col(EnrollmentRow.status).in_((EnrollmentStatus.CONSENTED, EnrollmentStatus.ACTIVE)),
    )
    ended = session.exec(query.with_for_update()).all()
    for row in ended:
        latest = over[row.id]
        row.status, row.ended_at = EnrollmentStatus.WITHDRAWN, now
        row.ended_because = latest.note or "consent revoked"
        append(
            session,
            clinic,
            record_stream(row.id),
            "revocation_took_effect",
            actor=SYSTEM,
            at=now,
            detail={"last_day": str(latest.revoked_effective)},
        )
    return len(ended)
