"""Writing what happens to an alert: its event, a line of the ledger, its standing, a message."""

from typing import Any, Final

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.tables import (
    AlertEventRow,
    AlertRow,
    AlertStateRow,
    EnrollmentRow,
    MessageRow,
    PersonRow,
)
from ccm_flow.core.alerts import GIVES, Alert, AlertAct, AlertEvent, standing
from ccm_flow.core.ids import SYSTEM, EnrollmentId, PersonId, record_stream

LEDGER_KIND: Final = "alert_"
"""How the lines of the ledger about alerts begin; what happened follows."""
_BY_PEOPLE: Final = frozenset({AlertAct.ACKNOWLEDGED, AlertAct.ANSWERED, AlertAct.RAISED})


def lock(session: Session, enrollment: EnrollmentId) -> None:
    """Keep other writers away from a patient's alerts until the transaction ends."""
    session.get_one(EnrollmentRow, enrollment, with_for_update=True)


def alert_of(row: AlertRow) -> Alert:
    """Give an alert as the rules take it."""
    return Alert(
        id=row.id,
        clinic=row.clinic_id,
        enrollment=row.enrollment_id,
        cycle=row.cycle_id,
        step=row.step_key,
        kind=row.kind,
        urgency=row.urgency,
        sender=row.sender_id,
        from_organization=row.from_organization_id,
        to_organization=row.to_organization_id,
        addressee=row.addressee_id,
        role=row.role,
        raised_at=row.raised_at,
        reply_due_at=row.reply_due_at,
    )


def event_of(row: AlertEventRow) -> AlertEvent:
    """Give one thing that happened as the rules take it."""
    return AlertEvent(row.act, row.at, row.person_id, row.because, row.until, row.phone)


def events_of(session: Session, alert: str) -> list[AlertEvent]:
    """List what happened to an alert, the oldest first."""
    rows = session.exec(
        select(AlertEventRow)
        .where(AlertEventRow.alert_id == alert)
        .order_by(col(AlertEventRow.number))
    )
    return [event_of(row) for row in rows]


def keep(session: Session, row: AlertRow, event: AlertEvent) -> None:
    """Keep one thing that happened; the caller holds the lock on the enrollment."""
    events = [*events_of(session, row.id), event]
    number = len(events)
    session.add(
        AlertEventRow(
            alert_id=row.id,
            number=number,
            act=event.act,
            at=event.at,
            person_id=event.person,
            because=event.because,
            until=event.until,
            phone=event.phone,
        )
    )
    _keep_standing(session, row, event, events)
    _tell(session, row, event, number)
    append(
        session,
        row.clinic_id,
        record_stream(row.enrollment_id),
        f"{LEDGER_KIND}{event.act}",
        actor=event.person if event.act in _BY_PEOPLE and event.person else SYSTEM,
        at=event.at,
        detail=_detail(row, event, number),
    )


def _detail(row: AlertRow, event: AlertEvent, number: int) -> dict[str, Any]:
    said: dict[str, Any] = {"alert": row.id, "number": number, "about": row.step_key}
    if event.person is not None:
        said["to"] = event.person
    if event.because:
        said["because"] = event.because
    if event.until is not None:
        said["until"] = event.until.isoformat()
    if event.act is AlertAct.RAISED:
        said |= {
            "kind": row.kind.value,
            "urgency": row.urgency.value,
            "from": row.from_organization_id,
            "organization": row.to_organization_id,
        }
    return said


def _keep_standing(
    session: Session, row: AlertRow, event: AlertEvent, events: list[AlertEvent]
) -> None:
    state = session.get(AlertStateRow, row.id)
    if state is None:
        state = AlertStateRow(alert_id=row.id, clinic_id=row.clinic_id)
        state.look_again_at = row.raised_at
    stands = standing(events)
    state.holder_id, state.waiting = stands.holder, stands.is_waiting
    state.is_over, state.passed_on = stands.ended is not None, stands.was_passed_on
    if stands.tried:
        state.look_again_at = stands.look_again_at
    if not stands.is_waiting:
        state.look_again_at = state.mail_at = None
    elif event.act in GIVES:
        state.mail_tries = 0
        state.mail_at = event.at if _has_address(session, event.person) else None
    session.add(state)
    session.flush()


def _has_address(session: Session, person: PersonId | None) -> bool:
    row = session.get(PersonRow, person) if person is not None else None
    return row is not None and bool(row.email)


def _tell(session: Session, row: AlertRow, event: AlertEvent, number: int) -> None:
    """Let the person find it among their messages; who sent it, when nobody took it."""
    if event.act is AlertAct.GIVEN and event.person is not None:
        _message(session, row, event, number, to=event.person, code=f"alert_{row.kind}")
    elif event.act is AlertAct.UNACKNOWLEDGED and row.sender_id != SYSTEM:
        _message(session, row, event, number, to=row.sender_id, code="alert_unacknowledged")


def _message(
    session: Session, row: AlertRow, event: AlertEvent, number: int, *, to: PersonId, code: str
) -> None:
    session.add(
        MessageRow(
            id=f"{row.id}:{number}",
            clinic_id=row.clinic_id,
            cycle_id=row.cycle_id,
            step_key=row.step_key,
            kind="alert",
            to_person=to,
            to_role=row.role,
            sent_at=event.at,
            text_code=code,
            detail={"alert": row.id},
        )
    )
