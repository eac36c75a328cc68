"""Bringing patients in from a record system, as often as wanted."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from ccm_flow.app.import_changes import PatientChange, compare, fill_in
from ccm_flow.app.import_report import ImportReport, Tally
from ccm_flow.app.ports import PatientSave, PatientStore
from ccm_flow.app.records import LISTS, ImportProblem, PatientRecord, SourceSummary
from ccm_flow.core.ids import ClinicId

PATIENTS_AT_ONCE: Final = 25
ROWS_AT_ONCE: Final = 5_000
"""What is written in one transaction: whichever is reached first."""
_UNCHANGED: Final = PatientChange(is_new=False, fields=(), rows={})


def import_patients(
    source: Iterable[PatientRecord | ImportProblem | SourceSummary],
    store: PatientStore,
    clinic_id: ClinicId,
    now: datetime,
    *,
    dry_run: bool = False,
) -> ImportReport:
    """
    Keep every patient that a reader gives, and say what was new, changed or unusable.

    Doing it again with the same content changes nothing. A patient is kept whole or not at all,
    so an import that breaks off half-way is put right by doing it again. A patient who is no
    longer in the source stays: an export that lacks someone is no reason to lose them. A dry run
    says the same and keeps nothing.
    """
    work = _Import(store, clinic_id, now, dry_run=dry_run)
    try:
        for item in source:
            if isinstance(item, ImportProblem):
                work.tally.problem(item)
            elif isinstance(item, SourceSummary):
                work.tally.summary(item)
            else:
                work.take_in(item)
    finally:  # whatever goes wrong with a later patient, these were read whole
        work.write()
    return work.tally.report()


class _Import:
    """One import under way."""

    def __init__(
        self, store: PatientStore, clinic: ClinicId, now: datetime, *, dry_run: bool
    ) -> None:
        self.tally = Tally(keeps_changes=dry_run)
        self._store, self._clinic, self._now, self._dry_run = store, clinic, now, dry_run
        self._known = dict(store.known(clinic))
        self._numbers = {known.mrn: key for key, known in self._known.items()}
        self._seen: set[tuple[str, str]] = set()
        self._waiting: list[PatientSave] = []
        self._rows_waiting = 0

    def take_in(self, record: PatientRecord) -> None:
        """Compare one patient with what is kept, and have them written when they differ."""
        key = (record.source, record.source_id)
        if key in self._seen:
            self.tally.problem(_twice(record))
            return
        self._seen.add(key)
        known = self._known.get(key)
        if known is None and self._is_somebody_else(record, key):
            return
        if known is not None and known.content_hash == record.content_hash():
            self.tally.patient(record, _UNCHANGED)
            return
        kept = self._store.stored(known.patient) if known is not None else None
        wanted = fill_in(record, kept) if kept is not None else record
        change = compare(kept, wanted)
        self.tally.patient(record, change)
        if not change.is_empty and not self._dry_run:
            self._wait(PatientSave(known.patient if known else None, wanted, change))

    def write(self) -> None:
        """Write everybody who waits."""
        if self._waiting:
            waiting, self._waiting, self._rows_waiting = self._waiting, [], 0
            self._store.save_all(self._clinic, waiting, self._now)

    def _wait(self, save: PatientSave) -> None:
        self._waiting.append(save)
        self._rows_waiting += sum(len(getattr(save.record, name)) for name in LISTS)
        if len(self._waiting) >= PATIENTS_AT_ONCE or self._rows_waiting >= ROWS_AT_ONCE:
            self.write()

    def _is_somebody_else(self, record: PatientRecord, key: tuple[str, str]) -> bool:
        """Tell whether a new patient's record number is taken; then say so."""
        taken = self._numbers.setdefault(record.mrn, key)
        if taken == key:
            return False
        if taken[0] == record.source:
            self.tally.problem(_same_number(record))
            return False
        self.tally.problem(_other_source(record, taken[0]))
        return True


def _twice(record: PatientRecord) -> ImportProblem:
    return ImportProblem(
        file=record.source,
        entry=f"Patient {record.source_id}",
        what="This patient comes more than once in one import; the first was kept.",
        fix="Export each patient once, with everything about them in one export.",
        skipped=True,
    )


def _same_number(record: PatientRecord) -> ImportProblem:
    return ImportProblem(
        file=record.source,
        entry=f"Patient {record.source_id}",
        what="Another patient has the same record number.",
        fix="See whether they are two persons.",
    )


def _other_source(record: PatientRecord, source: str) -> ImportProblem:
    return ImportProblem(
        file=record.source,
        entry=f"Patient {record.source_id}",
        what=f"A patient with this record number came from another kind of export ({source}).",
        fix="They were left out here, so that nobody is in the program twice.",
        skipped=True,
    )
