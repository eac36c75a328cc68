"""Patients out of the database: as imported, and with what people of the clinic put right."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.patient_edit_store import edits_where
from ccm_flow.adapters.db.service_store import imported_services, services_where
from ccm_flow.adapters.db.tables import (
    ConditionRow,
    CoverageRow,
    EncounterRow,
    MedicationRow,
    PatientRow,
    ServiceRow,
)
from ccm_flow.app.patient_edits import lay_over
from ccm_flow.app.records import (
    FIELDS,
    ConditionRecord,
    CoverageRecord,
    EncounterRecord,
    MedicationRecord,
    PatientRecord,
    ServiceRecord,
)
from ccm_flow.core.ids import PatientId

OWN_FIELDS: Final = ("source", "source_id", *FIELDS)
LIST_TABLES: Final[Mapping[str, tuple[type[Any], type[Any]]]] = {
    "conditions": (ConditionRow, ConditionRecord),
    "coverages": (CoverageRow, CoverageRecord),
    "encounters": (EncounterRow, EncounterRecord),
    "medications": (MedicationRow, MedicationRecord),
}
"""The table of each list that imports replace, and what a row of it is read back as."""
_Children = Mapping[str, Mapping[PatientId, list[Any]]]


def patient_record(session: Session, patient: PatientId) -> PatientRecord:
    """
    Give one patient with what people of the clinic put right, and every service in force.

    Raises:
        NoResultFound: there is no such patient (from SQLAlchemy; ids come from the database).
    """
    session.get_one(PatientRow, patient)
    ((_, record),) = patient_records(session, col(PatientRow.id) == patient)
    return record


def patient_records(
    session: Session, which: ColumnElement[bool]
) -> list[tuple[PatientId, PatientRecord]]:
    """Give the patients that a condition on `PatientRow` chooses, by name; see above."""
    edits = edits_where(session, which)
    services = services_where(session, which)
    found = []
    for patient, record in _imported(session, which):
        whole = _with_services(record, services.get(patient, []))
        found.append((patient, lay_over(whole, edits.get(patient, ()))))
    return found


def chronic_records(
    session: Session, which: ColumnElement[bool]
) -> list[tuple[PatientId, PatientRecord]]:
    """Give conditions and coverages of patients as last imported, without all else."""
    return _imported(session, which, ("conditions", "coverages"))


def stored_record(session: Session, patient: PatientId) -> PatientRecord:
    """Give one patient as last imported; raises as `patient_record` does."""
    session.get_one(PatientRow, patient)
    ((_, record),) = _imported(session, col(PatientRow.id) == patient)
    return _with_services(record, imported_services(session, patient))


def _imported(
    session: Session, which: ColumnElement[bool], lists: Collection[str] = tuple(LIST_TABLES)
) -> list[tuple[PatientId, PatientRecord]]:
    rows = list(session.exec(select(PatientRow).where(which)))
    rows.sort(key=lambda row: (row.family_name, row.given_name, row.id))  # sealed names as well
    children: _Children = {name: _rows_of(session, name, which) for name in lists}
    return [(row.id, _record(row, children)) for row in rows]


def _record(row: PatientRow, children: _Children) -> PatientRecord:
    values: dict[str, Any] = {name: getattr(row, name) for name in OWN_FIELDS}
    values |= {name: tuple(rows.get(row.id, ())) for name, rows in children.items()}
    return PatientRecord(**values)


def _rows_of(session: Session, name: str, which: ColumnElement[bool]) -> dict[PatientId, list[Any]]:
    table, record = LIST_TABLES[name]
    fields = tuple(record.__dataclass_fields__)
    query = (
        select(table.patient_id, *(getattr(table, field) for field in fields))
        .join(PatientRow, col(PatientRow.id) == col(table.patient_id))
        .where(which)
        .order_by(col(table.id))
    )
    found: dict[PatientId, list[Any]] = {}
    for patient, *values in session.exec(query).all():
        found.setdefault(patient, []).append(record(*values))
    return found


def _with_services(record: PatientRecord, rows: list[ServiceRow]) -> PatientRecord:
    services = (
        ServiceRecord(
            source_id=row.source_id or row.id,
            code=row.code,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            practitioner=row.practitioner,
        )
        for row in rows
    )
    return replace(record, services=tuple(services))
