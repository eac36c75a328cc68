"""Bringing patients in from a record system, as often as wanted."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ccm_flow.app.ports import PatientStore
from ccm_flow.app.records import ImportProblem, ImportReport, PatientRecord
from ccm_flow.core.ids import ClinicId


def import_patients(
    source: Iterable[PatientRecord | ImportProblem],
    store: PatientStore,
    clinic_id: ClinicId,
    now: datetime,
) -> ImportReport:
    """
    Keep every patient that a reader gives, and say what was new, changed or unusable.

    Doing it again with the same content changes nothing. A patient is kept whole or not at all,
    so an import that breaks off half-way is put right by doing it again. A patient who is no
    longer in the source stays: an export that lacks someone is no reason to lose them.
    """
    report = ImportReport()
    known: dict[str, dict[str, str]] = {}
    seen: set[tuple[str, str]] = set()
    for item in source:
        if isinstance(item, ImportProblem):
            report = report.with_problem(item)
            continue
        if (item.source, item.source_id) in seen:
            report = report.with_problem(_twice(item))
            continue
        seen.add((item.source, item.source_id))
        if item.source not in known:
            known[item.source] = dict(store.known(clinic_id, item.source))
        before = known[item.source].get(item.source_id)
        if before == item.content_hash():
            report = replace(report, unchanged=report.unchanged + 1)
            continue
        store.save(clinic_id, item, now)
        report = _saved(report, is_new=before is None)
    return report


def _saved(report: ImportReport, *, is_new: bool) -> ImportReport:
    if is_new:
        return replace(report, new=report.new + 1)
    return replace(report, changed=report.changed + 1)


def _twice(record: PatientRecord) -> ImportProblem:
    return ImportProblem(
        file=record.source,
        entry=f"Patient {record.source_id}",
        what="This patient comes more than once in one import; the first was kept.",
        fix="Export each patient once, with everything about them in one bundle.",
        skipped=True,
    )
