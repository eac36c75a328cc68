"""Writing time: every entry passes here, whether it comes from a timer, a person or a click."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from ccm_flow.adapters.db.month_lock import is_closed
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    EnrollmentRow,
    PatientRow,
    PersonRow,
    StaffRoleRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.views_names import handles_of
from ccm_flow.app.statuses import TimeSource
from ccm_flow.app.time import About
from ccm_flow.app.time_errors import Clash, ClashError, MonthClosedError
from ccm_flow.core.activities import Activity
from ccm_flow.core.ids import PatientId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.time_entries import HELD_FLAGS, EntryFlag
from ccm_flow.core.time_rules import MAX_ENTRY, TIMER_LIMIT, Piece, cut

_LONGEST = timedelta(days=1)
"""No entry is longer, also none that was kept although it is too long."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it is cut at the month's end and checked against others."""

    id: str
    about: About
    person: PersonId
    activity: Activity
    started_at: datetime
    seconds: int
    source: TimeSource
    entered_at: datetime
    entered_by: PersonId
    program: str | None = None
    reason: str | None = None
    corrects: str | None = None
    flags: frozenset[EntryFlag] = frozenset()


def zone_of_clinic(session: Session, clinic: str) -> ZoneInfo:
    """Give a clinic's time zone."""
    return ZoneInfo(session.get_one(ClinicRow, clinic).time_zone)


def timer_limit(session: Session, clinic: str) -> timedelta:
    """Say how long a timer is believed by itself at a clinic."""
    minutes = session.get_one(ClinicRow, clinic).timer_limit_minutes
    return TIMER_LIMIT if minutes is None else timedelta(minutes=minutes)


def month_end(month: Month, zone: ZoneInfo) -> datetime:
    """Give the clinic's midnight that ends a month."""
    return month_start(month.next, zone)


def month_start(month: Month, zone: ZoneInfo) -> datetime:
    """Give the clinic's midnight that begins a month."""
    day = month.first_day
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def write(session: Session, draft: Draft, *, hold: bool) -> list[TimeEntryRow]:
    """
    Keep an entry, in two when it reaches into the next month.

    What comes with a step or a timer must not be lost: with `hold`, an entry that breaks a rule
    is kept with a flag and does not count until it is corrected.

    Raises:
        ClashError, MonthClosedError: it breaks a rule, and `hold` is not set.
    """
    enrolled = session.get_one(EnrollmentRow, draft.about.enrollment)
    _lock(session, draft.person, enrolled.patient_id)
    zone = zone_of_clinic(session, draft.about.clinic)
    began = Month.of(draft.started_at.astimezone(zone).date())
    rows = []
    for number, piece in enumerate(
        cut(draft.started_at, draft.seconds, month_end(began, zone)), start=1
    ):
        row = _row(session, draft, piece, enrolled, zone)
        row.id = draft.id if number == 1 else f"{draft.id}-{number}"
        _check(session, row, enrolled.patient_id, zone, hold=hold)
        session.add(row)
        session.flush()
        rows.append(row)
    return rows


def _lock(session: Session, person: PersonId, patient: PatientId) -> None:
    """Let two who enter time for the same person or patient do so one after the other."""
    for query in (
        select(PersonRow.id).where(PersonRow.id == person),
        select(PatientRow.id).where(PatientRow.id == patient),
    ):
        session.exec(query.with_for_update(key_share=True)).all()


def _row(
    session: Session, draft: Draft, piece: Piece, enrolled: EnrollmentRow, zone: ZoneInfo
) -> TimeEntryRow:
    return TimeEntryRow(
        id=draft.id,
        clinic_id=draft.about.clinic,
        enrollment_id=draft.about.enrollment,
        cycle_id=draft.about.cycle,
        step_key=draft.about.step,
        person_id=draft.person,
        activity=draft.activity,
        started_at=piece.started_at,
        seconds=piece.seconds,
        month=Month.of(piece.started_at.astimezone(zone).date()),
        source=draft.source,
        entered_at=draft.entered_at,
        corrects=draft.corrects,
        reason=draft.reason or None,
        program=draft.program or enrolled.program,
        credential=session.get_one(PersonRow, draft.person).credential,
        entered_by=draft.entered_by,
        flags=sorted(draft.flags),
    )


def _check(
    session: Session, row: TimeEntryRow, patient: PatientId, zone: ZoneInfo, *, hold: bool
) -> None:
    """Refuse what breaks a rule; with `hold`, flag it."""
    flags = set(row.flags)
    if is_closed(session, row.enrollment_id, row.month):
        if not hold:
            raise MonthClosedError(row.month)
        flags.add(EntryFlag.MONTH_CLOSED)
    if timedelta(seconds=row.seconds) > MAX_ENTRY:
        flags.add(EntryFlag.TOO_LONG)
    found = find_clash(session, row, patient) if row.seconds else None
    if found is not None:
        if not hold:
            raise ClashError(clash_of(session, found, row.entered_by), zone)
        flags.add(EntryFlag.CLASH)
        row.clashes_with = found.id
    row.flags = sorted(flags)


def find_clash(session: Session, row: TimeEntryRow, patient: PatientId) -> TimeEntryRow | None:
    """Find the first entry that stands and shares time with the same person or patient."""
    ends = row.started_at + timedelta(seconds=row.seconds)
    theirs = select(EnrollmentRow.id).where(EnrollmentRow.patient_id == patient)
    query = (
        select(TimeEntryRow)
        .where(
            # Each side is found by an index of the entries; a condition on two tables is not.
            or_(
                col(TimeEntryRow.person_id) == row.person_id,
                col(TimeEntryRow.enrollment_id).in_(theirs),
            ),
            col(TimeEntryRow.started_at) < ends,
            col(TimeEntryRow.started_at) > row.started_at - _LONGEST,
        )
        .order_by(col(TimeEntryRow.started_at), col(TimeEntryRow.id))
    )
    sharing = [
        other
        for other in session.exec(query)
        if other.started_at + timedelta(seconds=other.seconds) > row.started_at
        and other.id != row.corrects
        and not HELD_FLAGS & set(other.flags)
    ]
    replaced = _replaced(session, sharing)
    return next((other for other in sharing if other.id not in replaced), None)


def _replaced(session: Session, entries: Sequence[TimeEntryRow]) -> set[str]:
    """Give those of some entries whose place a correction took."""
    if not entries:
        return set()
    ids = [entry.id for entry in entries]
    query = select(TimeEntryRow.corrects).where(col(TimeEntryRow.corrects).in_(ids))
    return {id_ for id_ in session.exec(query) if id_ is not None}


def clash_of(session: Session, other: TimeEntryRow, asker: PersonId) -> Clash:
    """Describe an entry that stands in the way, to somebody who may not see its patient."""
    sees = session.exec(
        select(StaffRoleRow.role).where(
            StaffRoleRow.person_id == asker, StaffRoleRow.clinic_id == other.clinic_id
        )
    ).first()
    short = handles_of(session, [other.enrollment_id]) if sees else {}
    return Clash(
        entry=other.id,
        person_name=session.get_one(PersonRow, other.person_id).name,
        started_at=other.started_at,
        ended_at=other.started_at + timedelta(seconds=other.seconds),
        activity=other.activity,
        patient_handle=short.get(other.enrollment_id),
    )


def whole_seconds(instant: datetime) -> datetime:
    """Leave out what is shorter than a second: time is counted in whole seconds."""
    return instant.replace(microsecond=0)
