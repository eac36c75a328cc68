"""Notes as people look at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.signatures import cosign_fingerprint, note_fingerprint
from ccm_flow.adapters.db.tables import EnrollmentRow, NoteCosignRow, NoteRow, PatientRow
from ccm_flow.adapters.db.views_names import People, handles_of, patient_name
from ccm_flow.app.notes import NoteView, SignatureView
from ccm_flow.core.ids import EnrollmentId

HANDLE = 8
"""Characters of a note's id that are shown; more can be typed."""


def note_views(session: Session, ids: Sequence[str]) -> list[NoteView]:
    """Show notes in the given order, each with its amendments, the oldest first."""
    query = select(NoteRow).where(col(NoteRow.id).in_(ids))
    rows = {row.id: row for row in session.exec(query)}
    amending = select(NoteRow).where(col(NoteRow.amends).in_(ids))
    amendments: dict[str, list[NoteRow]] = {}
    ordered = amending.order_by(col(NoteRow.written_at), col(NoteRow.id))
    for row in session.exec(ordered).all():
        amendments.setdefault(row.amends or "", []).append(row)
    names = _names(
        session, [*rows.values(), *(one for some in amendments.values() for one in some)]
    )
    return [_view(rows[id_], names, amendments.get(id_, ())) for id_ in ids]


@dataclass(frozen=True)
class _Names:
    """What puts names to ids."""

    people: People
    patients: Mapping[EnrollmentId, str]
    handles: Mapping[EnrollmentId, str]
    cosigned: Mapping[str, NoteCosignRow]


def _names(session: Session, rows: Sequence[NoteRow]) -> _Names:
    ids = [row.id for row in rows]
    cosigned = {
        row.note_id: row
        for row in session.exec(select(NoteCosignRow).where(col(NoteCosignRow.note_id).in_(ids)))
    }
    who = {row.author_id for row in rows} | {row.by for row in cosigned.values()}
    patients = (
        select(EnrollmentRow.id, PatientRow)
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(col(EnrollmentRow.id).in_({row.enrollment_id for row in rows}))
    )
    return _Names(
        People(session, who),
        {EnrollmentId(id_): patient_name(patient) for id_, patient in session.exec(patients)},
        handles_of(session, [row.enrollment_id for row in rows]),
        cosigned,
    )


def _view(row: NoteRow, names: _Names, amendments: Sequence[NoteRow] = ()) -> NoteView:
    return NoteView(
        id=row.id,
        handle=row.id[:HANDLE],
        clinic=row.clinic_id,
        enrollment=row.enrollment_id,
        patient=names.handles[row.enrollment_id],
        patient_name=names.patients[row.enrollment_id],
        month=row.month,
        step=row.step_key,
        kind=row.kind,
        form=row.form,
        author=row.author_id,
        author_name=names.people.name(row.author_id),
        written_at=row.written_at,
        fields=row.fields,
        text=row.text,
        signature=_signature(row, names),
        cosign_role=row.cosign_role,
        cosignature=_cosignature(row, names),
        similar_to=row.similar_to,
        similar_percent=row.similar_percent,
        because=row.because,
        amendments=tuple(_view(one, names) for one in amendments),
    )


def _signature(row: NoteRow, names: _Names) -> SignatureView | None:
    if row.signed_at is None or row.signed_by is None:
        return None
    return SignatureView(
        row.signed_by,
        names.people.name(row.signed_by),
        row.signed_at,
        row.sha256 or "",
        holds=row.sha256 == note_fingerprint(row),
    )


def _cosignature(row: NoteRow, names: _Names) -> SignatureView | None:
    found = names.cosigned.get(row.id)
    if found is None:
        return None
    return SignatureView(
        found.by,
        names.people.name(found.by),
        found.at,
        found.sha256,
        holds=found.sha256 == cosign_fingerprint(row, found.by, found.role, found.at),
    )
