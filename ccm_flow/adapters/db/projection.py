"""
Writes the transitions of running cycles into the tables that queues and reports read.

Writing a transition twice changes nothing: its ledger rows are unique by (cycle, sequence,
position), and the whole transition is one transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.ledger_chain import add_lines
from ccm_flow.adapters.db.messages import messages_of
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.tables.enrollment import EnrollmentRow
from ccm_flow.adapters.db.tables.flow import AttemptRow, CycleRow, EscalationRow, StepRow
from ccm_flow.adapters.db.tables.ledger import LedgerEventRow
from ccm_flow.adapters.db.tables.moved_months import CycleMoveRow
from ccm_flow.adapters.db.tables.rehearsal import CycleFactRow
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.commands import CloseStep, Command, OpenStep
from ccm_flow.core.engine.fates import fates_in
from ccm_flow.core.events import Event, PlanChanged, Triggered
from ccm_flow.core.facts import FactValue
from ccm_flow.core.ids import SYSTEM, PersonId, cycle_number
from ccm_flow.core.plan import Disposition, Plan, Trigger, Urgency
from ccm_flow.core.state import Blocker, StepState
from ccm_flow.core.transition import Transition

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)
_BLOCKERS: TypeAdapter[tuple[Blocker, ...]] = TypeAdapter(tuple[Blocker, ...])

_ENROLLMENT_AFTER = {
    Disposition.ENROLLED: EnrollmentStatus.ACTIVE,
    Disposition.NOT_ENROLLED: EnrollmentStatus.DECLINED,
    Disposition.WITHDRAWN: EnrollmentStatus.WITHDRAWN,
    Disposition.DECEASED: EnrollmentStatus.ENDED,
}


def write_transition(engine: Engine, done: Transition) -> None:
    """Keep a transition: ledger, cycle, steps, attempts, escalations, messages."""
    with writing(engine) as session:
        cycle = session.get(CycleRow, done.cycle)
        if cycle is not None and cycle.sequence >= done.sequence:
            return
        plans = _plans(session, done, cycle)
        learned = _learned(done, cycle)
        was = _moved(done, cycle)
        _write_cycle(session, done, cycle)
        session.flush()
        if learned:
            session.add(CycleFactRow(cycle_id=done.cycle, sequence=done.sequence, facts=learned))
        if was is not None:
            session.add(was)
        for step in _latest_steps(done.commands):
            session.merge(_step_row(done, _knowing(plans, step), step))
        session.flush()
        _write_details(session, done, plans)
        add_lines(session, _ledger(done))


def _plans(session: Session, done: Transition, cycle: CycleRow | None) -> tuple[Plan, ...]:
    """Give the plan the cycle goes on by, and the one it was moved from, if it was."""
    now = plan_of(session, done.playbook_sha256)
    if cycle is None or cycle.playbook_sha256 == done.playbook_sha256:
        return (now,)
    return now, plan_of(session, cycle.playbook_sha256)


def _knowing(plans: Sequence[Plan], step: StepState) -> Plan:
    """Give the plan that knows a step: one that was withdrawn is in the former plan alone."""
    return next(plan for plan in plans if step.step in plan.by_id)


def _moved(done: Transition, cycle: CycleRow | None) -> CycleMoveRow | None:
    if cycle is None or cycle.playbook_sha256 == done.playbook_sha256:
        return None
    return CycleMoveRow(
        cycle_id=done.cycle,
        sequence=done.sequence,
        was_sha256=cycle.playbook_sha256,
        sha256=done.playbook_sha256,
        at=done.at,
    )


def _learned(done: Transition, cycle: CycleRow | None) -> dict[str, FactValue]:
    """Give what the transition knows of the record that the one before it did not."""
    before = {} if cycle is None else cycle.facts
    return {name: value for name, value in done.facts.items() if before.get(name) != value}


def _write_cycle(session: Session, done: Transition, cycle: CycleRow | None) -> None:
    values: dict[str, Any] = {
        "playbook_sha256": done.playbook_sha256,
        "status": done.status.value,
        "facts": dict(done.facts),
        "blockers": _BLOCKERS.dump_python(done.blockers or (), mode="json"),
        "next_wake_at": done.next_wake_at,
        "sequence": done.sequence,
        "closes_at": done.closes_at,
    }
    if done.ending is not None:
        values |= {
            "disposition": done.ending.disposition.value,
            "because": done.ending.because,
            "ended_at": done.ending.at,
            "blockers": _BLOCKERS.dump_python(done.ending.blockers, mode="json"),
        }
        _end_enrollment(session, done, done.ending.at)
    if cycle is None:
        cycle = CycleRow(
            id=done.cycle,
            clinic_id=done.clinic,
            enrollment_id=done.enrollment,
            kind=done.kind,
            month=done.month,
            number=cycle_number(done.cycle),
            opened_at=done.opened_at,
            **values,
        )
        session.add(cycle)
        return
    for name, value in values.items():
        setattr(cycle, name, value)


def _end_enrollment(session: Session, done: Transition, at: datetime) -> None:
    """Let the end of a cycle carry over to the enrollment: enrolled, declined, withdrawn, ended."""
    assert done.ending is not None  # noqa: S101 - the caller looked
    after = _ENROLLMENT_AFTER.get(done.ending.disposition)
    row = session.get(EnrollmentRow, done.enrollment)
    if after is None or row is None or row.status is after:
        return  # what a person told of outside the playbook has ended it already
    row.status = after
    if after is EnrollmentStatus.ACTIVE:
        row.activated_at = at
    else:
        row.ended_at = at
        row.ended_because = done.ending.because or done.ending.disposition.value


def _latest_steps(commands: tuple[Command, ...]) -> list[StepState]:
    """Give each step the commands name, as the last of them left it."""
    latest = {}
    for command in commands:
        step = getattr(command, "step", None)
        if isinstance(step, StepState):
            latest[step.key] = step
    return list(latest.values())


def _step_row(done: Transition, plan: Plan, step: StepState) -> StepRow:
    spec = plan.step_of(step.step, step.risk)
    return StepRow(
        cycle_id=done.cycle,
        key=step.key,
        step_id=step.step,
        clinic_id=done.clinic,
        round=step.round,
        title=spec.title,
        phase=spec.phase.value,
        status=step.status,
        owner_role=step.owner.role,
        owner_id=step.owner.person,
        opened_at=step.opened_at,
        due_at=step.due_at,
        not_before=step.not_before,
        ended_at=step.ended_at,
        outcome=step.outcome,
        ended_by=step.ended_by,
        because=step.because,
        urgency=step.urgency.value if step.urgency else None,
        attempts_made=len(step.attempts),
        attempts_allowed=spec.attempts.max if spec.attempts else None,
        rungs_fired=step.rungs_passed,
        escalated=step.owner.role != spec.owner,
        expected_seconds=int(spec.expected.total_seconds()),
        assigned=step.assigned,
    )


def _write_details(session: Session, done: Transition, plans: Sequence[Plan]) -> None:
    for step in _latest_steps(done.commands):
        for attempt in step.attempts:
            session.merge(
                AttemptRow(
                    cycle_id=done.cycle,
                    step_key=step.key,
                    number=attempt.number,
                    at=attempt.at,
                    channel=attempt.channel.value,
                    result=attempt.result,
                    by=attempt.by,
                )
            )
    for command in done.commands:
        if isinstance(command, OpenStep) and _is_escalation(plans, command.step):
            session.merge(_escalation(done, command.step))
        elif isinstance(command, CloseStep) and _is_escalation(plans, command.step):
            _answer(session, done, command.step)
    session.add_all(messages_of(done))


def _is_escalation(plans: Sequence[Plan], step: StepState) -> bool:
    return _knowing(plans, step).by_id[step.step].on is Trigger.ESCALATION


def _escalation(done: Transition, step: StepState) -> EscalationRow:
    raised_by = done.event.by if isinstance(done.event, Triggered) else SYSTEM
    return EscalationRow(
        id=f"{done.cycle}:{step.key}",
        cycle_id=done.cycle,
        step_key=step.key,
        raised_by=raised_by,
        raised_at=step.opened_at,
        urgency=(step.urgency or Urgency.ROUTINE).value,
        reply_due_at=step.due_at or done.closes_at,
        to_role=step.owner.role,
        owner_id=step.owner.person,
        because=step.because or "",
    )


def _answer(session: Session, done: Transition, step: StepState) -> None:
    row = session.get(EscalationRow, f"{done.cycle}:{step.key}")
    if row is not None:
        row.answered_at = step.ended_at
        row.answered_by = step.ended_by
        row.answer = step.outcome or step.status.value


def _ledger(done: Transition) -> list[LedgerEventRow]:
    """Make the ledger's rows: the event first, then everything it led to."""
    event = _EVENT.dump_python(done.event, mode="json")
    for bulky in ("facts", "pool", "calendar", "plan"):  # they would make the ledger hard to read
        event.pop(bulky, None)
    if isinstance(done.event, PlanChanged):
        event |= _went_on(done, done.event)
    rows = [_ledger_row(done, 0, event, getattr(done.event, "by", SYSTEM))]
    for position, command in enumerate(done.commands, start=1):
        detail = _COMMAND.dump_python(command, mode="json")
        rows.append(_ledger_row(done, position, detail, getattr(command, "by", None)))
    return rows


def _went_on(done: Transition, event: PlanChanged) -> dict[str, Any]:
    """Name the version a cycle goes on by, and what becomes of its steps."""
    fates = fates_in(done.commands)
    return {
        "now": {"version": event.plan.version, "sha256": event.plan.sha256},
        "steps": {key: fate.value for key, fate in fates.items()},
    }


def _ledger_row(
    done: Transition, position: int, detail: dict[str, Any], actor: PersonId | None
) -> LedgerEventRow:
    kind = detail.pop("kind")
    return LedgerEventRow(
        clinic_id=done.clinic,
        cycle_id=done.cycle,
        sequence=done.sequence,
        position=position,
        at=done.at,
        kind=kind,
        actor=actor,
        detail=detail,
    )


def steps_of(session: Session, cycle: str) -> list[StepRow]:
    """List a cycle's steps in the order they opened."""
    query = select(StepRow).where(StepRow.cycle_id == cycle)
    return list(session.exec(query.order_by(col(StepRow.opened_at), col(StepRow.key))))
