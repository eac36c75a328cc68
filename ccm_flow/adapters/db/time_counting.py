"""Which minutes of a month count: reads what the rules need, for one patient or a clinic."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.consents import consents_in_force
from ccm_flow.adapters.db.tables import (
    CycleRow,
    EncounterRow,
    EnrollmentRow,
    LedgerEventRow,
    PersonRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.time_writing import month_end, month_start
from ccm_flow.core.consent import InForce
from ccm_flow.core.credentials import Credential
from ccm_flow.core.ids import EnrollmentId
from ccm_flow.core.minutes import Circumstances, Counted, Span, count
from ccm_flow.core.month import Month
from ccm_flow.core.time_entries import Entry, EntryFlag, EntryId

STAY_KINDS: Final = ("inpatient", "snf")
VISIT_KINDS: Final = ("ambulatory", "home", "virtual")
_NEVER_TOOK_PLACE: Final = ("planned", "cancelled", "entered-in-error", "noshow")
_GOING_ON: Final = ("in-progress", "arrived", "onleave", "triaged")
_PAUSES: Final = ("cycle_paused", "cycle_resumed")
_DAY: Final = timedelta(days=1)
_LONG_STAY: Final = timedelta(days=60)
"""A stay without an end that began earlier is taken for one that nobody closed."""
Spans = Mapping[EnrollmentId, list[Span]]


@dataclass(frozen=True)
class Judged:
    """A patient's entries of a month and what counts of them."""

    rows: tuple[TimeEntryRow, ...]
    entries: tuple[Entry, ...]
    counted: Counted


def entry_of(row: TimeEntryRow, now_stated: Credential | None) -> Entry:
    """
    Read an entry.

    An entry made before the clinic's file gave any credential takes the one it gives now.
    """
    return Entry(
        id=EntryId(row.id),
        person=row.person_id,
        credential=row.credential or now_stated,
        activity=row.activity,
        program=row.program,
        month=row.month,
        started_at=row.started_at,
        seconds=row.seconds,
        entered_at=row.entered_at,
        corrects=EntryId(row.corrects) if row.corrects else None,
        flags=frozenset(EntryFlag(flag) for flag in row.flags),
    )


def stands() -> ColumnElement[bool]:
    """Choose the entries whose place no correction took."""
    replaced = select(TimeEntryRow.corrects).where(col(TimeEntryRow.corrects).is_not(None))
    return col(TimeEntryRow.id).not_in(replaced)


def judge_minutes(
    session: Session,
    month: Month,
    scope: ColumnElement[bool],
    given: Mapping[EnrollmentId, InForce] | None = None,
) -> dict[EnrollmentId, Judged]:
    """
    Judge the entries of a month, for the enrollments that `scope` chooses.

    Five queries, however many patients; one where nothing was entered. Whoever has the consents
    in force already hands them over as `given`.
    """
    read = session.exec(
        select(TimeEntryRow, PersonRow.credential, EnrollmentRow.program)
        .join(PersonRow, col(PersonRow.id) == col(TimeEntryRow.person_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(TimeEntryRow.enrollment_id))
        .where(scope, TimeEntryRow.month == month)
        .order_by(col(TimeEntryRow.started_at), col(TimeEntryRow.id))
    ).all()
    found: dict[EnrollmentId, list[tuple[TimeEntryRow, Entry]]] = defaultdict(list)
    programs: dict[EnrollmentId, str] = {}
    for row, credential, program in read:
        found[row.enrollment_id].append(
            (row, entry_of(row, Credential(credential) if credential else None))
        )
        programs[row.enrollment_id] = program
    if not found:
        return {}
    if given is None:
        given = consents_in_force(session, scope, month)
    about = _About.read(session, month, scope, given)
    return {
        enrollment: Judged(
            tuple(row for row, _ in pairs),
            tuple(entry for _, entry in pairs),
            count((entry for _, entry in pairs), about.of(enrollment, programs[enrollment], month)),
        )
        for enrollment, pairs in found.items()
    }


@dataclass(frozen=True)
class _About:
    """What the rules ask about each patient's month."""

    consented: Spans
    stays: Spans
    visits: Spans

    @classmethod
    def read(
        cls,
        session: Session,
        month: Month,
        scope: ColumnElement[bool],
        given: Mapping[EnrollmentId, InForce],
    ) -> "_About":
        visits, stays = _encounters(session, month, scope)
        for enrollment, spans in _pauses(session, month, scope).items():
            stays[enrollment].extend(spans)
        # Since when a consent covers the month, by the rules that the fact `consent` has too.
        consented = {enrollment: [Span(found.since)] for enrollment, found in given.items()}
        return cls(consented, stays, visits)

    def of(self, enrollment: EnrollmentId, program: str, month: Month) -> Circumstances:
        return Circumstances(
            program=program,
            month=month,
            consented=tuple(self.consented.get(enrollment, ())),
            stays=tuple(self.stays.get(enrollment, ())),
            visits=tuple(self.visits.get(enrollment, ())),
        )


def _encounters(
    session: Session, month: Month, scope: ColumnElement[bool]
) -> tuple[dict[EnrollmentId, list[Span]], dict[EnrollmentId, list[Span]]]:
    """Give visits and stays around a month."""
    first, last = _around(month)
    rows = session.exec(
        select(EnrollmentRow.id, EncounterRow)
        .join(EnrollmentRow, col(EnrollmentRow.patient_id) == col(EncounterRow.patient_id))
        .where(
            scope,
            col(EncounterRow.kind).in_((*STAY_KINDS, *VISIT_KINDS)),
            col(EncounterRow.status).not_in(_NEVER_TOOK_PLACE),
            col(EncounterRow.starts_at) < last,
            (col(EncounterRow.ends_at) > first)
            | (
                col(EncounterRow.ends_at).is_(None)
                & (col(EncounterRow.starts_at) > first - _LONG_STAY)
            ),
        )
    )
    visits: dict[EnrollmentId, list[Span]] = defaultdict(list)
    stays: dict[EnrollmentId, list[Span]] = defaultdict(list)
    for id_, row in rows:
        if row.starts_at is not None:
            kept = stays if row.kind in STAY_KINDS else visits
            kept[EnrollmentId(id_)].append(Span(row.starts_at, _end(row)))
    return visits, stays


def _around(month: Month) -> tuple[datetime, datetime]:
    """Give a month with a day on either side; a zone more or less does not matter then."""
    utc = ZoneInfo("UTC")
    return month_start(month, utc) - _DAY, month_end(month, utc) + _DAY


def _end(row: EncounterRow) -> datetime | None:
    """Give an end; what is over but has none is taken for a moment, nothing is made up."""
    if row.ends_at is None and row.status not in _GOING_ON:
        return row.starts_at
    return row.ends_at


def _pauses(session: Session, month: Month, scope: ColumnElement[bool]) -> Spans:
    """Say when cycles were paused that reach into a month; a cycle's end ends its pause."""
    first, last = _around(month)
    rows = session.exec(
        select(CycleRow, LedgerEventRow.kind, LedgerEventRow.at)
        .join(CycleRow, col(CycleRow.id) == col(LedgerEventRow.cycle_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .where(
            scope,
            col(CycleRow.opened_at) < last,
            col(CycleRow.ended_at).is_(None) | (col(CycleRow.ended_at) > first),
            col(LedgerEventRow.kind).in_(_PAUSES),
            LedgerEventRow.position == 0,
        )
        .order_by(col(LedgerEventRow.cycle_id), col(LedgerEventRow.sequence))
    )
    spans: dict[EnrollmentId, list[Span]] = defaultdict(list)
    since: dict[str, tuple[CycleRow, datetime]] = {}
    for cycle, kind, at in rows:
        if kind == _PAUSES[0]:
            since[cycle.id] = (cycle, at)
        elif cycle.id in since:
            spans[cycle.enrollment_id].append(Span(since.pop(cycle.id)[1], at))
    for cycle, at in since.values():
        spans[cycle.enrollment_id].append(Span(at, cycle.ended_at))
    return spans
