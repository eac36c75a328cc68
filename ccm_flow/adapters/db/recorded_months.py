"""Gives the closed months of a clinic, chunk by chunk, as a rehearsal replays them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Engine, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.ledger_reading import Entry, LedgerReading, Line, with_time
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.tables import (
    CareTeamMemberRow,
    ClinicRow,
    CycleFactRow,
    CycleMoveRow,
    CycleRow,
    LedgerEventRow,
    TimeEntryRow,
)
from ccm_flow.adapters.db.time_counting import stands
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.facts import DEFAULTS, Facts
from ccm_flow.core.ids import SYSTEM, ClinicId, CycleId, EnrollmentId, PersonId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Disposition, Plan, PlaybookKind
from ccm_flow.core.state import CycleStatus
from ccm_flow.rehearsal.recorded import Deed, RecordedMonth

CHUNK = 200
"""Cycles that are read at once; with these, memory stays the same however many there are."""
_MOVED = select(CycleMoveRow.cycle_id)
_COUNTED = ("minutes", "practitioner_minutes", "unsigned_notes", "contacts")


def closed_cycles(
    engine: Engine, clinic: ClinicId, months: Iterable[Month], kind: PlaybookKind
) -> list[CycleId]:
    """
    Name the cycles of some months that have ended, in a stable order.

    Those that went on by another version while they ran are left out: what people did followed
    two playbooks. See `moved_cycles`.
    """
    query = select(CycleRow.id).where(
        CycleRow.clinic_id == clinic,
        col(CycleRow.month).in_(list(months)),
        CycleRow.kind == kind,
        CycleRow.status == CycleStatus.ENDED,
        col(CycleRow.id).not_in(_MOVED),
    )
    with reading(engine) as session:
        return [CycleId(cycle) for cycle in session.exec(query.order_by(col(CycleRow.id)))]


def moved_cycles(engine: Engine, clinic: ClinicId, month: Month, kind: PlaybookKind) -> int:
    """Count the ended cycles of a month that went on by another version while they ran."""
    query = select(func.count()).where(
        CycleRow.clinic_id == clinic,
        CycleRow.month == month,
        CycleRow.kind == kind,
        CycleRow.status == CycleStatus.ENDED,
        col(CycleRow.id).in_(_MOVED),
    )
    with reading(engine) as session:
        return session.exec(query).one()


def cycles_on(
    engine: Engine, clinic: ClinicId, month: Month, kind: PlaybookKind, *, sha256: str
) -> tuple[list[CycleId], int]:
    """Name the ended cycles of a month that ran on one version, and count those that still run."""
    query = select(CycleRow.id, CycleRow.status).where(
        CycleRow.clinic_id == clinic,
        CycleRow.month == month,
        CycleRow.kind == kind,
        CycleRow.playbook_sha256 == sha256,
        col(CycleRow.id).not_in(_MOVED),
    )
    with reading(engine) as session:
        found = session.exec(query.order_by(col(CycleRow.id))).all()
    ended = [CycleId(cycle) for cycle, status in found if status is CycleStatus.ENDED]
    return ended, len(found) - len(ended)


def recorded_months(
    engine: Engine, cycles: Sequence[CycleId], calendar: WorkCalendar
) -> Iterator[RecordedMonth]:
    """Give what the record holds of some cycles of one month, chunk by chunk."""
    for start in range(0, len(cycles), CHUNK):
        with reading(engine) as session:
            yield from _chunk(session, cycles[start : start + CHUNK], calendar)


def _chunk(
    session: Session, cycles: Sequence[CycleId], calendar: WorkCalendar
) -> Iterator[RecordedMonth]:
    lines, facts = _lines(session, cycles), _facts(session, cycles)
    rows = session.exec(select(CycleRow).where(col(CycleRow.id).in_(cycles))).all()
    teams = _teams(session, [row.enrollment_id for row in rows])
    entries = _entries(session, rows)
    leads = _leads(session, rows)
    plans = {one: plan_of(session, one) for one in {row.playbook_sha256 for row in rows}}
    for row in sorted(rows, key=lambda one: one.id):
        plan = plans[row.playbook_sha256]
        told = _Told(
            plan,
            lines[row.id],
            facts.get(row.id, {}),
            {plan.owner: leads[row.clinic_id], **teams[row.enrollment_id]},
            entries[row.enrollment_id],
        )
        yield _read(row, told, calendar)


class _Told(NamedTuple):
    """What the database holds of one cycle beside its row."""

    plan: Plan
    lines: Sequence[Line]
    learned: dict[int, Facts]
    team_now: dict[RoleId, PersonId]
    entries: Sequence[Entry]


def _read(row: CycleRow, told: _Told, calendar: WorkCalendar) -> RecordedMonth:
    plan, learned = told.plan, told.learned
    found = LedgerReading(plan, learned)
    found.read(told.lines)
    team = found.team(told.team_now)
    roles = {person: role for role, person in reversed(team.items())}
    deeds, loose = with_time(found.deeds, told.entries, roles, plan.owner)
    known = 1 in learned
    if not known:
        deeds = _worked_out(deeds)
    work = [one for deed in deeds for one in deed.spent] + list(loose)
    ending = (Disposition(row.disposition) if row.disposition else None, row.because)
    contacts = int(row.facts.get("contacts", 0))
    return RecordedMonth(
        cycle=row.id,
        enrollment=row.enrollment_id,
        month=row.month,
        plan=plan,
        opens_at=row.opened_at,
        team=team,
        facts=learned[1] if known else _first_facts(row),
        deeds=deeds,
        openings=found.openings(),
        loose=loose,
        measured=found.measure(ending, contacts, work, calendar),
        facts_known=known,
        decided=found.decided,
    )


def _lines(session: Session, cycles: Sequence[CycleId]) -> dict[CycleId, list[Line]]:
    row = LedgerEventRow
    query = (
        columns(
            *map(col, (row.cycle_id, row.sequence, row.position)),
            *(col(row.at), col(row.kind), col(row.actor), col(row.detail)),
        )
        .where(col(LedgerEventRow.cycle_id).in_(cycles))
        .order_by(
            col(LedgerEventRow.cycle_id), col(LedgerEventRow.sequence), col(LedgerEventRow.position)
        )
    )
    found: dict[CycleId, list[Line]] = defaultdict(list)
    for cycle, *rest in session.execute(query):
        found[cycle].append(Line(*rest))
    return found


def _facts(session: Session, cycles: Sequence[CycleId]) -> dict[CycleId, dict[int, Facts]]:
    query = select(CycleFactRow.cycle_id, CycleFactRow.sequence, CycleFactRow.facts).where(
        col(CycleFactRow.cycle_id).in_(cycles)
    )
    found: dict[CycleId, dict[int, Facts]] = defaultdict(dict)
    for cycle, sequence, facts in session.exec(query):
        found[CycleId(cycle)][sequence] = facts
    return found


def _teams(
    session: Session, enrollments: Sequence[EnrollmentId]
) -> dict[EnrollmentId, dict[RoleId, PersonId]]:
    rows = session.exec(
        select(CareTeamMemberRow).where(col(CareTeamMemberRow.enrollment_id).in_(enrollments))
    )
    found: dict[EnrollmentId, dict[RoleId, PersonId]] = defaultdict(dict)
    for row in rows:
        found[row.enrollment_id][row.role] = row.person_id
    return found


def _leads(session: Session, rows: Sequence[CycleRow]) -> dict[ClinicId, PersonId]:
    """Name who answers for each clinic's program: the last resort for any role."""
    found = {row.clinic_id: session.get_one(ClinicRow, row.clinic_id) for row in rows}
    return {id_: PersonId(row.program_owner_id or SYSTEM) for id_, row in found.items()}


def _entries(session: Session, rows: Sequence[CycleRow]) -> dict[EnrollmentId, list[Entry]]:
    """Give the time of the month that stands after all corrections."""
    found: dict[EnrollmentId, list[Entry]] = defaultdict(list)
    if not rows:
        return found
    row = TimeEntryRow
    query = (
        columns(
            *map(col, (row.enrollment_id, row.cycle_id, row.step_key, row.person_id)),
            *(col(row.started_at), col(row.entered_at), col(row.seconds)),
        )
        .where(
            col(row.enrollment_id).in_([one.enrollment_id for one in rows]),
            col(row.month) == rows[0].month,
            stands(),
        )
        .order_by(col(row.entered_at), col(row.id))
    )
    cycles = {one.id for one in rows}
    for enrollment, cycle, step, *entry in session.execute(query):
        found[enrollment].append(Entry(step if cycle in cycles else None, *entry))
    return found


def _first_facts(row: CycleRow) -> Facts:
    """Take what was known at the end, with everything that is counted still at nothing."""
    return {**DEFAULTS, **row.facts, **{name: DEFAULTS[name] for name in _COUNTED}}


def _worked_out(deeds: Sequence[Deed]) -> tuple[Deed, ...]:
    """Let each act bring the minutes that were entered with it, where nothing else is known."""
    seconds, made = 0.0, []
    for deed in deeds:
        seconds += sum(one.time.total_seconds() for one in deed.spent)
        learned = {"minutes": int(seconds) // 60} if deed.spent else {}
        made.append(replace(deed, learned=learned))
    return tuple(made)
