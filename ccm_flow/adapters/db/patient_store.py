"""Imported patients in the database."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, delete, insert, select, update

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.patient_rows import (
    LIST_TABLES,
    OWN_FIELDS,
    patient_records,
    stored_record,
)
from ccm_flow.adapters.db.sealed_columns import same
from ccm_flow.adapters.db.service_store import bring_in_line
from ccm_flow.adapters.db.tables import ImportRunRow, PatientRow
from ccm_flow.app.import_changes import RowChanges, compare
from ccm_flow.app.import_report import ImportRun
from ccm_flow.app.ports import KnownPatient, PatientSave
from ccm_flow.app.records import PatientRecord
from ccm_flow.core.ids import ClinicId, PatientId


class SqlPatientStore:
    """Keeps patients."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def known(self, clinic: ClinicId) -> Mapping[tuple[str, str], KnownPatient]:
        """Give every patient of a clinic by source and the source's id."""
        names = ("source", "source_id", "id", "mrn", "content_hash")
        query = sa_select(*(getattr(PatientRow, name) for name in names)).where(
            col(PatientRow.clinic_id) == clinic
        )
        with reading(self._engine) as session:
            return {
                (row.source, row.source_id): KnownPatient(row.id, row.mrn, row.content_hash)
                for row in session.connection().execute(query)
            }

    def stored(self, patient: PatientId) -> PatientRecord:
        """Give a patient as last imported, without what people of the clinic put right."""
        with reading(self._engine) as session:
            return stored_record(session, patient)

    def save_all(self, clinic: ClinicId, saves: Sequence[PatientSave], now: datetime) -> None:
        """
        Write patients in one transaction, each whole or not at all.

        When one cannot be written, those before are kept and the error is raised.
        """
        broken: Exception | None = None
        with writing(self._engine) as session:
            for save in saves:
                try:
                    with session.begin_nested():
                        _write(session, clinic, save, now)
                except Exception as error:  # noqa: BLE001 - raised again below, after the others are kept
                    broken = error
                    break
        if broken is not None:
            raise broken

    def save(self, clinic: ClinicId, record: PatientRecord, now: datetime) -> PatientId:
        """Keep one patient, in place of what was kept before; whole or not at all."""
        with writing(self._engine) as session:
            row = session.exec(
                select(PatientRow).where(
                    PatientRow.clinic_id == clinic,
                    PatientRow.source == record.source,
                    same(session, PatientRow.source_id, record.source_id),
                )
            ).first()
            patient = row.id if row is not None else None
            kept = stored_record(session, patient) if patient is not None else None
            return _write(session, clinic, PatientSave(patient, record, compare(kept, record)), now)

    def records(self, clinic: ClinicId) -> Iterator[tuple[PatientId, PatientRecord]]:
        """Give every patient of a clinic by name, with what people of the clinic put right."""
        with reading(self._engine) as session:
            yield from patient_records(session, col(PatientRow.clinic_id) == clinic)

    def keep_run(self, run: ImportRun) -> None:
        """Keep what an import did."""
        row = ImportRunRow(
            id=uuid.uuid4().hex,
            clinic_id=run.clinic,
            source=run.source,
            started_at=run.started_at,
            finished_at=run.finished_at,
            counts=run.counts,
            problems=[str(problem) for problem in run.report.problems],
        )
        with writing(self._engine) as session:
            session.add(row)


def _write(session: Session, clinic: ClinicId, save: PatientSave, now: datetime) -> PatientId:
    patient = _write_patient(session, clinic, save, now)
    for name, change in save.change.rows.items():
        if name in LIST_TABLES:
            _write_rows(session, patient, name, save.record, change)
        else:
            bring_in_line(session, patient, save.record.services, now)
    session.flush()
    return patient


def _write_patient(
    session: Session, clinic: ClinicId, save: PatientSave, now: datetime
) -> PatientId:
    record = save.record
    values: dict[str, Any] = {name: getattr(record, name) for name in OWN_FIELDS}
    values |= {"address": dict(record.address), "content_hash": record.content_hash()}
    if save.patient is not None:
        if not save.change.is_empty:
            same = update(PatientRow).where(col(PatientRow.id) == save.patient)
            session.execute(same.values(**values, updated_at=now))
        return save.patient
    patient = PatientId(uuid.uuid4().hex)
    values |= {"id": patient, "clinic_id": clinic, "created_at": now, "updated_at": now}
    session.execute(insert(PatientRow).values(**values))
    return patient


def _write_rows(
    session: Session, patient: PatientId, name: str, record: PatientRecord, change: RowChanges
) -> None:
    table, record_type = LIST_TABLES[name]
    names = tuple(record_type.__dataclass_fields__)
    said = {row.source_id: row for row in getattr(record, name)}

    def values(ids: tuple[str, ...]) -> list[dict[str, Any]]:
        return [
            {"id": _row_id(patient, table, id_), "patient_id": patient}
            | {name: getattr(said[id_], name) for name in names}
            for id_ in ids
        ]

    gone = [{"row": _row_id(patient, table, id_)} for id_ in change.gone]
    if gone:
        session.connection().execute(delete(table).where(table.id == bindparam("row")), gone)
    if change.changed:
        session.execute(update(table), values(change.changed))
    if change.added:
        session.execute(insert(table), values(change.added))


def _row_id(patient: PatientId, table: type[Any], source_id: str) -> str:
    """Make a stable id of the source's, so that a row is found again."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{patient}/{table.__name__}/{source_id}").hex
