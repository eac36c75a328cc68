"""What a clinic's month loses, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, Row
from sqlmodel import Session, col, func, or_, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import (
    AttemptRow,
    CycleRow,
    EnrollmentRow,
    NoteCosignRow,
    NoteRow,
    PatientRow,
    StepRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.time_counting import stands
from ccm_flow.adapters.db.time_report import time_audit
from ccm_flow.adapters.db.views_names import People, listed_name
from ccm_flow.app.view_text import words
from ccm_flow.app.views_leaks import LeakReport, LeakRow
from ccm_flow.core.activities import ACTIVITIES
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, StepKey
from ccm_flow.core.leaks import Leak, StepSeen, lacks_signature, leak_of_step, tried_in_vain
from ccm_flow.core.month import Month
from ccm_flow.core.state import StepStatus
from ccm_flow.core.time_audit import AuditFlag, length
from ccm_flow.core.time_entries import LATE_AFTER, entry_lag
from ccm_flow.core.words import Phase, PlaybookKind

_ENDED: Final = (StepStatus.DONE, StepStatus.EXPIRED, StepStatus.WITHDRAWN)
_OF_STEP: Final = (
    StepRow.cycle_id,
    StepRow.key,
    StepRow.title,
    StepRow.status,
    StepRow.phase,
    StepRow.owner_id,
    StepRow.ended_by,
    StepRow.expected_seconds,
    StepRow.due_at,
    StepRow.ended_at,
    StepRow.because,
)
_OF_ENTRY: Final = (
    TimeEntryRow.enrollment_id,
    TimeEntryRow.cycle_id,
    TimeEntryRow.step_key,
    TimeEntryRow.person_id,
    TimeEntryRow.activity,
    TimeEntryRow.started_at,
    TimeEntryRow.seconds,
    TimeEntryRow.entered_at,
    TimeEntryRow.reason,
)
Found = Iterator[tuple[Leak, LeakRow]]


def leak_report(engine: Engine, clinic: ClinicId, month: Month) -> LeakReport:
    """
    Look for everything that a month loses, the newest first of each kind.

    Raises:
        NoSuchClinicError: there is no such clinic.
    """
    flags = time_audit(engine, clinic, month).flags
    with reading(engine) as session:
        read = _Read.of(session, clinic, month, [flag.person or "" for flag in flags])
    rows: dict[Leak, list[LeakRow]] = {leak: [] for leak in Leak}
    for found in (_steps(read), _entries(read), _tries(read), _notes(read), _flags(read, flags)):
        for leak, row in found:
            rows[leak].append(row)
    return LeakReport(clinic, month, {leak: tuple(found) for leak, found in rows.items()})


@dataclass(frozen=True)
class _Read:
    """What was read of the month."""

    patients: Mapping[EnrollmentId, str]
    cycles: Sequence[Any]
    """Columns of `CycleRow`."""
    steps: Sequence[Any]
    """Columns of `StepRow`: a month has thousands."""
    entries: Sequence[Any]
    """Columns of `TimeEntryRow`."""
    notes: list[NoteRow]
    signed_twice: frozenset[str]
    tries: Mapping[CycleId, tuple[int, datetime]]
    """Attempts by cycle, and when the latest was made."""
    people: People

    @classmethod
    def of(cls, session: Session, clinic: ClinicId, month: Month, others: list[str]) -> "_Read":
        here = (CycleRow.clinic_id == clinic, CycleRow.month == month)
        steps: Sequence[Any] = list(
            session.exec(
                select(*_OF_STEP)  # type: ignore[call-overload]  # SQLModel's end at four columns
                .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
                .where(*here, col(StepRow.status).in_(_ENDED))
                .order_by(col(StepRow.ended_at).desc(), col(StepRow.key))
            )
        )
        entries: Sequence[Any] = list(
            session.exec(
                select(*_OF_ENTRY)  # type: ignore[call-overload]  # see above
                .where(TimeEntryRow.clinic_id == clinic, TimeEntryRow.month == month, stands())
                .order_by(col(TimeEntryRow.entered_at).desc(), col(TimeEntryRow.id))
            )
        )
        notes = _notes_of(session, clinic, month)
        people = {step.owner_id for step in steps} | {one.person_id for one in entries}
        return cls(
            patients=_patients(session, clinic),
            cycles=_cycles_of(session, here),
            steps=steps,
            entries=entries,
            notes=notes,
            signed_twice=frozenset(
                session.exec(
                    select(NoteCosignRow.note_id)
                    .join(NoteRow, col(NoteRow.id) == col(NoteCosignRow.note_id))
                    .where(NoteRow.clinic_id == clinic, NoteRow.month == month)
                )
            ),
            tries=_tries_of(session, here),
            people=People(session, {*people, *others, *(note.author_id for note in notes)}),
        )

    def row(self, about: "_About", what: str, detail: str, who: str | None) -> LeakRow:
        """Make the row of something about one patient; `who` is a person of the staff."""
        return LeakRow(
            what=what,
            detail=detail,
            enrollment=about.enrollment,
            patient_name=self.patients.get(about.enrollment, about.enrollment),
            person_name=self.people.name(who) if who else None,
            at=about.at,
            cycle=about.cycle if about.key else None,
            key=about.key,
        )


@dataclass(frozen=True)
class _About:
    """Whose month, when, and on which step."""

    enrollment: EnrollmentId
    at: datetime | None
    cycle: CycleId | None = None
    key: StepKey | None = None


def _patients(session: Session, clinic: ClinicId) -> dict[EnrollmentId, str]:
    query = (
        select(EnrollmentRow.id, PatientRow.family_name, PatientRow.given_name)
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .where(EnrollmentRow.clinic_id == clinic)
    )
    return {EnrollmentId(id_): listed_name(*names) for id_, *names in session.exec(query)}


def _cycles_of(session: Session, here: Iterable[bool]) -> Sequence[Any]:
    query = select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
        CycleRow.id,
        CycleRow.enrollment_id,
        CycleRow.kind,
        CycleRow.because,
        CycleRow.disposition,
        func.coalesce(col(CycleRow.facts)["contacts"].as_integer(), 0).label("contacts"),
    )
    return list(session.exec(query.where(*here).order_by(col(CycleRow.id))))


def _notes_of(session: Session, clinic: ClinicId, month: Month) -> list[NoteRow]:
    query = (
        select(NoteRow)
        .where(
            NoteRow.clinic_id == clinic,
            NoteRow.month == month,
            or_(
                col(NoteRow.signed_at).is_(None),
                col(NoteRow.cosign_role).is_not(None),
                col(NoteRow.similar_to).is_not(None),
            ),
        )
        .order_by(col(NoteRow.written_at).desc(), col(NoteRow.id))
    )
    return list(session.exec(query))


def _tries_of(session: Session, here: Iterable[bool]) -> dict[CycleId, tuple[int, datetime]]:
    query = (
        select(AttemptRow.cycle_id, func.count(), func.max(AttemptRow.at))
        .join(
            StepRow,
            (col(StepRow.cycle_id) == col(AttemptRow.cycle_id))
            & (col(StepRow.key) == col(AttemptRow.step_key)),
        )
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(*here, StepRow.phase == Phase.OUTREACH)
        .group_by(col(AttemptRow.cycle_id))
    )
    return {CycleId(cycle): (int(count), at) for cycle, count, at in session.exec(query)}


def _steps(read: _Read) -> Found:
    logged: dict[tuple[str | None, str | None], int] = defaultdict(int)
    for entry in read.entries:
        logged[entry.cycle_id, entry.step_key] += entry.seconds
    enrollments = {cycle.id: cycle.enrollment_id for cycle in read.cycles}
    for step in read.steps:
        seen = StepSeen(
            status=step.status,
            phase=step.phase,
            ended_by=step.ended_by,
            expected=timedelta(seconds=step.expected_seconds),
            logged=timedelta(seconds=logged[step.cycle_id, step.key]),
            past_due=_past_due(step),
        )
        leak = leak_of_step(seen)
        if leak is not None:
            about = _About(enrollments[step.cycle_id], step.ended_at, step.cycle_id, step.key)
            yield leak, read.row(about, step.title, _loss(leak, step), step.owner_id)


def _loss(leak: Leak, step: Row[Any]) -> str:
    if leak is Leak.UNDONE_STEPS:
        return words(step.because or "never done")
    return f"no time on it; it usually takes {step.expected_seconds // 60} min"


def _past_due(step: Row[Any]) -> bool:
    if step.due_at is None or step.ended_at is None:
        return False
    return bool(step.ended_at > step.due_at)


def _entries(read: _Read) -> Found:
    for row in read.entries:
        lag = entry_lag(row.started_at, row.seconds, row.entered_at)
        if row.seconds and lag > LATE_AFTER:
            days = lag // timedelta(days=1)
            what = f"{ACTIVITIES[row.activity].title}, {length(row.seconds)}"
            late = f"{days} day{'s' * (days > 1)} after the work"
            detail = f"{late}: {row.reason}" if row.reason else late
            about = _About(row.enrollment_id, row.entered_at, row.cycle_id, row.step_key)
            yield Leak.LATE_ENTRIES, read.row(about, what, detail, row.person_id)


def _tries(read: _Read) -> Found:
    for cycle in read.cycles:
        tries, last = read.tries.get(cycle.id, (0, None))
        monthly = cycle.kind is PlaybookKind.MONTHLY
        if monthly and tried_in_vain(tries, cycle.contacts):
            ended = words(cycle.because or cycle.disposition or "")
            detail = f"the month ended: {ended}" if ended else "the month is running"
            what = f"{tries} attempt{'s' * (tries > 1)}"
            yield Leak.NOT_REACHED, read.row(_About(cycle.enrollment_id, last), what, detail, None)


def _notes(read: _Read) -> Found:
    for note in read.notes:
        about = _About(note.enrollment_id, note.written_at, note.cycle_id, note.step_key)
        what = words(note.kind).capitalize()
        if lacks_signature(
            signed=note.signed_at is not None,
            needs_second=note.cosign_role is not None,
            has_second=note.id in read.signed_twice,
        ):
            yield Leak.UNSIGNED_NOTES, read.row(about, what, _unsigned(note), note.author_id)
        if note.similar_to is not None:
            detail = f"{note.similar_percent} % the same as an earlier note"
            yield Leak.SIMILAR_NOTES, read.row(about, what, detail, note.author_id)


def _unsigned(note: NoteRow) -> str:
    if note.signed_at is None:
        return "not signed by its author"
    return f"waits for the {words(note.cosign_role or 'second')}"


def _flags(read: _Read, flags: Iterable[AuditFlag]) -> Found:
    for flag in flags:
        day = f"{flag.day:%b} {flag.day.day}: " if flag.day else ""
        person = read.people.name(flag.person) if flag.person else None
        row = LeakRow(words(flag.kind).capitalize(), f"{day}{flag.text}", person_name=person)
        yield Leak.TIME_PATTERNS, row
