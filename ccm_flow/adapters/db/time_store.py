"""Timers and time entries in the database."""

import uuid
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ccm_flow.adapters.db import month_lock
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.once import once
from ccm_flow.adapters.db.tables import EnrollmentRow, TimeEntryRow, TimerRow
from ccm_flow.adapters.db.time_views import lines_of, standing_row, timer_line
from ccm_flow.adapters.db.time_writing import (
    Draft,
    whole_seconds,
    write,
    zone_of_clinic,
)
from ccm_flow.app.statuses import TimeSource
from ccm_flow.app.time import About, Correction, NewEntry
from ccm_flow.app.time_errors import NoTimerError, TimeRefusedError, TimerRunningError
from ccm_flow.app.views_time import EntryLine, TimerLine
from ccm_flow.core.activities import Activity
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.time_entries import EntryFlag


class SqlTimeStore:
    """Implements `ccm_flow.app.time.TimeStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def enrolled_at(self, enrollment: EnrollmentId) -> datetime:
        """Say since when a patient is enrolled."""
        with reading(self._engine) as session:
            return session.get_one(EnrollmentRow, enrollment).created_at

    def is_closed(self, enrollment: EnrollmentId, month: Month) -> bool:
        """Tell whether a patient's month was approved."""
        with reading(self._engine) as session:
            return month_lock.is_closed(session, enrollment, month)

    def running(self, person: PersonId, now: datetime) -> TimerLine | None:
        """Give the timer that a person has running."""
        with reading(self._engine) as session:
            row = _running(session, person)
            return None if row is None else timer_line(session, row, now)

    def start(
        self, about: About, person: PersonId, activity: Activity, program: str | None, at: datetime
    ) -> TimerLine:
        """Start a timer; the database itself lets only one run."""
        try:
            with writing(self._engine) as session:
                enrolled = session.get_one(EnrollmentRow, about.enrollment)
                row = TimerRow(
                    id=uuid.uuid4().hex,
                    clinic_id=about.clinic,
                    enrollment_id=about.enrollment,
                    cycle_id=about.cycle,
                    step_key=about.step,
                    person_id=person,
                    activity=activity,
                    program=program or enrolled.program,
                    started_at=whole_seconds(at),
                )
                session.add(row)
                session.flush()
                return timer_line(session, row, at)
        except IntegrityError as error:
            with reading(self._engine) as session:
                other = _running(session, person)
                if other is None:
                    raise
                zone = zone_of_clinic(session, other.clinic_id)
                raise TimerRunningError(timer_line(session, other, at), zone) from error

    def stop(
        self,
        person: PersonId,
        ended_at: datetime,
        now: datetime,
        flags: frozenset[EntryFlag],
        activity: Activity | None = None,
    ) -> tuple[EntryLine, ...]:
        """Stop a timer and keep its time in the same transaction; nothing for no time."""
        with writing(self._engine) as session:
            timer = _running(session, person)
            if timer is None:
                raise NoTimerError(person)
            timer.ended_at = whole_seconds(ended_at)
            seconds = int((timer.ended_at - timer.started_at).total_seconds())
            if seconds <= 0:
                timer.discarded_because = "it was stopped at once"
                return ()
            draft = Draft(
                id=once("timer", timer.id),
                about=About(timer.clinic_id, timer.enrollment_id, timer.cycle_id, timer.step_key),
                person=person,
                activity=activity or timer.activity,
                started_at=timer.started_at,
                seconds=seconds,
                source=TimeSource.TIMER,
                entered_at=now,
                entered_by=person,
                program=timer.program,
                flags=flags,
            )
            return lines_of(session, write(session, draft, hold=True))

    def discard(self, person: PersonId, because: str, now: datetime) -> TimerLine:
        """Stop a timer without keeping its time; the timer and the reason stay."""
        with writing(self._engine) as session:
            timer = _running(session, person)
            if timer is None:
                raise NoTimerError(person)
            line = timer_line(session, timer, now)
            timer.ended_at, timer.discarded_because = now, because
            return line

    def told(self, told_in: str) -> tuple[EntryLine, ...]:
        """Give what was kept under an id."""
        id_ = once("time", told_in)
        query = select(TimeEntryRow).where(col(TimeEntryRow.id).in_((id_, f"{id_}-2")))
        with reading(self._engine) as session:
            return lines_of(session, session.exec(query.order_by(col(TimeEntryRow.id))).all())

    def add(self, entry: NewEntry, source: TimeSource, now: datetime) -> tuple[EntryLine, ...]:
        """Keep work that somebody states."""
        draft = Draft(
            id=once("time", entry.told_in),
            about=entry.about,
            person=entry.person,
            activity=entry.activity,
            started_at=entry.started_at,
            seconds=entry.seconds,
            source=source,
            entered_at=now,
            entered_by=entry.person,
            program=entry.program,
            reason=entry.reason,
        )
        with writing(self._engine) as session:
            return lines_of(session, write(session, draft, hold=False))

    def entry(self, text: str, clinic: ClinicId) -> EntryLine:
        """Give the entry that stands for the one that is named."""
        with reading(self._engine) as session:
            return lines_of(session, [standing_row(session, text, clinic)])[0]

    def correct(self, entry: EntryLine, change: Correction, now: datetime) -> EntryLine:
        """Keep a correction, in the name of the person who did the work."""
        with writing(self._engine) as session:
            old = session.get_one(TimeEntryRow, entry.id)
            draft = Draft(
                id=once("time", change.told_in),
                about=About(old.clinic_id, old.enrollment_id, old.cycle_id, old.step_key),
                person=old.person_id,
                activity=change.activity or old.activity,
                started_at=change.started_at or old.started_at,
                seconds=old.seconds if change.seconds is None else change.seconds,
                source=TimeSource.MANUAL,
                entered_at=now,
                entered_by=change.by,
                program=change.program or old.program,
                reason=change.reason,
                corrects=old.id,
            )
            rows = write(session, draft, hold=False)
            if len(rows) > 1 or rows[0].month != old.month:
                raise TimeRefusedError(
                    [f"A correction stays in the entry's month, {old.month}."],
                    "Take the entry out with --seconds 0, and enter the time anew.",
                )
            return lines_of(session, rows)[0]


def _running(session: Session, person: PersonId) -> TimerRow | None:
    query = select(TimerRow).where(TimerRow.person_id == person, col(TimerRow.ended_at).is_(None))
    return session.exec(query).first()
