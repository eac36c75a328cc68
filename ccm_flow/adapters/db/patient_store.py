"""Imported patients in the database."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine
from sqlmodel import Session, SQLModel, col, delete, insert, select, update

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import (
    ConditionRow,
    CoverageRow,
    EncounterRow,
    ImportRunRow,
    MedicationRow,
    PatientRow,
)
from ccm_flow.app.records import (
    ConditionRecord,
    CoverageRecord,
    EncounterRecord,
    ImportRun,
    MedicationRecord,
    PatientRecord,
)
from ccm_flow.core.ids import ClinicId, PatientId

_OWN_FIELDS = (
    "source",
    "source_id",
    "mrn",
    "family_name",
    "given_name",
    "birth_date",
    "sex",
    "phone",
    "language",
    "deceased_at",
)
# The table of each list in a record, and how a row of it is read back.
_LISTS: Mapping[str, tuple[type[Any], type[Any]]] = {
    "conditions": (ConditionRow, ConditionRecord),
    "coverages": (CoverageRow, CoverageRecord),
    "encounters": (EncounterRow, EncounterRecord),
    "medications": (MedicationRow, MedicationRecord),
}


class SqlPatientStore:
    """Keeps patients; each save is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self, clinic: ClinicId, source: str) -> Mapping[str, str]:
        """Give the content hash of every patient from a source, by the source's id."""
        query = select(PatientRow.source_id, PatientRow.content_hash).where(
            PatientRow.clinic_id == clinic, PatientRow.source == source
        )
        with reading(self._engine) as session:
            return dict(session.exec(query).all())

    def save(self, clinic: ClinicId, record: PatientRecord, now: datetime) -> PatientId:
        """Keep a patient, in place of what was kept before; whole or not at all."""
        with writing(self._engine) as session:
            patient = _save_patient(session, clinic, record, now)
            for name, (table, _) in _LISTS.items():
                session.exec(delete(table).where(col(table.patient_id) == patient))
                rows = _child_rows(table, patient, getattr(record, name))
                if rows:
                    session.exec(insert(table), params=rows)
        return patient

    def records(self, clinic: ClinicId) -> Iterator[tuple[PatientId, PatientRecord]]:
        """Give every patient of a clinic, ordered by name, as last imported."""
        query = (
            select(PatientRow)
            .where(PatientRow.clinic_id == clinic)
            .order_by(col(PatientRow.family_name), col(PatientRow.given_name), col(PatientRow.id))
        )
        with reading(self._engine) as session:
            here = col(PatientRow.clinic_id) == clinic
            children = {name: _children(session, name, here) for name in _LISTS}
            for row in session.exec(query).all():
                yield row.id, _record(row, children)

    def keep_run(self, run: ImportRun) -> None:
        """Keep what an import did."""
        row = ImportRunRow(
            id=uuid.uuid4().hex,
            clinic_id=run.clinic,
            source=run.source,
            started_at=run.started_at,
            finished_at=run.finished_at,
            counts=run.report.counts,
            problems=[str(problem) for problem in run.report.problems],
        )
        with writing(self._engine) as session:
            session.add(row)


def patient_record(session: Session, patient: PatientId) -> PatientRecord:
    """
    Give one patient as last imported.

    Raises:
        NoResultFound: there is no such patient (from SQLAlchemy; ids come from the database).
    """
    row = session.get_one(PatientRow, patient)
    this = col(PatientRow.id) == patient
    return _record(row, {name: _children(session, name, this) for name in _LISTS})


def _save_patient(
    session: Session, clinic: ClinicId, record: PatientRecord, now: datetime
) -> PatientId:
    values: dict[str, Any] = {name: getattr(record, name) for name in _OWN_FIELDS}
    values |= {"address": dict(record.address), "content_hash": record.content_hash()}
    values |= {"updated_at": now}
    same = select(PatientRow.id).where(
        PatientRow.clinic_id == clinic,
        PatientRow.source == record.source,
        PatientRow.source_id == record.source_id,
    )
    known = session.exec(same).first()
    if known is not None:
        session.exec(update(PatientRow).where(col(PatientRow.id) == known).values(**values))
        return PatientId(known)
    patient = PatientId(uuid.uuid4().hex)
    values |= {"id": patient, "clinic_id": clinic, "created_at": now}
    session.exec(insert(PatientRow).values(**values))
    return patient


def _child_rows(table: type[SQLModel], patient: PatientId, items: Any) -> list[dict[str, Any]]:
    """Give the rows of one list; the source's id makes a stable id, and the last of two wins."""
    rows: dict[str, dict[str, Any]] = {}
    for item in items:
        values = asdict(item)
        key = uuid.uuid5(uuid.NAMESPACE_OID, f"{patient}/{table.__name__}/{item.source_id}").hex
        rows[key] = {"id": key, "patient_id": patient, **values}
    return list(rows.values())


def _record(
    row: PatientRow, children: Mapping[str, Mapping[PatientId, list[Any]]]
) -> PatientRecord:
    values: dict[str, Any] = {name: getattr(row, name) for name in _OWN_FIELDS}
    values |= {name: tuple(children[name].get(row.id, ())) for name in _LISTS}
    return PatientRecord(address=row.address, **values)


def _children(
    session: Session, name: str, which: ColumnElement[bool]
) -> dict[PatientId, list[Any]]:
    table, record = _LISTS[name]
    query = (
        select(table)
        .join(PatientRow, col(PatientRow.id) == col(table.patient_id))
        .where(which)
        .order_by(col(table.id))
    )
    fields = tuple(record.__dataclass_fields__)
    found: dict[PatientId, list[Any]] = {}
    for row in session.exec(query).all():
        values = {field: getattr(row, field) for field in fields}
        found.setdefault(row.patient_id, []).append(record(**values))
    return found
