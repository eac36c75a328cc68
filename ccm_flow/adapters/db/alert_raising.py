"""
Alerts raised from the ledger: what crosses from one organization to the other.

A line is looked at once: the alert, and the place up to which the ledger was read, are one
transaction. Nothing beyond `horizon` is read, as for webhooks.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.alert_sides import Sides
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.keep_alerts import keep, lock
from ccm_flow.adapters.db.ledger_horizon import horizon
from ccm_flow.adapters.db.tables import (
    AlertReadingRow,
    AlertRow,
    AlertStateRow,
    ClinicRow,
    ClinicVendorRow,
    CycleRow,
    EscalationRow,
    LedgerEventRow,
)
from ccm_flow.core.alerts import AlertAct, AlertEvent, AlertKind, organization_of, reply_due
from ccm_flow.core.engine.ladder import DEADLINE_PASSED
from ccm_flow.core.ids import SYSTEM, ClinicId, CycleId, PersonId, RoleId, StepKey
from ccm_flow.core.state import StepStatus
from ccm_flow.core.words import Urgency

_KINDS: Final = ("open_step", "close_step", "notify_person", "move_owner")
_LINES_AT_ONCE: Final = 500


@dataclass(frozen=True)
class _Wanted:
    """An alert that a line of the ledger asks for, if it crosses."""

    kind: AlertKind
    sender: PersonId
    addressee: PersonId
    role: RoleId


class AlertRaiser:
    """Reads the ledger on, clinic by clinic."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def raise_new(self) -> int:
        """Raise what the ledger holds since; gives how many lines mattered."""
        behind = self._behind()
        complete_to = horizon(self._engine) if behind else 0
        count = 0
        for clinic in behind:
            while self._read_on(clinic, complete_to):
                count += 1
        return count

    def _behind(self) -> Sequence[ClinicId]:
        """List the clinics for which the ledger goes on; one without a vendor never has alerts."""
        newest = (
            select(func.max(LedgerEventRow.id))
            .where(LedgerEventRow.clinic_id == ClinicVendorRow.clinic_id)
            .scalar_subquery()
        )
        query = (
            select(ClinicVendorRow.clinic_id)
            .join(ClinicRow, col(ClinicRow.id) == col(ClinicVendorRow.clinic_id))
            .outerjoin(
                AlertReadingRow, col(AlertReadingRow.clinic_id) == col(ClinicVendorRow.clinic_id)
            )
            .where(
                newest > func.coalesce(AlertReadingRow.read_to, 0),
                col(ClinicRow.program_owner_id).is_not(None),
            )
            .distinct()
        )
        with reading(self._engine) as session:
            return [ClinicId(one) for one in session.exec(query).all()]

    def _read_on(self, clinic: ClinicId, complete_to: int) -> bool:
        """Deal with the next line that matters; False when there is none."""
        with writing(self._engine) as session:
            mark = session.get(AlertReadingRow, clinic, with_for_update=True)
            if mark is None:
                mark = AlertReadingRow(clinic_id=clinic, read_to=0)
                session.add(mark)
                session.flush()
            while mark.read_to < complete_to:
                lines = _lines(session, clinic, mark.read_to, complete_to)
                open_alerts = _open(session, clinic)
                for line in lines:
                    mark.read_to = line.id or complete_to
                    if _matters(line, open_alerts):
                        _deal_with(session, line)
                        return True
                if len(lines) < _LINES_AT_ONCE:
                    mark.read_to = complete_to
            return False


def _lines(
    session: Session, clinic: ClinicId, after: int, complete_to: int
) -> Sequence[LedgerEventRow]:
    query = select(LedgerEventRow).where(
        LedgerEventRow.clinic_id == clinic,
        col(LedgerEventRow.id) > after,
        col(LedgerEventRow.id) <= complete_to,
        col(LedgerEventRow.kind).in_(_KINDS),
    )
    return session.exec(query.order_by(col(LedgerEventRow.id)).limit(_LINES_AT_ONCE)).all()


def _open(session: Session, clinic: ClinicId) -> set[tuple[CycleId, StepKey]]:
    """Name the steps about which there is an alert that is not over."""
    query = (
        select(AlertRow.cycle_id, AlertRow.step_key)
        .join(AlertStateRow, col(AlertStateRow.alert_id) == col(AlertRow.id))
        .where(AlertRow.clinic_id == clinic, col(AlertStateRow.is_over).is_(False))
    )
    return {(CycleId(cycle), StepKey(step)) for cycle, step in session.exec(query)}


def _matters(line: LedgerEventRow, open_alerts: set[tuple[CycleId, StepKey]]) -> bool:
    step = line.detail["step"]
    match line.kind:
        case "open_step":
            return bool(step.get("urgency"))
        case "close_step":
            return (line.cycle_id, step["key"]) in open_alerts
        case "move_owner":
            return bool(line.detail.get("because") == DEADLINE_PASSED)
        case _:
            return True


def _deal_with(session: Session, line: LedgerEventRow) -> None:
    cycle = session.get(CycleRow, line.cycle_id)
    if cycle is None:
        return
    lock(session, cycle.enrollment_id)
    if line.kind == "close_step":
        _close(session, cycle, line)
        return
    wanted = _wanted(session, line)
    if wanted is not None:
        _raise(session, cycle, line, wanted)


def _wanted(session: Session, line: LedgerEventRow) -> _Wanted | None:
    step: Mapping[str, Any] = line.detail["step"]
    owner = step["owner"]
    if line.kind == "open_step":
        asked = session.get(EscalationRow, f"{line.cycle_id}:{step['key']}")
        if asked is None or asked.raised_by == SYSTEM:
            return None
        return _Wanted(AlertKind.QUESTION, asked.raised_by, owner["person"], owner["role"])
    if line.kind == "notify_person":
        to = line.detail["to"]
        return _Wanted(AlertKind.NOTICE, owner["person"], to["person"], to["role"])
    was = line.detail["was"]
    return _Wanted(AlertKind.NOTICE, was["person"], owner["person"], owner["role"])


def _raise(session: Session, cycle: CycleRow, line: LedgerEventRow, wanted: _Wanted) -> None:
    """Raise an alert if the two people work for the two organizations of the agreement."""
    sides = Sides(session, cycle.clinic_id, line.at)
    pool, here = sides.pool, sides.around(sides.pool.parties.clinic)
    sender = organization_of(pool, wanted.sender, here)
    receiver = organization_of(pool, wanted.addressee, here)
    if sender is None or receiver is None or sender == receiver:
        return
    step = line.detail["step"]
    urgency = Urgency(step.get("urgency") or Urgency.ROUTINE)
    deadline = session.get(EscalationRow, f"{line.cycle_id}:{step['key']}")
    due = None
    if wanted.kind is AlertKind.QUESTION and deadline is not None:
        rule, around = sides.rule(receiver), sides.around(receiver)
        due = reply_due(rule, urgency, around, deadline.reply_due_at)
    row = AlertRow(
        id=uuid.uuid5(uuid.NAMESPACE_OID, f"alert/{line.id}/{wanted.kind}").hex,
        clinic_id=cycle.clinic_id,
        enrollment_id=cycle.enrollment_id,
        cycle_id=cycle.id,
        step_key=step["key"],
        kind=wanted.kind,
        urgency=urgency,
        sender_id=wanted.sender,
        from_organization_id=sender,
        to_organization_id=receiver,
        addressee_id=wanted.addressee,
        role=wanted.role,
        raised_at=line.at,
        reply_due_at=due,
        source_event=line.id or 0,
    )
    session.add(row)
    session.flush()
    keep(session, row, AlertEvent(AlertAct.RAISED, line.at, wanted.sender))


def _close(session: Session, cycle: CycleRow, line: LedgerEventRow) -> None:
    """End the alerts about a step that is over; an answer goes back to who asked."""
    step: Mapping[str, Any] = line.detail["step"]
    rows = session.exec(
        select(AlertRow)
        .join(AlertStateRow, col(AlertStateRow.alert_id) == col(AlertRow.id))
        .where(
            AlertRow.cycle_id == cycle.id,
            AlertRow.step_key == step["key"],
            col(AlertRow.kind) != AlertKind.ANSWER,
            col(AlertStateRow.is_over).is_(False),
        )
        .order_by(col(AlertRow.raised_at), col(AlertRow.id))
    ).all()
    done = step["status"] == StepStatus.DONE.value
    by = PersonId(step["ended_by"]) if done and step.get("ended_by") != SYSTEM else None
    for row in rows:
        answered = done and row.kind is AlertKind.QUESTION
        act = AlertAct.ANSWERED if answered else AlertAct.SETTLED
        because = "" if answered else f"the step is {step['status']}"
        keep(session, row, AlertEvent(act, line.at, by, because))
        if answered and by is not None and by != row.sender_id:
            back = _Wanted(AlertKind.ANSWER, by, row.sender_id, row.role)
            _raise(session, cycle, line, back)
