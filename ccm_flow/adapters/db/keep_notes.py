"""Notes and signatures that come with a click."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, delete, or_, select

from ccm_flow.adapters.db.once import once
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.signatures import cosign_row, cosignature, sign_row
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    CycleRow,
    NoteDraftRow,
    NoteRow,
    StaffRoleRow,
)
from ccm_flow.app.care import Click
from ccm_flow.app.notes import form_needed
from ccm_flow.core.events import StepCompleted
from ccm_flow.core.ids import ClinicId, PersonId, RoleId, StepId
from ccm_flow.core.month import Month
from ccm_flow.core.note_forms import NoteForm, note_problems, read_values
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.similarity import is_long_enough, most_alike

_RECENT: Final = timedelta(days=180)
"""How far back notes are compared."""
_COMPARED: Final = 200


def keep_note(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    """
    Keep the note that was written with a click, and sign it when its author wants to.

    Problems keep the signature back, never the note. The person's draft for the step has done its
    duty and goes.
    """
    plan = plan_of(session, cycle.playbook_sha256)
    event = click.event
    outcome = event.outcome if isinstance(event, StepCompleted) else None
    form = form_needed(plan, click.step, outcome)
    step = plan.by_id.get(StepId((click.step or "").partition("~")[0]))
    written_on = plan.note_forms.get(step.note) if step is not None and step.note else None
    note = _note_row(click, cycle, written_on, now)
    note.month = _month(session, cycle, now)
    note.form = form.id if form else None
    note.cosign_role = form.cosign if form else None
    _flag(session, note)
    session.add(note)
    if click.work.sign and (form is None or not note_problems(form, note.fields)):
        sign_row(session, note, click.by, now)
    session.exec(
        delete(NoteDraftRow).where(
            col(NoteDraftRow.cycle_id) == cycle.id,
            col(NoteDraftRow.step_key) == click.step,
            col(NoteDraftRow.person_id) == click.by,
        )
    )


def _note_row(click: Click, cycle: CycleRow, form: NoteForm | None, now: datetime) -> NoteRow:
    typed = click.work.fields
    return NoteRow(
        id=once("note", click.id),
        clinic_id=cycle.clinic_id,
        enrollment_id=cycle.enrollment_id,
        cycle_id=cycle.id,
        step_key=click.step,
        author_id=click.by,
        kind=(click.step or "other").partition("~")[0],
        fields=read_values(form, typed) if form else dict(typed),
        text=click.work.note,
        written_at=now,
        month=cycle.month,
    )


def _month(session: Session, cycle: CycleRow, now: datetime) -> Month:
    """Give the month a note counts for: its cycle's; outside a month the clinic's calendar's."""
    if cycle.kind is PlaybookKind.MONTHLY:
        return cycle.month
    zone = ZoneInfo(session.get_one(ClinicRow, cycle.clinic_id).time_zone)
    return Month.of(now.astimezone(zone).date())


def note_text(note: NoteRow) -> str:
    """Give all that a person wrote into a note, for comparing it with others."""
    typed = (value for value in note.fields.values() if isinstance(value, str))
    return " ".join([note.text, *typed])


def _flag(session: Session, note: NoteRow) -> None:
    """Remember which recent note of this patient or this author the new one repeats."""
    text = note_text(note)
    if not is_long_enough(text):
        return
    recent = (
        select(NoteRow)
        .where(
            NoteRow.clinic_id == note.clinic_id,
            or_(
                col(NoteRow.enrollment_id) == note.enrollment_id,
                col(NoteRow.author_id) == note.author_id,
            ),
            col(NoteRow.written_at) >= note.written_at - _RECENT,
        )
        .order_by(col(NoteRow.written_at).desc(), col(NoteRow.id))
        .limit(_COMPARED)
    )
    found = most_alike(text, ((row.id, note_text(row)) for row in session.exec(recent)))
    if found is not None:
        note.similar_to, note.similar_percent = found.note, found.percent


def keep_signature(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    """
    Sign the acting person's own open notes of the patient, and co-sign where they may.

    Never another author's note: a signature says "I wrote this" (medicare-rules section 3, CERT:
    no valid signature).
    """
    for note in _unsigned_of(session, click.by, cycle):
        if not _problems(session, note):
            sign_row(session, note, click.by, now)
    for note in _to_cosign(session, click.by, cycle):
        if note.cosign_role is not None:
            cosign_row(session, note, click.by, note.cosign_role, now)


def _unsigned_of(session: Session, author: PersonId, cycle: CycleRow) -> list[NoteRow]:
    query = select(NoteRow).where(
        NoteRow.enrollment_id == cycle.enrollment_id,
        NoteRow.author_id == author,
        col(NoteRow.signed_at).is_(None),
    )
    return list(session.exec(query.order_by(col(NoteRow.written_at), col(NoteRow.id))))


def _to_cosign(session: Session, person: PersonId, cycle: CycleRow) -> Iterator[NoteRow]:
    roles = roles_held(session, person, cycle.clinic_id)
    query = select(NoteRow).where(
        NoteRow.enrollment_id == cycle.enrollment_id,
        NoteRow.author_id != person,
        col(NoteRow.signed_at).is_not(None),
        col(NoteRow.cosign_role).in_(roles),
    )
    for note in session.exec(query.order_by(col(NoteRow.written_at), col(NoteRow.id))).all():
        if cosignature(session, note) is None:
            yield note


def roles_held(session: Session, person: PersonId, clinic: ClinicId) -> frozenset[RoleId]:
    """Give the roles that a person has at a clinic."""
    query = select(StaffRoleRow.role).where(
        StaffRoleRow.person_id == person, StaffRoleRow.clinic_id == clinic
    )
    return frozenset(RoleId(role) for role in session.exec(query))


def form_of(session: Session, note: NoteRow) -> NoteForm | None:
    """Give the form that a note must fulfil, as its cycle's playbook has it."""
    cycle = session.get(CycleRow, note.cycle_id) if note.form and note.cycle_id else None
    if cycle is None or note.form is None:
        return None
    return plan_of(session, cycle.playbook_sha256).note_forms.get(note.form)


def _problems(session: Session, note: NoteRow) -> bool:
    form = form_of(session, note)
    return form is not None and bool(note_problems(form, note.fields))
