"""What readiness must know of notes."""

from sqlmodel import Session, and_, col, func, or_, select

from ccm_flow.adapters.db.tables import NoteCosignRow, NoteRow
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.core.month import Month


def unsigned_notes(session: Session, enrollment: EnrollmentId, month: Month) -> int:
    """
    Count the month's notes that lack a signature: the author's, or the second one they need.

    An amendment belongs to the month of its original, so a late one holds that month up again.
    """
    signed_twice = select(NoteCosignRow.note_id)
    return session.exec(
        select(func.count()).where(
            NoteRow.enrollment_id == enrollment,
            NoteRow.month == month,
            or_(
                col(NoteRow.signed_at).is_(None),
                and_(
                    col(NoteRow.cosign_role).is_not(None),
                    col(NoteRow.id).not_in(signed_twice),
                ),
            ),
        )
    ).one()
