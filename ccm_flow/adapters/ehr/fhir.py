"""
FHIR R4 files as patients.

A bundle that holds a patient and something about them is given as soon as it is read. What is
spread over several files (a resource per file, a search result per resource type) is put together
once all files have been read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ccm_flow.adapters.ehr.fhir_bundle import Entry, Pool, entries, owner_reference
from ccm_flow.adapters.ehr.fhir_patient import patient_record
from ccm_flow.adapters.ehr.fhir_values import day, part, text
from ccm_flow.adapters.ehr.source_files import files_in, read_json
from ccm_flow.app.records import ImportProblem, PatientRecord

Read = PatientRecord | ImportProblem


def read_patients(path: Path) -> Iterator[Read]:
    """
    Give every patient in a FHIR file or folder, and a problem for everything unusable.

    Nothing in a file makes this fail; the rest of the folder is read in any case.
    """
    loose, found_any = Pool(), False
    for file in files_in(path) if path.exists() else ():
        found_any = True
        name = file.relative_to(path).as_posix() if path.is_dir() else file.name
        pool = Pool()
        yield from _fill(pool, file, name)
        if pool.patients and pool.clinical:
            yield from _patients(pool)
        else:
            loose.merge(pool)
    yield from _patients(loose)
    if not found_any:
        yield _nothing(path)


def _fill(pool: Pool, file: Path, name: str) -> Iterator[ImportProblem]:
    content = read_json(file, name)
    if isinstance(content, ImportProblem):
        yield content
        return
    refusal = _refusal(content, name)
    if refusal is not None:
        yield refusal
        return
    if text(content["resourceType"]) != "Bundle":
        pool.add(Entry(content, "", name, text(content["resourceType"])))
        return
    listed = list(entries(content, name))
    refusal = next((_wrong_version(row) for row in listed if _version(row)), None)
    if refusal is not None:
        yield refusal
        return
    for row in listed:
        if isinstance(row, ImportProblem):
            yield row
        else:
            pool.add(row)


def _patients(pool: Pool) -> Iterator[Read]:
    owned: dict[int, list[Entry]] = {}
    for item in pool.clinical:
        owner = pool.owner(item)
        if owner is None and len(pool.patients) == 1 and not owner_reference(item):
            owner = pool.patients[0]
        owned.setdefault(id(owner) if owner else 0, []).append(item)
    seen: set[str] = set()
    for patient in pool.patients:
        if not patient.id:
            yield _problem(patient, "This patient has no id, so they could not be found again.")
        elif patient.id in seen:
            yield _problem(patient, "Another patient here has the same id; the first was kept.")
        else:
            seen.add(patient.id)
            yield from _doubts(patient)
            yield patient_record(pool, patient, owned.get(id(patient), ()))
    yield from _orphans(owned.get(0, []))


def _doubts(patient: Entry) -> Iterator[ImportProblem]:
    """Say what is doubtful about a patient who is imported all the same."""
    born = patient.resource.get("birthDate")
    if born is not None and day(born) is None:
        yield ImportProblem(
            patient.file,
            patient.place,
            "The birth date cannot be read and was left empty.",
            "Put it right in the record system and import again.",
        )


def _orphans(items: list[Entry]) -> Iterator[ImportProblem]:
    by_file: dict[str, list[Entry]] = {}
    for item in items:
        by_file.setdefault(item.file, []).append(item)
    for file, rows in by_file.items():
        noun = "resource belongs" if len(rows) == 1 else "resources belong"
        yield ImportProblem(
            file,
            rows[0].place,
            f"{len(rows)} {noun} to a patient who is not in this import.",
            "Export the patient into the same bundle, then import again.",
        )


def _problem(patient: Entry, what: str) -> ImportProblem:
    fix = "Ask the sender to give each patient one id of their own."
    return ImportProblem(patient.file, patient.place, what, fix, skipped=True)


def _refusal(content: Any, name: str) -> ImportProblem | None:
    kind = text(part(content).get("resourceType"))
    if not kind:
        what = "This is JSON, but not a FHIR resource (resourceType is missing)."
        return ImportProblem(name, "", what, "Import FHIR R4 bundles.", skipped=True)
    if kind != "Bundle":
        entry = Entry(content, "", name, "")
        return _wrong_version(entry) if _version(entry) else None
    return None


def _wrong_version(row: Entry | ImportProblem) -> ImportProblem:
    what = f"This is FHIR {_version(row)}; CCM Flow reads FHIR R4."
    place = row.place if isinstance(row, Entry) else row.entry
    return ImportProblem(row.file, place, what, "Export it as FHIR R4.", skipped=True)


def _version(row: Entry | ImportProblem) -> str:
    """Name the FHIR version when a resource has a shape that R4 does not have; else empty."""
    if isinstance(row, ImportProblem):
        return ""
    resource, kind = row.resource, row.kind
    if kind in {"MedicationOrder", "ProcedureRequest", "ReferralRequest"}:
        return "DSTU2 or STU3"
    if kind == "Condition" and isinstance(resource.get("clinicalStatus"), str):
        return "STU3"
    if kind in {"Condition", "MedicationRequest", "Observation"} and "context" in resource:
        return "STU3"
    if kind == "MedicationRequest" and "medication" in resource:
        return "R5"
    return "R5" if kind == "Encounter" and isinstance(resource.get("class"), list) else ""


def _nothing(path: Path) -> ImportProblem:
    if not path.exists():
        what, fix = "There is no such file or folder.", "Check the name."
    else:
        what, fix = "The folder holds no .json or .json.gz file.", "Export FHIR R4 bundles into it."
    return ImportProblem(path.name, "", what, fix, skipped=True)
