"""A month of time, day by day, and what an auditor would stop at."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import ClinicRow, EnrollmentRow
from ccm_flow.adapters.db.time_counting import Judged, count_minutes, judge_minutes
from ccm_flow.adapters.db.time_views import Names, judged_lines, running_timers
from ccm_flow.adapters.db.views_names import clinic_row
from ccm_flow.app.views_time import DayOfTime, EntryLine, PatientMinutes, TimeAudit, TimeReport
from ccm_flow.core.ids import ClinicId, EnrollmentId, PersonId
from ccm_flow.core.minutes import WhyNot
from ccm_flow.core.month import Month
from ccm_flow.core.time_audit import audit, long_days
from ccm_flow.core.time_entries import Entry, standing

THRESHOLD = 20
"""Minutes that the first code of a month needs (CPT 99490)."""


@dataclass(frozen=True)
class Wanted:
    """Whose time to show; everybody's when nothing is given."""

    person: PersonId | None = None
    enrollment: EnrollmentId | None = None


def time_report(
    engine: Engine, clinic: ClinicId, month: Month, wanted: Wanted, *, now: datetime
) -> TimeReport:
    """
    Show a clinic's month of time, replaced entries and what does not count included.

    Raises:
        NoSuchClinicError: there is no such clinic.
    """
    with reading(engine) as session:
        place = clinic_row(session, clinic)
        zone = ZoneInfo(place.time_zone)
        found = _of(session, clinic, month, wanted.enrollment)
        names = _names(session, found)
        lines = [
            line
            for judged in found.values()
            for line in judged_lines(judged, names)
            if wanted.person in (None, line.person)
        ]
        shown = {line.enrollment for line in lines}
        return TimeReport(
            clinic=clinic,
            clinic_name=place.name,
            time_zone=place.time_zone,
            month=month,
            as_of=now,
            days=_days(lines, zone),
            patients=tuple(
                _patient(id_, judged, names) for id_, judged in found.items() if id_ in shown
            ),
            timers=tuple(
                timer
                for timer in running_timers(session, clinic, now)
                if wanted.person in (None, timer.person)
                and wanted.enrollment in (None, timer.enrollment)
            ),
            flags=tuple(
                flag
                for flag in long_days(_standing(found), _shift(place), _day_of(zone))
                if wanted.person in (None, flag.person) and wanted.enrollment is None
            ),
        )


def time_audit(engine: Engine, clinic: ClinicId, month: Month) -> TimeAudit:
    """
    Look for what an auditor would stop at in a clinic's month.

    Raises:
        NoSuchClinicError: there is no such clinic.
    """
    with reading(engine) as session:
        place = clinic_row(session, clinic)
        found = count_minutes(session, month, col(EnrollmentRow.clinic_id) == clinic)
        entries = {id_: standing(judged.entries) for id_, judged in found.items()}
        flags = audit(
            entries,
            {id_: judged.counted.minutes for id_, judged in found.items()},
            threshold=THRESHOLD,
            shift=_shift(place),
            day_of=_day_of(ZoneInfo(place.time_zone)),
        )
        return TimeAudit(
            clinic=clinic,
            clinic_name=place.name,
            month=month,
            entries=sum(len(rows) for rows in entries.values()),
            patients=len(entries),
            flags=flags,
        )


def _of(
    session: Session, clinic: ClinicId, month: Month, enrollment: EnrollmentId | None
) -> dict[EnrollmentId, Judged]:
    """Judge one patient's entries, or the whole clinic's."""
    here = col(EnrollmentRow.clinic_id) == clinic
    scope = here if enrollment is None else here & (col(EnrollmentRow.id) == enrollment)
    return judge_minutes(session, month, scope)


def _names(session: Session, found: Mapping[EnrollmentId, Judged]) -> Names:
    people = {row.person_id for judged in found.values() for row in judged.rows}
    return Names(session, people, found.keys())


def _standing(found: Mapping[EnrollmentId, Judged]) -> list[Entry]:
    return [entry for judged in found.values() for entry in standing(judged.entries)]


def _days(lines: Iterable[EntryLine], zone: ZoneInfo) -> tuple[DayOfTime, ...]:
    days: dict[date, list[EntryLine]] = defaultdict(list)
    day_of = _day_of(zone)
    for line in sorted(lines, key=lambda one: (one.started_at, one.entered_at, one.id)):
        days[day_of(line.started_at)].append(line)
    return tuple(
        DayOfTime(
            day=day,
            entries=tuple(rows),
            seconds=sum(line.seconds for line in rows if line.not_counted is not WhyNot.CORRECTED),
            counted_seconds=sum(line.seconds for line in rows if line.counts),
        )
        for day, rows in sorted(days.items())
    )


def _patient(enrollment: EnrollmentId, judged: Judged, names: Names) -> PatientMinutes:
    counted = judged.counted
    return PatientMinutes(
        enrollment=enrollment,
        patient_handle=names.handles[enrollment],
        minutes=counted.minutes,
        practitioner_minutes=counted.practitioner_minutes,
        counted_seconds=counted.clinical_seconds + counted.practitioner_seconds,
    )


def _day_of(zone: ZoneInfo) -> Callable[[datetime], date]:
    """Make what gives the clinic's date at an instant."""
    return lambda instant: instant.astimezone(zone).date()


def _shift(place: ClinicRow) -> timedelta:
    """Take a shift to be as long as the clinic is open."""
    day = date(2000, 1, 1)
    opens, closes = (
        datetime.combine(day, time.fromisoformat(text)) for text in (place.opens, place.closes)
    )
    return closes - opens
