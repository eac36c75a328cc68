"""Notes in the database: finding, showing, signing, co-signing and amending them."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session, col, or_, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.keep_notes import form_of, roles_held
from ccm_flow.adapters.db.note_views import note_views
from ccm_flow.adapters.db.once import once
from ccm_flow.adapters.db.signatures import cosign_row, cosignature, record_line, sign_row
from ccm_flow.adapters.db.tables import NoteCosignRow, NoteRow
from ccm_flow.adapters.db.views_find import AmbiguousError
from ccm_flow.adapters.db.views_names import People
from ccm_flow.app.notes import (
    NoSuchNoteError,
    NoteIncompleteError,
    NoteView,
    NotSignedYetError,
    SignedAlreadyError,
    check_signer,
    cosigner_role,
)
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.note_forms import NoteValue, note_problems, read_values

_MISSING: Final = "Add what is missing: `ccm note sign NOTE --field NAME=VALUE --by PERSON`."


@dataclass(frozen=True, slots=True)
class NoteFilter:
    """Which notes are wanted; all of a clinic's when nothing is said."""

    clinic: ClinicId
    enrollment: EnrollmentId | None = None
    unsigned: bool = False
    """Only those that lack a signature."""
    flagged: bool = False
    """Only those that repeat another note."""
    month: Month | None = None


class SqlNoteStore:
    """Notes as people work with them; each change is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, text: str) -> tuple[str, ClinicId]:
        """
        Find the note that a person means by the start of its id; give its id and clinic.

        Raises:
            NoSuchNoteError: there is none.
            AmbiguousError: several begin like that.
        """
        wanted = text.strip().lower()
        query = select(NoteRow.id, NoteRow.clinic_id).where(
            col(NoteRow.id).startswith(wanted, autoescape=True)
        )
        with reading(self._engine) as session:
            found = session.exec(query.order_by(col(NoteRow.id)).limit(20)).all() if wanted else []
        if not found:
            raise NoSuchNoteError(text)
        if len(found) > 1:
            raise AmbiguousError(text, [id_[:12] for id_, _ in found])
        return found[0][0], ClinicId(found[0][1])

    def notes(self, wanted: NoteFilter) -> list[NoteView]:
        """List notes, the newest first; amendments stand below their originals."""
        with reading(self._engine) as session:
            rows = session.exec(_query(wanted)).all()
            originals = dict.fromkeys(row.amends or row.id for row in rows)
            return note_views(session, list(originals))

    def note(self, id_: str) -> NoteView:
        """Show one note with its amendments; raises `NoSuchNoteError`."""
        with reading(self._engine) as session:
            row = _row(session, id_)
            return note_views(session, [row.amends or row.id])[0]

    def sign(
        self,
        id_: str,
        by: PersonId,
        now: datetime,
        fields: Mapping[str, NoteValue] | None = None,
    ) -> None:
        """
        Put the author's signature under a note, after filling in what was missing.

        Raises:
            NotYoursToSignError: somebody else wrote it.
            SignedAlreadyError: it has the signature.
            NoteIncompleteError: its form asks for more; what was typed is kept in the note.
        """
        problem = self._change(id_, lambda session, note: _sign(session, note, by, now, fields))
        if problem is not None:
            raise problem

    def cosign(self, id_: str, by: PersonId, now: datetime) -> None:
        """
        Put a second signature below the author's.

        Raises:
            NotSignedYetError: the author has not signed.
            SignedAlreadyError: it was co-signed.
            NotYoursToSignError: the person does not have the role it takes, or is the author.
        """
        self._change(id_, lambda session, note: _cosign(session, note, by, now))

    def amend(
        self,
        id_: str,
        text: str,
        because: str,
        by: PersonId,
        now: datetime,
        *,
        told_in: str | None = None,
    ) -> str:
        """
        Add to a signed note; returns the amendment's id. It is signed in its turn.

        Told a second time under the same id, it changes nothing.

        Raises:
            NotSignedYetError: the note is not signed, so that nothing needs amending yet.
        """
        with writing(self._engine) as session:
            note = _row(session, id_)
            original = _row(session, note.amends) if note.amends else note
            if original.signed_at is None:
                raise NotSignedYetError("The note is not signed yet.")
            amendment = _amendment(original, text, because, by, now)
            amendment.id = once("amendment", told_in)
            if session.get(NoteRow, amendment.id) is not None:
                return amendment.id
            session.add(amendment)
            enrollment = original.enrollment_id
            what = amendment.id
            record_line(session, enrollment, "note_amended", by=by, now=now, what=what)
            return what

    def _change(
        self,
        id_: str,
        work: Callable[[Session, NoteRow], NoteIncompleteError | None],
    ) -> NoteIncompleteError | None:
        with writing(self._engine) as session:
            return work(session, _row(session, id_, lock=True))


def _query(wanted: NoteFilter):  # type: ignore[no-untyped-def]  # SelectOfScalar is SQLModel's own
    query = select(NoteRow).where(NoteRow.clinic_id == wanted.clinic)
    if wanted.enrollment is not None:
        query = query.where(NoteRow.enrollment_id == wanted.enrollment)
    if wanted.month is not None:
        query = query.where(NoteRow.month == wanted.month)
    if wanted.flagged:
        query = query.where(col(NoteRow.similar_to).is_not(None))
    if wanted.unsigned:
        twice = col(NoteRow.id).in_(select(NoteCosignRow.note_id))
        alone = col(NoteRow.cosign_role).is_not(None) & ~twice
        query = query.where(or_(col(NoteRow.signed_at).is_(None), alone))
    return query.order_by(col(NoteRow.written_at).desc(), col(NoteRow.id))


def _row(session: Session, id_: str, *, lock: bool = False) -> NoteRow:
    query = select(NoteRow).where(NoteRow.id == id_)
    row = session.exec(query.with_for_update() if lock else query).first()
    if row is None:
        raise NoSuchNoteError(id_[:12])
    return row


def _sign(
    session: Session,
    note: NoteRow,
    by: PersonId,
    now: datetime,
    fields: Mapping[str, NoteValue] | None,
) -> NoteIncompleteError | None:
    check_signer(note.author_id, by, People(session, [note.author_id]).name(note.author_id))
    if note.signed_at is not None:
        raise SignedAlreadyError("The note is signed already.")
    form = form_of(session, note)
    if fields:
        note.fields = {**note.fields, **(read_values(form, fields) if form else fields)}
    problems = note_problems(form, note.fields) if form else ()
    if form is not None and problems:
        return NoteIncompleteError(form, [problem.message for problem in problems], _MISSING)
    sign_row(session, note, by, now)
    return None


def _cosign(session: Session, note: NoteRow, by: PersonId, now: datetime) -> None:
    role = cosigner_role(note.cosign_role, roles_held(session, by, note.clinic_id))
    if note.signed_at is None:
        raise NotSignedYetError("The author has not signed the note yet.")
    if note.author_id == by:
        raise SignedAlreadyError("The author has signed already; somebody else co-signs.")
    if cosignature(session, note) is not None:
        raise SignedAlreadyError("The note is co-signed already.")
    cosign_row(session, note, by, role, now)


def _amendment(original: NoteRow, text: str, because: str, by: PersonId, now: datetime) -> NoteRow:
    return NoteRow(
        id=uuid.uuid4().hex,
        clinic_id=original.clinic_id,
        enrollment_id=original.enrollment_id,
        cycle_id=original.cycle_id,
        step_key=original.step_key,
        author_id=by,
        kind=original.kind,
        text=text,
        written_at=now,
        month=original.month,
        amends=original.id,
        because=because,
    )
