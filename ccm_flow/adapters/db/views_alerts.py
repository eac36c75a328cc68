"""Alerts as people look at them, in a fixed number of queries for a page."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine
from sqlmodel import Session, case, col, func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.keep_alerts import LEDGER_KIND, alert_of, event_of
from ccm_flow.adapters.db.tables import (
    AlertEventRow,
    AlertRow,
    AlertStateRow,
    ClinicRow,
    EnrollmentRow,
    EscalationRow,
    LedgerEventRow,
    OrganizationRow,
    PatientRow,
    PersonRow,
    StepRow,
    WebhookDeliveryRow,
    WebhookEndpointRow,
    WebhookTryRow,
)
from ccm_flow.adapters.db.views_names import patient_name
from ccm_flow.app.alerts import AlertQuery, AlertView, HookTry, NoSuchAlertError
from ccm_flow.core.alerts import standing
from ccm_flow.core.ids import ClinicId, CycleId, PersonId, StepKey, record_stream
from ccm_flow.core.webhooks import HookEvent

_HOOKS: Final = (
    HookEvent.STEP_ESCALATED,
    HookEvent.ALERT_GIVEN,
    HookEvent.ALERT_ACKNOWLEDGED,
    HookEvent.ALERT_UNACKNOWLEDGED,
)
"""What other systems may be told because of an alert."""


def alerts(engine: Engine, wanted: AlertQuery) -> list[AlertView]:
    """List alerts, the newest first; one more than asked for when others follow."""
    query = _query().where(col(AlertRow.clinic_id).in_(wanted.clinics))
    if wanted.waiting:
        query = query.where(col(AlertStateRow.waiting).is_(True))
    if wanted.late:
        query = query.where(col(AlertStateRow.passed_on).is_(True))
    if wanted.enrollment is not None:
        query = query.where(AlertRow.enrollment_id == wanted.enrollment)
    query = query.order_by(col(AlertRow.raised_at).desc(), col(AlertRow.id))
    with reading(engine) as session:
        rows = session.exec(query.offset(wanted.start).limit(wanted.limit + 1)).all()
        return _views(session, rows)


def alert(engine: Engine, id_: str, clinics: Collection[ClinicId]) -> AlertView:
    """
    Give one alert of some clinics, with what other systems were told of it.

    Raises:
        NoSuchAlertError: there is none there.
    """
    query = _query().where(AlertRow.id == id_, col(AlertRow.clinic_id).in_(clinics))
    with reading(engine) as session:
        rows = session.exec(query).all()
        if not rows:
            raise NoSuchAlertError(id_)
        return _views(session, rows, _hooks(session, rows[0][0]))[0]


def alerts_of_step(engine: Engine, cycle: CycleId, step: StepKey) -> list[AlertView]:
    """List the alerts about a step, the oldest first."""
    query = _query().where(AlertRow.cycle_id == cycle, AlertRow.step_key == step)
    query = query.order_by(col(AlertRow.raised_at), col(AlertRow.id))
    with reading(engine) as session:
        return _views(session, session.exec(query).all())


def starting_with(engine: Engine, clinic: ClinicId, start: str) -> list[str]:
    """List the ids of a clinic's alerts that begin with what somebody typed; two at most."""
    query = select(AlertRow.id).where(
        AlertRow.clinic_id == clinic, col(AlertRow.id).startswith(start, autoescape=True)
    )
    with reading(engine) as session:
        return list(session.exec(query.order_by(col(AlertRow.id)).limit(2)).all())


def waiting_alerts(
    session: Session, clinics: Collection[ClinicId], now: datetime
) -> dict[ClinicId, tuple[int, int]]:
    """Count the alerts that nobody has taken, and of them those past their time."""
    late = case(
        (col(AlertStateRow.look_again_at).is_(None) | (col(AlertStateRow.look_again_at) < now), 1),
        else_=0,
    )
    query = (
        select(col(AlertStateRow.clinic_id), func.count(), func.sum(late))
        .where(col(AlertStateRow.clinic_id).in_(clinics), col(AlertStateRow.waiting).is_(True))
        .group_by(col(AlertStateRow.clinic_id))
    )
    return {clinic: (int(count), int(past)) for clinic, count, past in session.exec(query)}


def alerts_of_cycles(session: Session, cycles: Collection[str]) -> Sequence[Any]:
    """Give the alerts of some cycles with how they stand, the newest first."""
    return session.exec(
        select(AlertRow, AlertStateRow)
        .join(AlertStateRow, col(AlertStateRow.alert_id) == col(AlertRow.id))
        .where(col(AlertRow.cycle_id).in_(cycles))
        .order_by(col(AlertRow.raised_at).desc(), col(AlertRow.id))
    ).all()


def _query() -> Any:
    columns: Any = select(
        AlertRow,
        PatientRow,
        ClinicRow.time_zone,
        StepRow.title,
        EscalationRow.because,  # type: ignore[call-overload]  # SQLModel's end at four columns
    )
    return (
        columns.join(AlertStateRow, col(AlertStateRow.alert_id) == col(AlertRow.id))
        .join(EnrollmentRow, col(EnrollmentRow.id) == col(AlertRow.enrollment_id))
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .join(ClinicRow, col(ClinicRow.id) == col(AlertRow.clinic_id))
        .outerjoin(
            StepRow,
            (col(StepRow.cycle_id) == col(AlertRow.cycle_id))
            & (col(StepRow.key) == col(AlertRow.step_key)),
        )
        .outerjoin(
            EscalationRow,
            (col(EscalationRow.cycle_id) == col(AlertRow.cycle_id))
            & (col(EscalationRow.step_key) == col(AlertRow.step_key)),
        )
    )


def _views(
    session: Session, rows: Sequence[Any], hooks: tuple[HookTry, ...] = ()
) -> list[AlertView]:
    events: dict[str, list[Any]] = defaultdict(list)
    ids = [row.id for row, *_ in rows]
    found = session.exec(
        select(AlertEventRow)
        .where(col(AlertEventRow.alert_id).in_(ids))
        .order_by(col(AlertEventRow.alert_id), col(AlertEventRow.number))
    ).all()
    for one in found:
        events[one.alert_id].append(event_of(one))
    names = _names(session, [row for row, *_ in rows], {one.person_id for one in found})
    return [
        AlertView(
            alert=alert_of(row),
            events=tuple(events[row.id]),
            stands=standing(events[row.id]),
            names=names,
            patient=patient.id,
            patient_name=patient_name(patient),
            time_zone=time_zone,
            title=title or row.step_key,
            question=because or "",
            hooks=hooks,
        )
        for row, patient, time_zone, title, because in rows
    ]


def _names(
    session: Session, rows: Sequence[AlertRow], people: set[PersonId | None]
) -> Mapping[str, str]:
    wanted = {*people, *(row.sender_id for row in rows), *(row.addressee_id for row in rows)}
    named = session.exec(
        select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(wanted - {None}))
    ).all()
    sides = {one for row in rows for one in (row.from_organization_id, row.to_organization_id)}
    organizations = session.exec(
        select(OrganizationRow.id, OrganizationRow.name).where(col(OrganizationRow.id).in_(sides))
    ).all()
    return {str(id_): name for id_, name in (*named, *organizations)}


def _hooks(session: Session, row: AlertRow) -> tuple[HookTry, ...]:
    """Give what other systems were told because of the alert, by the lines of the ledger."""
    lines = session.exec(
        select(LedgerEventRow.id, LedgerEventRow.detail).where(
            LedgerEventRow.cycle_id == record_stream(row.enrollment_id),
            col(LedgerEventRow.kind).startswith(LEDGER_KIND, autoescape=True),
        )
    ).all()
    mine = [str(id_) for id_, detail in lines if detail.get("alert") == row.id]
    mine.append(str(row.source_event))
    deliveries = session.exec(
        select(WebhookDeliveryRow, WebhookEndpointRow.url)
        .join(
            WebhookEndpointRow,
            col(WebhookEndpointRow.id) == col(WebhookDeliveryRow.endpoint_id),
        )
        .where(
            WebhookEndpointRow.clinic_id == row.clinic_id,
            col(WebhookDeliveryRow.event_id).in_(
                [f"{id_}.{event.value}" for id_ in mine for event in _HOOKS]
            ),
        )
        .order_by(col(WebhookDeliveryRow.made_at), col(WebhookDeliveryRow.event_id))
    ).all()
    return tuple(
        HookTry(url, one.event, one.state.value, *_last_try(session, one))
        for one, url in deliveries
    )


def _last_try(session: Session, one: WebhookDeliveryRow) -> tuple[datetime, str]:
    newest = session.exec(
        select(WebhookTryRow)
        .where(WebhookTryRow.endpoint_id == one.endpoint_id, WebhookTryRow.event_id == one.event_id)
        .order_by(col(WebhookTryRow.at).desc())
    ).first()
    return (one.made_at, "") if newest is None else (newest.at, newest.answer)
