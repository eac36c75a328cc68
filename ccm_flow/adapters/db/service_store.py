"""Billed services in the database: appended, taken back by naming them, never changed."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.tables import PatientRow, ServiceRow
from ccm_flow.app.records import ServiceRecord
from ccm_flow.app.statuses import ServiceOrigin
from ccm_flow.core.ids import PatientId, PersonId


def in_force() -> tuple[ColumnElement[bool], ...]:
    """Choose the services that were not taken back."""
    voiding = aliased(ServiceRow)
    taken_back = select(voiding.id).where(col(voiding.voids) == col(ServiceRow.id))
    return col(ServiceRow.voids).is_(None), ~taken_back.exists()


def services_in_force(session: Session, patient: PatientId) -> list[ServiceRow]:
    """Give what was billed for a patient and not taken back, the earliest first."""
    return services_where(session, col(PatientRow.id) == patient).get(patient, [])


def services_where(
    session: Session, which: ColumnElement[bool]
) -> dict[PatientId, list[ServiceRow]]:
    """Give the same for all patients that a condition on `PatientRow` chooses."""
    written = session.exec(
        select(ServiceRow)
        .join(PatientRow, col(PatientRow.id) == col(ServiceRow.patient_id))
        .where(which, *in_force())
        .order_by(col(ServiceRow.starts_on), col(ServiceRow.code), col(ServiceRow.id))
    )
    found: dict[PatientId, list[ServiceRow]] = {}
    for row in written:
        found.setdefault(row.patient_id, []).append(row)
    return found


def imported_services(session: Session, patient: PatientId) -> list[ServiceRow]:
    """
    Give what the last import said was billed for a patient.

    A service that a person took back is among them: the next import says it again, and a person's
    word stands all the same.
    """
    written = session.exec(select(ServiceRow).where(ServiceRow.patient_id == patient)).all()
    by_import = [row for row in written if row.origin is ServiceOrigin.IMPORT]
    taken_back = {row.voids for row in by_import if row.voids is not None}
    return [row for row in by_import if row.voids is None and row.id not in taken_back]


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


def bring_in_line(
    session: Session, patient: PatientId, services: Sequence[ServiceRecord], at: datetime
) -> None:
    """Make what imports said about a patient what a new import says."""
    kept = {row.source_id: row for row in imported_services(session, patient)}
    said = {service.source_id: service for service in services}
    outdated = [row for id_, row in kept.items() if not _same(row, said.get(id_ or ""))]
    take_back(session, outdated, origin=ServiceOrigin.IMPORT, at=at)
    gone = {row.id for row in outdated}
    for id_, service in said.items():
        if id_ not in kept or kept[id_].id in gone:
            add_service(session, patient, service, origin=ServiceOrigin.IMPORT, at=at)


def _same(row: ServiceRow, service: ServiceRecord | None) -> bool:
    names = ("code", "starts_on", "ends_on", "practitioner")
    return service is not None and all(getattr(row, n) == getattr(service, n) for n in names)
