"""Billed services in the database: appended, taken back by naming them, never changed."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import ServiceRow
from ccm_flow.app.records import ServiceRecord
from ccm_flow.app.statuses import ServiceOrigin
from ccm_flow.core.ids import PatientId, PersonId


def services_in_force(session: Session, patient: PatientId) -> list[ServiceRow]:
    """Give what was billed for a patient and not taken back, the earliest first."""
    written = session.exec(
        select(ServiceRow)
        .where(ServiceRow.patient_id == patient)
        .order_by(col(ServiceRow.starts_on), col(ServiceRow.code), col(ServiceRow.id))
    ).all()
    taken_back = {row.voids for row in written if row.voids is not None}
    return [row for row in written if row.voids is None and row.id not in taken_back]


def add_service(
    session: Session,
    patient: PatientId,
    service: ServiceRecord,
    *,
    origin: ServiceOrigin,
    at: datetime,
    by: PersonId | None = None,
) -> str:
    """Write a service down; the answer is its id."""
    row = ServiceRow(
        id=uuid.uuid4().hex,
        patient_id=patient,
        code=service.code,
        starts_on=service.starts_on,
        ends_on=service.ends_on,
        practitioner=service.practitioner,
        origin=origin,
        source_id=service.source_id or None,
        by=by,
        at=at,
    )
    session.add(row)
    return row.id


def take_back(
    session: Session,
    services: Iterable[ServiceRow],
    *,
    origin: ServiceOrigin,
    at: datetime,
    by: PersonId | None = None,
) -> None:
    """Say that services do not hold; their rows stay."""
    for service in services:
        session.add(
            ServiceRow(
                id=uuid.uuid4().hex,
                patient_id=service.patient_id,
                code=service.code,
                starts_on=service.starts_on,
                ends_on=service.ends_on,
                practitioner=service.practitioner,
                origin=origin,
                by=by,
                at=at,
                voids=service.id,
            )
        )
