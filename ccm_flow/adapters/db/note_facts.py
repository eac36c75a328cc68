"""What readiness must know of notes."""

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, or_, select

from ccm_flow.adapters.db.tables import EnrollmentRow, NoteCosignRow, NoteRow
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.core.month import Month


def unsigned_notes(
    session: Session, scope: ColumnElement[bool], month: Month
) -> dict[EnrollmentId, int]:
    """
    Count the month's notes that lack a signature: the author's, or the second one they need.

    `scope` chooses enrollments; those without such a note are left out. An amendment belongs to
    the month of its original, so a late one holds that month up again.
    """
    signed_twice = select(NoteCosignRow.note_id).where(
        col(NoteCosignRow.note_id) == col(NoteRow.id)
    )
    query = (
        select(NoteRow.enrollment_id, func.count())
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(NoteRow.enrollment_id))
        .where(
            scope,
            NoteRow.month == month,
            or_(
                col(NoteRow.signed_at).is_(None),
                and_(col(NoteRow.cosign_role).is_not(None), ~signed_twice.exists()),
            ),
        )
        .group_by(col(NoteRow.enrollment_id))
    )
    return {EnrollmentId(enrollment): count for enrollment, count in session.exec(query)}
