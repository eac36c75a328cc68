"""
Finding what a person typed: a step or a patient by something short.

STEP is `7f3a.outreach` (the start of an enrollment's id, a dot, the step's key), with
`@2026-12` behind it when two months have the step and `@episode:2026-12` when an episode has it
too; or a cycle's whole id, a slash and the key.
PATIENT is the start of an enrollment's or a patient's id, or the record number (MRN).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, union
from sqlmodel import Session, col, or_, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.sealed_columns import same
from ccm_flow.adapters.db.tables import CycleRow, EnrollmentRow, PatientRow, StepRow
from ccm_flow.adapters.db.views_names import handles_of
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import (
    ClinicId,
    CycleId,
    EnrollmentId,
    PatientId,
    PersonId,
    StepKey,
    cycle_suffix,
)
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus, StepStatus

_WHOLE = re.compile(r"(?P<cycle>[a-z]+:[^:]+:\d{4}-\d{2}(?:~\d+)?)[/. ](?P<key>.+)")
_SHORT = re.compile(
    r"(?P<start>[^.@]+)\.(?P<key>[^.@]+)"
    r"(?:@(?:(?P<kind>[a-z]+):)?(?P<month>\d{4}-\d{2})(?:~(?P<number>\d+))?)?"
)
_SHOWN = 8
"""How many matches an ambiguous name lists."""


class NoSuchStepError(CcmError):
    """Nothing is called that."""

    exit_code = 4
    hint = "List the open steps with `ccm queue`; each line starts with the step's name."

    def __init__(self, text: str, open_steps: Sequence[str] = ()) -> None:
        hint = f"Open now: {', '.join(open_steps)}." if open_steps else ""
        super().__init__(f"There is no step '{text}'.", hint)


class NoSuchPatientError(CcmError):
    """Nobody is called that."""

    exit_code = 4
    hint = "Give the name that `ccm month` shows, the patient's id or the record number (MRN)."

    def __init__(self, text: str) -> None:
        super().__init__(f"There is no patient '{text}'.")


class AmbiguousError(CcmError):
    """A short name fits several things."""

    exit_code = 2

    def __init__(self, text: str, matches: Sequence[str]) -> None:
        shown = ", ".join(matches[:_SHOWN])
        more = len(matches) - _SHOWN
        rest = f" and {more} more" if more > 0 else ""
        super().__init__(f"'{text}' fits {len(matches)}: {shown}{rest}.", "Type more of it.")


@dataclass(frozen=True, slots=True)
class StepRef:
    """A step that somebody named."""

    cycle: CycleId
    clinic: ClinicId
    enrollment: EnrollmentId
    key: StepKey
    status: StepStatus
    outcome: str | None
    ended_at: datetime | None
    ended_by: PersonId | None
    disposition: str | None
    """How the cycle ended, if it did."""


@dataclass(frozen=True, slots=True)
class PatientRef:
    """A patient that somebody named."""

    patient: PatientId
    clinic: ClinicId
    enrollment: EnrollmentId | None


@dataclass(frozen=True, slots=True)
class CycleRef:
    """A cycle of a patient, newest month first in lists."""

    cycle: CycleId
    clinic: ClinicId
    enrollment: EnrollmentId
    kind: PlaybookKind
    month: Month
    status: CycleStatus


def find_step(engine: Engine, text: str) -> StepRef:
    """
    Find the step that a person means; among several months the one where it is open.

    Raises:
        NoSuchStepError: nothing is called that; the hint lists what is open for the patient.
        AmbiguousError: several open steps are called that.
    """
    wanted = text.strip()
    with reading(engine) as session:
        found = _candidates(session, wanted)
        still = [item for item in found if item[0].status is StepStatus.OPEN]
        chosen = still or found[:1]
        if not chosen:
            raise NoSuchStepError(wanted, _open_of(session, wanted))
        if len(chosen) > 1:
            raise AmbiguousError(wanted, _told_apart(session, chosen))
        step, cycle = chosen[0]
        return _step_ref(step, cycle)


def _told_apart(session: Session, found: Sequence[tuple[StepRow, CycleRow]]) -> list[str]:
    """Name steps in the shortest way that is different for each."""
    short = handles_of(session, [cycle.enrollment_id for _, cycle in found])
    names = [f"{short[cycle.enrollment_id]}.{step.key}" for step, cycle in found]
    if len(set(names)) < len(names):
        which = [cycle_suffix(cycle.id) for _, cycle in found]
        names = [name + suffix for name, suffix in zip(names, which, strict=True)]
    if len(set(names)) < len(names):
        names = [f"{cycle.id}/{step.key}" for step, cycle in found]
    return names


def _step_ref(step: StepRow, cycle: CycleRow) -> StepRef:
    return StepRef(
        cycle=cycle.id,
        clinic=cycle.clinic_id,
        enrollment=cycle.enrollment_id,
        key=step.key,
        status=step.status,
        outcome=step.outcome,
        ended_at=step.ended_at,
        ended_by=step.ended_by,
        disposition=cycle.disposition,
    )


def _candidates(session: Session, text: str) -> list[tuple[StepRow, CycleRow]]:
    """List the steps that a text may mean, those of the newest month first."""
    query = select(StepRow, CycleRow).join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
    if match := _WHOLE.fullmatch(text):
        query = query.where(CycleRow.id == match["cycle"], StepRow.key == match["key"])
    elif match := _SHORT.fullmatch(text):
        query = query.where(
            col(CycleRow.enrollment_id).startswith(match["start"].lower(), autoescape=True),
            StepRow.key == match["key"],
        )
        if match["month"]:
            query = query.where(CycleRow.month == Month.parse(match["month"]))
        if match["kind"]:
            query = query.where(col(CycleRow.id).startswith(f"{match['kind']}:", autoescape=True))
            query = query.where(CycleRow.number == int(match["number"] or 1))
    else:
        return []
    ordered = query.order_by(col(CycleRow.month).desc(), col(CycleRow.id))
    found = [(step, cycle) for step, cycle in session.exec(ordered)]
    named = match.groupdict()
    if named.get("month") and not named["kind"]:  # a month alone means the monthly cycle
        monthly = [item for item in found if item[1].kind is PlaybookKind.MONTHLY]
        return monthly or found
    return found


def _open_of(session: Session, text: str) -> list[str]:
    match = _SHORT.fullmatch(text)
    if match is None:
        return []
    start = match["start"].lower()
    query = (
        select(StepRow.key)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(
            col(CycleRow.enrollment_id).startswith(start, autoescape=True),
            StepRow.status == StepStatus.OPEN,
        )
        .order_by(col(StepRow.key))
        .limit(_SHOWN)
    )
    return [f"{start}.{key}" for key in session.exec(query)]


def find_patient(engine: Engine, text: str) -> PatientRef:
    """
    Find the patient that a person means; a whole record number or id wins over a beginning.

    Raises:
        NoSuchPatientError: nobody is called that.
        AmbiguousError: several are.
    """
    wanted = text.strip()
    with reading(engine) as session:
        chosen = _called(session, wanted) or _beginning(session, wanted) if wanted else []
        if not chosen:
            raise NoSuchPatientError(wanted)
        if len(chosen) > 1:
            short = handles_of(session, [e.id for _, e in chosen if e])
            names = [short[e.id] if e else p.id[:8] for p, e in chosen]
            raise AmbiguousError(wanted, names)
        patient, enrolled = chosen[0]
        return PatientRef(patient.id, patient.clinic_id, enrolled.id if enrolled else None)


def enrolled_patient(engine: Engine, enrollment: EnrollmentId) -> PatientRef | None:
    """Give whose enrollment an id is; None when it is nobody's."""
    with reading(engine) as session:
        row = session.get(EnrollmentRow, enrollment)
        return None if row is None else PatientRef(row.patient_id, row.clinic_id, row.id)


Found = list[tuple[PatientRow, EnrollmentRow | None]]


def _called(session: Session, text: str) -> Found:
    """Find by a whole id or record number; each of them has an index."""
    id_ = text.lower()
    patients = union(
        select(PatientRow.id).where(PatientRow.id == id_),
        select(PatientRow.id).where(same(session, PatientRow.mrn, text)),
        select(EnrollmentRow.patient_id).where(EnrollmentRow.id == id_),
    )
    return _patients(
        session,
        col(PatientRow.id).in_(patients),
        or_(
            col(EnrollmentRow.id) == id_,
            col(PatientRow.id) == id_,
            same(session, PatientRow.mrn, text),
        ),
    )


def _beginning(session: Session, text: str) -> Found:
    """Find by the beginning of an id."""
    start = text.lower()
    return _patients(
        session,
        or_(
            col(EnrollmentRow.id).startswith(start, autoescape=True),
            col(PatientRow.id).startswith(start, autoescape=True),
        ),
    )


def _patients(session: Session, *which: ColumnElement[bool]) -> Found:
    query = (
        select(PatientRow, EnrollmentRow)
        .join(EnrollmentRow, col(EnrollmentRow.patient_id) == col(PatientRow.id), isouter=True)
        .where(*which)
        .order_by(col(PatientRow.id), col(EnrollmentRow.created_at).desc())
    )
    newest: dict[str, tuple[PatientRow, EnrollmentRow | None]] = {}
    for patient, enrolled in session.exec(query):
        newest.setdefault(patient.id, (patient, enrolled))
    return list(newest.values())


def find_cycles(engine: Engine, enrollment: EnrollmentId) -> list[CycleRef]:
    """List an enrollment's cycles, the newest month first."""
    query = (
        select(CycleRow)
        .where(CycleRow.enrollment_id == enrollment)
        .order_by(col(CycleRow.month).desc(), col(CycleRow.kind), col(CycleRow.number).desc())
    )
    with reading(engine) as session:
        return [
            CycleRef(row.id, row.clinic_id, enrollment, row.kind, row.month, row.status)
            for row in session.exec(query)
        ]
