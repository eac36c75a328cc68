"""What the use cases need from outside, as protocols; adapters fulfil them, tests fake them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ccm_flow.app.import_changes import PatientChange
from ccm_flow.app.import_report import ImportRun
from ccm_flow.app.records import PatientRecord
from ccm_flow.core.ids import ClinicId, PatientId


@dataclass(frozen=True, slots=True)
class KnownPatient:
    """What tells whether an imported patient is kept already, and differs."""

    patient: PatientId
    mrn: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class PatientSave:
    """One patient to be written."""

    patient: PatientId | None
    """None for a new one."""
    record: PatientRecord
    change: PatientChange
    """What differs from what is kept; nothing else is written."""


class PatientStore(Protocol):
    """Where imported patients are kept."""

    def known(self, clinic: ClinicId) -> Mapping[tuple[str, str], KnownPatient]:
        """Give every patient of a clinic by source and the source's id."""
        ...

    def stored(self, patient: PatientId) -> PatientRecord:
        """Give a patient as last imported, without what people of the clinic put right."""
        ...

    def save_all(self, clinic: ClinicId, saves: Sequence[PatientSave], now: datetime) -> None:
        """
        Write patients in one transaction, each whole or not at all.

        When one cannot be written, those before are kept and the error is raised. A patient
        keeps their id, and a row that does not change is not touched.
        """
        ...

    def records(self, clinic: ClinicId) -> Iterator[tuple[PatientId, PatientRecord]]:
        """Give every patient of a clinic, with what people of the clinic put right."""
        ...

    def keep_run(self, run: ImportRun) -> None:
        """Keep what an import did."""
        ...
