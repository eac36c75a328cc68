"""Time as people look at it: entries with what counts, running timers."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.keep_time import entry_id
from ccm_flow.adapters.db.tables import EnrollmentRow, TimeEntryRow, TimerRow
from ccm_flow.adapters.db.time_counting import Judged, judge_minutes
from ccm_flow.adapters.db.time_writing import clash_of, timer_limit, zone_of_clinic
from ccm_flow.adapters.db.views_find import AmbiguousError
from ccm_flow.adapters.db.views_names import People, handles_of
from ccm_flow.app.time_errors import NoSuchEntryError, clash_text
from ccm_flow.app.views_time import EntryLine, TimerLine
from ccm_flow.core.ids import ClickId, ClinicId, EnrollmentId, PersonId
from ccm_flow.core.minutes import WhyNot, why_not_text
from ccm_flow.core.time_entries import Entry, EntryFlag

SHORT = 8
"""Characters of an entry's id that people type."""


class Names:
    """What entries call people and patients, read once."""

    def __init__(
        self, session: Session, people: Collection[str], enrollments: Collection[EnrollmentId]
    ) -> None:
        self.handles: Mapping[EnrollmentId, str] = handles_of(session, enrollments)
        self._people = People(session, set(people))

    def person(self, person: PersonId) -> str:
        """Give a person's name."""
        return self._people.name(person)


def lines_of(session: Session, rows: Sequence[TimeEntryRow]) -> tuple[EntryLine, ...]:
    """Show some entries, judged among all of their month."""
    names = Names(session, [row.person_id for row in rows], [row.enrollment_id for row in rows])
    found = []
    for row in rows:
        scope = col(EnrollmentRow.id) == row.enrollment_id
        judged = judge_minutes(session, row.month, scope)[row.enrollment_id]
        found += [line for line in judged_lines(judged, names) if line.id == row.id]
    return tuple(found)


def judged_lines(judged: Judged, names: Names) -> list[EntryLine]:
    """Show a patient's entries of a month."""
    reasons = {entry.id: why for entry, why in judged.counted.not_counted}
    return [
        _line(row, entry, names, reasons.get(entry.id))
        for row, entry in zip(judged.rows, judged.entries, strict=True)
    ]


def _line(row: TimeEntryRow, entry: Entry, names: Names, why: WhyNot | None) -> EntryLine:
    return EntryLine(
        id=row.id,
        handle=short_id(row.id),
        enrollment=row.enrollment_id,
        patient_handle=names.handles[row.enrollment_id],
        person=row.person_id,
        person_name=names.person(row.person_id),
        credential=entry.credential,
        activity=row.activity,
        program=row.program,
        step=row.step_key,
        month=row.month,
        started_at=row.started_at,
        ended_at=entry.ended_at,
        seconds=row.seconds,
        source=row.source,
        entered_at=row.entered_at,
        entered_by=row.entered_by,
        lag_seconds=int(entry.lag.total_seconds()),
        late=entry.is_late,
        reason=row.reason,
        flags=tuple(EntryFlag(flag) for flag in row.flags),
        corrects=row.corrects,
        clashes_with=row.clashes_with,
        counts=why is None and row.seconds > 0,
        not_counted=why,
        not_counted_because=why_not_text(entry, why) if why else None,
    )


def short_id(id_: str) -> str:
    """Cut an entry's id to what people type; the second half of a cut entry keeps its number."""
    start, _, number = id_.partition("-")
    return start[:SHORT] + (f"-{number}" if number else "")


def timer_line(session: Session, row: TimerRow, now: datetime) -> TimerLine:
    """Show a timer; elapsed time is counted from its start."""
    elapsed = max(now - row.started_at, timedelta(0))
    limit = timer_limit(session, row.clinic_id)
    names = Names(session, [row.person_id], [row.enrollment_id])
    return TimerLine(
        person=row.person_id,
        person_name=names.person(row.person_id),
        enrollment=row.enrollment_id,
        patient_handle=names.handles[row.enrollment_id],
        step=row.step_key,
        activity=row.activity,
        program=row.program,
        started_at=row.started_at,
        elapsed_seconds=int(elapsed.total_seconds()),
        limit_seconds=int(limit.total_seconds()),
        over_limit=elapsed > limit,
    )


def standing_row(session: Session, text: str, clinic: ClinicId) -> TimeEntryRow:
    """
    Find the entry that a person means, or the correction that stands in its place.

    Raises:
        NoSuchEntryError, AmbiguousError: none, or several, are called that.
    """
    wanted = text.strip().lower()
    start, _, number = wanted.partition("-")
    rows = session.exec(
        select(TimeEntryRow).where(
            TimeEntryRow.clinic_id == clinic,
            col(TimeEntryRow.id).startswith(start, autoescape=True),
        )
    ).all()
    fitting = [row for row in rows if row.id.partition("-")[2] == number] if start else []
    if not fitting:
        raise NoSuchEntryError(text)
    if len(fitting) > 1:
        raise AmbiguousError(text, [row.id for row in fitting])
    row = fitting[0]
    while newer := session.exec(
        select(TimeEntryRow).where(TimeEntryRow.corrects == row.id)
    ).first():
        row = newer
    return row


def running_timers(session: Session, clinic: ClinicId, now: datetime) -> tuple[TimerLine, ...]:
    """List the timers that run at a clinic, the oldest first."""
    rows = session.exec(
        select(TimerRow)
        .where(TimerRow.clinic_id == clinic, col(TimerRow.ended_at).is_(None))
        .order_by(col(TimerRow.started_at))
    ).all()
    return tuple(timer_line(session, row, now) for row in rows)


def held_sentences(engine: Engine, click: ClickId) -> tuple[str, ...]:
    """Say of the time that came with a click why it does not count yet, if it does not."""
    id_ = entry_id(click)
    with reading(engine) as session:
        rows = session.exec(
            select(TimeEntryRow).where(col(TimeEntryRow.id).in_((id_, f"{id_}-2")))
        ).all()
        found = []
        for row in rows:
            fix = f"Put it right: `ccm time correct {short_id(row.id)}`."
            if EntryFlag.CLASH in row.flags and row.clashes_with:
                other = session.get_one(TimeEntryRow, row.clashes_with)
                zone = zone_of_clinic(session, row.clinic_id)
                clash = clash_text(clash_of(session, other, row.person_id), zone)
                found.append(f"The time is kept but does not count: it overlaps {clash}. {fix}")
            elif EntryFlag.TOO_LONG in row.flags:
                found.append(f"The time is kept but does not count: it is too long. {fix}")
            elif EntryFlag.MONTH_CLOSED in row.flags:
                found.append("The time is kept but does not count: the month was approved.")
        return tuple(found)
