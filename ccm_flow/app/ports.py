"""What the use cases need from outside, as protocols; adapters fulfil them, tests fake them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from ccm_flow.app.records import ImportRun, PatientRecord
from ccm_flow.core.ids import ClinicId, PatientId


class PatientStore(Protocol):
    """Where imported patients are kept."""

    def known(self, clinic: ClinicId, source: str) -> Mapping[str, str]:
        """Give the content hash of every patient from a source, by the source's id."""
        ...

    def save(self, clinic: ClinicId, record: PatientRecord, now: datetime) -> PatientId:
        """
        Keep a patient, in place of what was kept before; whole or not at all.

        The patient keeps their id when they are saved again.
        """
        ...

    def records(self, clinic: ClinicId) -> Iterator[tuple[PatientId, PatientRecord]]:
        """Give every patient of a clinic, as last imported."""
        ...

    def keep_run(self, run: ImportRun) -> None:
        """Keep what an import did."""
        ...
