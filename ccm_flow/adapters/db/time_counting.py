"""Which minutes of a month count: reads what the rules need, for one patient or a clinic."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, cast, literal_column, type_coerce
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.columns import instant_of
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
from ccm_flow.core.activities import Activity
from ccm_flow.core.consent import InForce
from ccm_flow.core.credentials import Credential
from ccm_flow.core.eligibility import VISIT_KINDS
from ccm_flow.core.ids import CycleId, EnrollmentId
from ccm_flow.core.minutes import Circumstances, Counted, Span, count
from ccm_flow.core.month import Month
from ccm_flow.core.time_entries import Entry, EntryFlag, EntryId

STAY_KINDS: Final = ("inpatient", "snf")
_NEVER_TOOK_PLACE: Final = ("planned", "cancelled", "entered-in-error", "noshow")
_GOING_ON: Final = ("in-progress", "arrived", "onleave", "triaged")
_PAUSES: Final = ("cycle_paused", "cycle_resumed")
_DAY: Final = timedelta(days=1)
_LONG_STAY: Final = timedelta(days=60)
"""A stay without an end that began earlier is taken for one that nobody closed."""
Spans = Mapping[EnrollmentId, list[Span]]


@dataclass(frozen=True)
class CountedMonth:
    """A patient's entries of a month and what counts of them."""

    entries: tuple[Entry, ...]
    counted: Counted

    @property
    def counting(self) -> list[Entry]:
        """The entries that count, the earliest first."""
        left_out = {entry.id for entry, _ in self.counted.not_counted}
        return [entry for entry in self.entries if entry.id not in left_out]


@dataclass(frozen=True)
class Judged(CountedMonth):
    """The same with the rows that the entries were read from, in the same order."""

    rows: tuple[TimeEntryRow, ...]


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


Given = Mapping[EnrollmentId, InForce]
"""The consents in force for a month."""


def count_minutes(
    session: Session, month: Month, scope: ColumnElement[bool], given: Given | None = None
) -> dict[EnrollmentId, CountedMonth]:
    """
    Judge the entries of a month, for the enrollments that `scope` chooses.

    Five queries, however many patients; one where nothing was entered. Whoever has the consents
    in force already hands them over as `given`.
    """
    found: dict[EnrollmentId, list[tuple[Any, ...]]] = defaultdict(list)
    programs: dict[EnrollmentId, str] = {}
    for enrollment, program, *stored in session.exec(_stored_entries(month, scope)):
        found[enrollment].append(tuple(stored))
        programs[enrollment] = program
    if not found:
        return {}
    if given is None:
        given = consents_in_force(session, scope, month)
    about = _About.read(session, month, scope, given)
    return {
        id_: _counted(tuple(stored), about.of(id_, programs[id_], month))
        for id_, stored in found.items()
    }


def _stored_entries(month: Month, scope: ColumnElement[bool]) -> Any:
    """Choose entries as the database keeps them: they are read only when one is new."""
    entry = TimeEntryRow
    return (
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            col(entry.enrollment_id),
            EnrollmentRow.program,
            entry.id,
            entry.person_id,
            func.coalesce(_as_kept(entry.credential), _as_kept(PersonRow.credential)),
            _as_kept(entry.activity),
            entry.program,
            _as_kept(entry.started_at),
            entry.seconds,
            _as_kept(entry.entered_at),
            entry.corrects,
            cast(entry.flags, String),
        )
        .join(PersonRow, col(PersonRow.id) == col(entry.person_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(entry.enrollment_id))
        .where(scope, entry.month == month)
        .order_by(col(entry.started_at), col(entry.id))
    )


def _as_kept(column: Any) -> Any:
    return type_coerce(column, String)


@lru_cache(maxsize=4096)
def _counted(stored: tuple[tuple[Any, ...], ...], about: Circumstances) -> CountedMonth:
    """
    Judge one patient's month.

    The same entries under the same circumstances always count the same, so a month of which
    nothing changed since somebody last looked need not be judged again. Everything that the
    rules look at is in the arguments.
    """
    entries = tuple(_entry(row, about.month) for row in stored)
    return CountedMonth(entries, count(entries, about))


def _entry(stored: tuple[Any, ...], month: Month) -> Entry:
    id_, person, credential, activity, program, started_at, seconds, entered_at, *rest = stored
    corrects, flags = rest
    return Entry(
        id=id_,
        person=person,
        credential=Credential(credential) if credential else None,
        activity=Activity(activity),
        program=program,
        month=month,
        started_at=instant_of(started_at),
        seconds=seconds,
        entered_at=instant_of(entered_at),
        corrects=corrects,
        flags=frozenset(map(EntryFlag, json.loads(flags))),
    )


def judge_minutes(
    session: Session, month: Month, scope: ColumnElement[bool]
) -> dict[EnrollmentId, Judged]:
    """Do the same, and give the rows too: for pages that show entry by entry."""
    read = session.exec(
        select(TimeEntryRow, PersonRow.credential, EnrollmentRow.program)
        .join(PersonRow, col(PersonRow.id) == col(TimeEntryRow.person_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(TimeEntryRow.enrollment_id))
        .where(scope, TimeEntryRow.month == month)
        .order_by(col(TimeEntryRow.started_at), col(TimeEntryRow.id))
    ).all()
    rows: dict[EnrollmentId, list[TimeEntryRow]] = defaultdict(list)
    found: dict[EnrollmentId, list[Entry]] = defaultdict(list)
    programs: dict[EnrollmentId, str] = {}
    for row, credential, program in read:
        rows[row.enrollment_id].append(row)
        known = Credential(credential) if credential else None
        found[row.enrollment_id].append(entry_of(row, known))
        programs[row.enrollment_id] = program
    if not found:
        return {}
    about = _About.read(session, month, scope, consents_in_force(session, scope, month))
    return {
        id_: Judged(
            tuple(entries), count(entries, about.of(id_, programs[id_], month)), tuple(rows[id_])
        )
        for id_, entries in found.items()
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
        given: Given,
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
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            EnrollmentRow.id,
            EncounterRow.kind,
            EncounterRow.status,
            EncounterRow.starts_at,
            EncounterRow.ends_at,
        )
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
    for id_, kind, status, starts_at, ends_at in rows:
        if starts_at is not None:
            kept = stays if kind in STAY_KINDS else visits
            kept[id_].append(Span(starts_at, _end(status, starts_at, ends_at)))
    return visits, stays


def _around(month: Month) -> tuple[datetime, datetime]:
    """Give a month with a day on either side; a zone more or less does not matter then."""
    utc = ZoneInfo("UTC")
    return month_start(month, utc) - _DAY, month_end(month, utc) + _DAY


def _end(status: str, starts_at: datetime, ends_at: datetime | None) -> datetime | None:
    """Give an end; what is over but has none is taken for a moment, nothing is made up."""
    if ends_at is None and status not in _GOING_ON:
        return starts_at
    return ends_at


def _pauses(session: Session, month: Month, scope: ColumnElement[bool]) -> Spans:
    """Say when cycles were paused that reach into a month; a cycle's end ends its pause."""
    first, last = _around(month)
    rows = session.exec(
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            CycleRow.id,
            CycleRow.enrollment_id,
            CycleRow.ended_at,
            LedgerEventRow.kind,
            LedgerEventRow.at,
        )
        .join(CycleRow, col(CycleRow.id) == col(LedgerEventRow.cycle_id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
        .where(
            scope,
            col(CycleRow.opened_at) < last,
            col(CycleRow.ended_at).is_(None) | (col(CycleRow.ended_at) > first),
            # Written out, so that SQLite sees that the index of the pauses serves.
            col(LedgerEventRow.kind).in_([literal_column(f"'{kind}'") for kind in _PAUSES]),
            LedgerEventRow.position == 0,
        )
        .order_by(col(LedgerEventRow.cycle_id), col(LedgerEventRow.sequence))
    )
    spans: dict[EnrollmentId, list[Span]] = defaultdict(list)
    since: dict[CycleId, tuple[EnrollmentId, datetime, datetime | None]] = {}
    for cycle, enrollment, ended_at, kind, at in rows:
        if kind == _PAUSES[0]:
            since[cycle] = enrollment, at, ended_at
        elif cycle in since:
            spans[enrollment].append(Span(since.pop(cycle)[1], at))
    for enrollment, at, ended_at in since.values():
        spans[enrollment].append(Span(at, ended_at))
    return spans
