"""FHIR R4 as patients: JSON files of any shape, and bulk exports (NDJSON)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from ccm_flow.adapters.ehr.fhir_bundle import Entry, entries
from ccm_flow.adapters.ehr.fhir_patient import patient_record
from ccm_flow.adapters.ehr.fhir_services import undated
from ccm_flow.adapters.ehr.fhir_shelf import Shelf
from ccm_flow.adapters.ehr.fhir_values import day, first, instant, part, text
from ccm_flow.adapters.ehr.fhir_version import version_of
from ccm_flow.adapters.ehr.source_files import SourceFile, open_bytes, read_json
from ccm_flow.app.records import ImportProblem, PatientRecord

_PUT_RIGHT: Final = "Put it right in the record system and import again."
LONGEST_LINE: Final = 64 * 1024 * 1024
_LISTS: Final = {
    "conditions": {"Condition"},
    "coverages": {"Coverage", "ExplanationOfBenefit"},
    "encounters": {"Encounter"},
    "medications": {"MedicationRequest", "MedicationStatement"},
    "services": {"Claim", "ExplanationOfBenefit"},
}


def read_document(shelf: Shelf, file: SourceFile) -> Iterator[ImportProblem]:
    """Put what a JSON file holds on the shelf: a bundle of any type, or a lone resource."""
    content = read_json(file)
    if isinstance(content, ImportProblem):
        yield content
    else:
        yield from _shelve(shelf, file, content, "")


def read_lines(shelf: Shelf, file: SourceFile) -> Iterator[ImportProblem]:
    """
    Put what a bulk export holds on the shelf, line by line.

    A line that cannot be read is named, and the rest is kept.

    Raises:
        OSError, EOFError, zlib.error: the file breaks off.
    """
    with open_bytes(file.path) as stream:
        number = 0
        while line := stream.readline(LONGEST_LINE):
            number += 1
            place = f"line {number}"
            if len(line) == LONGEST_LINE:
                fix = "Ask the sender for one resource on each line."
                yield file.problem("A line is longer than 64 MB; nothing after it was read.", fix)
                return
            if line.strip(b"\xef\xbb\xbf \t\r\n"):
                yield from _line(shelf, file, line, place)


def _line(shelf: Shelf, file: SourceFile, line: bytes, place: str) -> Iterator[ImportProblem]:
    try:
        content = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        fix = "Export it again; the other lines were read."
        yield file.problem("This line is not valid JSON.", fix, entry=place)
        return
    yield from _shelve(shelf, file, content, place)


def _shelve(shelf: Shelf, file: SourceFile, content: Any, place: str) -> Iterator[ImportProblem]:
    kind = text(part(content).get("resourceType"))
    if not kind:
        what = "This is JSON, but not a FHIR resource (resourceType is missing)."
        yield file.problem(what, "Import FHIR R4 resources.", entry=place)
        return
    if kind == "Bundle":
        listed = list(entries(content, file.name, f"{place}, " if place else ""))
    else:
        listed = [Entry(content, "", file.name, f"{place} ({kind})" if place else kind)]
    for row in listed:
        version = version_of(row) if isinstance(row, Entry) else ""
        if version:
            what = f"This is FHIR {version}; CCM Flow reads FHIR R4."
            entry = row.place if isinstance(row, Entry) else ""
            yield file.problem(what, "Export it as FHIR R4.", entry=entry)
            return
    for row in listed:
        if isinstance(row, ImportProblem):
            yield row
        else:
            shelf.add(row)


def patients_of(shelf: Shelf) -> Iterator[PatientRecord | ImportProblem]:
    """Give everybody on the shelf with all that is theirs, one at a time."""
    shelf.settle()
    unsaid = frozenset(name for name, kinds in _LISTS.items() if not kinds & shelf.kinds)
    for same_id in shelf.patients():
        if not same_id[0][1].id:
            for _, nameless in same_id:
                yield _problem(
                    nameless, "This patient has no id, so they could not be found again."
                )
            continue
        yield from _patient(shelf, same_id, unsaid)
    for stray in shelf.strays():
        noun = "resource belongs" if stray.count == 1 else "resources belong"
        yield ImportProblem(
            stray.file,
            stray.first_place,
            f"{stray.count} {noun} to a patient who is not in this import.",
            "Import the patient together with it.",
        )


def _patient(
    shelf: Shelf, same_id: list[tuple[int, Entry]], unsaid: frozenset[str]
) -> Iterator[PatientRecord | ImportProblem]:
    """Give one patient; what else has the id is the same person again, or somebody else."""
    chosen = max(same_id, key=lambda row: (_updated(row[1]), -row[0]))[1]
    found: list[Entry] = []
    for n, entry in same_id:
        if _same_person(entry, chosen):
            found += shelf.belongings(n)
            continue
        what = (
            "Another patient here has the same id; this one was left out with all that is theirs."
        )
        yield _problem(entry, what)
    if any(_same_person(entry, chosen) and _differs(entry, chosen) for _, entry in same_id):
        what = "Another patient here has the same id and name; they were taken for one person."
        fix = "See whether that is so; the newest of what was said about them holds."
        yield ImportProblem(chosen.file, chosen.place, what, fix)
    yield from _doubts(chosen)
    kept = list(_newest(found))
    for claim in undated(kept, shelf.zone):
        what = "A billed service has no day that can be read, so it was left out."
        yield ImportProblem(claim.file, claim.place, what, _PUT_RIGHT)
    yield replace(patient_record(shelf, chosen, kept), partial=unsaid)


def _newest(found: list[Entry]) -> Iterator[Entry]:
    """Leave out copies: of resources with one id the last updated stays, else the first."""
    best: dict[tuple[str, str], Entry] = {}
    for number, entry in enumerate(found):
        key = (entry.kind, entry.id or f"#{number}")
        if key not in best or _updated(entry) > _updated(best[key]):
            best[key] = entry
    yield from best.values()


def _updated(entry: Entry) -> str:
    at = instant(part(entry.resource.get("meta")).get("lastUpdated"))
    return at.isoformat() if at is not None else ""


def _same_person(one: Entry, other: Entry) -> bool:
    """Tell whether birth date and family name agree, as far as both are given."""
    if one is other:
        return True
    pairs = [
        (text(one.resource.get("birthDate")), text(other.resource.get("birthDate"))),
        (_family(one), _family(other)),
    ]
    return all(not a or not b or a.casefold() == b.casefold() for a, b in pairs)


def _differs(one: Entry, other: Entry) -> bool:
    """Tell whether two resources say different things, whoever wrote them when."""
    return {**one.resource, "meta": None} != {**other.resource, "meta": None}


def _family(entry: Entry) -> str:
    return text(first(entry.resource.get("name")).get("family"))


def _doubts(patient: Entry) -> Iterator[ImportProblem]:
    """Say what is doubtful about a patient who is imported all the same."""
    said = patient.resource
    born, died = day(said.get("birthDate")), day(said.get("deceasedDateTime"))
    if said.get("birthDate") is not None and born is None:
        what = "The birth date cannot be read and was left empty."
        yield ImportProblem(patient.file, patient.place, what, _PUT_RIGHT)
    if born is not None and died is not None and died <= born:
        what = "The patient died on the day of birth or before it; they count as dead."
        yield ImportProblem(patient.file, patient.place, what, _PUT_RIGHT)


def _problem(patient: Entry, what: str) -> ImportProblem:
    fix = "Ask the sender to give each patient one id of their own."
    return ImportProblem(patient.file, patient.place, what, fix, skipped=True)
