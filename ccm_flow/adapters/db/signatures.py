"""Signing notes in the database: the fingerprint, and the ledger's line."""

from datetime import datetime

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.tables import EnrollmentRow, NoteCosignRow, NoteRow
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId, RoleId, record_stream
from ccm_flow.core.signing import fingerprint

_SIGNED = (
    "id",
    "clinic_id",
    "enrollment_id",
    "cycle_id",
    "step_key",
    "author_id",
    "kind",
    "form",
    "fields",
    "text",
    "written_at",
    "amends",
    "because",
    "signed_at",
    "signed_by",
)
"""What a signature covers."""


def note_fingerprint(note: NoteRow) -> str:
    """Give the fingerprint of a note as it stands."""
    return fingerprint({name: getattr(note, name) for name in _SIGNED})


def cosign_fingerprint(note: NoteRow, by: PersonId, role: RoleId, at: datetime) -> str:
    """Give the fingerprint of a second signature: over the signed note and who co-signs."""
    return fingerprint({"note": note_fingerprint(note), "by": by, "role": role, "at": at})


def sign_row(session: Session, note: NoteRow, by: PersonId, now: datetime) -> None:
    """Put the author's signature under a note; from then on the database refuses changes."""
    note.signed_at, note.signed_by = now, by
    note.sha256 = note_fingerprint(note)
    session.add(note)
    record_line(session, note.enrollment_id, "note_signed", by=by, now=now, what=note.id)


def cosign_row(session: Session, note: NoteRow, by: PersonId, role: RoleId, now: datetime) -> None:
    """Put a second signature below the author's."""
    sha256 = cosign_fingerprint(note, by, role, now)
    session.add(NoteCosignRow(note_id=note.id, by=by, role=role, at=now, sha256=sha256))
    record_line(session, note.enrollment_id, "note_cosigned", by=by, now=now, what=note.id)


def record_line(
    session: Session,
    enrollment: EnrollmentId,
    kind: str,
    *,
    by: PersonId,
    now: datetime,
    what: str,
) -> None:
    """Add a line about one thing in an enrollment's record to the ledger."""
    session.flush()
    clinic = lock_record(session, enrollment)
    append(session, clinic, record_stream(enrollment), kind, actor=by, at=now, detail={"id": what})


def lock_record(session: Session, enrollment: EnrollmentId) -> ClinicId:
    """
    Let writers of one enrollment's record wait for each other; give its clinic.

    On SQLite there is one writer anyway.
    """
    query = select(EnrollmentRow.clinic_id).where(EnrollmentRow.id == enrollment)
    return ClinicId(session.exec(query.with_for_update()).one())


def cosignature(session: Session, note: NoteRow) -> NoteCosignRow | None:
    """Give the second signature of a note, when there is one."""
    return session.exec(select(NoteCosignRow).where(col(NoteCosignRow.note_id) == note.id)).first()
