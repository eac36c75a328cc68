"""
Make the sample clinic from a Synthea run.

Usage: python tools/make_sample.py <folder of the run> [<output folder, sample/clinic by default>]

The run's folder holds `csv/`, `fhir/` and, if some patients were exported on their own,
`fhir_lean/`. The same run always gives the same bytes.
"""

import csv
import gzip
import io
import json
import re
import sys
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.adapters.ehr.reading import read_patients
from ccm_flow.app.candidates import judge_record
from ccm_flow.app.records import PatientRecord
from ccm_flow.core.eligibility import Eligibility, Reason

ON = date(2026, 9, 30)
"""The run's last day: who is a candidate is judged on it."""
ENCOUNTERS_SINCE = ON - timedelta(days=730)
FINDINGS_SINCE = ON - timedelta(days=365)
DEATHS_SINCE = date(2020, 1, 1)
# Refused patients of each sort, so that every refusal can be seen.
REFUSED = {
    "dead": 8,
    "too few conditions": 5,
    "in hospice": 3,
    "no Part B": 10,
    "no Part B and too few conditions": 4,
}
# What says nothing about care and nobody would want in a demonstration.
LEFT_OUT = {"266948004", "706893006", "424393004", "5602001", "283545005", "262574004"}
_NOT_A_DISEASE = ("(finding)", "(situation)", "(person)")
_MEDICAL_RECORD = "MR"

Resource = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What a patient is insured by at the end of the run, and since when without a break."""

    payer: str
    member: str
    since: str


def main(arguments: list[str]) -> int:
    """Write the sample; 2 when the run's folder is not given or not there."""
    if not arguments or not (Path(arguments[0]) / "csv").is_dir():
        print(__doc__, file=sys.stderr)
        return 2
    run = Path(arguments[0])
    root = Path(__file__).parents[1]
    target = Path(arguments[1]) if len(arguments) > 1 else root / "sample" / "clinic"
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.json.gz"):
        old.unlink()
    plans = read_plans(run / "csv")
    slim = {bundle["id"]: bundle for bundle in slim_bundles(run, plans)}
    chosen = sorted(choose(slim, target))
    for patient in chosen:
        write(target / f"{patient}.json.gz", slim[patient])
    size = sum(file.stat().st_size for file in target.glob("*.json.gz"))
    print(f"{len(chosen)} patients, {size / 1e6:.2f} MB")
    return 0


def read_plans(folder: Path) -> dict[str, Plan]:
    """Read each patient's latest payer, with the start of its unbroken run of yearly rows."""
    with (folder / "payers.csv").open(encoding="utf-8", newline="") as file:
        names = {row["Id"]: row["NAME"] for row in csv.DictReader(file)}
    with (folder / "payer_transitions.csv").open(encoding="utf-8", newline="") as file:
        transitions = sorted(csv.DictReader(file), key=lambda row: row["START_DATE"])
    plans: dict[str, Plan] = {}
    for row in transitions:
        payer = names[row["PAYER"]]
        before = plans.get(row["PATIENT"])
        same = before is not None and before.payer == payer
        since = before.since if before is not None and same else row["START_DATE"][:10]
        plans[row["PATIENT"]] = Plan(payer, row["MEMBERID"], since)
    return plans


def slim_bundles(run: Path, plans: dict[str, Plan]) -> Iterator[Resource]:
    """Give a small bundle for every patient of the run."""
    for file in sorted([*run.glob("fhir/*.json.gz"), *run.glob("fhir_lean/*.json.gz")]):
        resources = [
            row["resource"] for row in json.loads(gzip.decompress(file.read_bytes()))["entry"]
        ]
        patient = next((row for row in resources if row["resourceType"] == "Patient"), None)
        if patient is not None:
            yield bundle(patient, resources, plans.get(patient["id"]))


def bundle(patient: Resource, resources: list[Resource], plan: Plan | None) -> Resource:
    """Keep what the program reads of one patient, as a FHIR R4 collection."""
    medicines = {row["id"]: row for row in resources if row["resourceType"] == "Medication"}
    subject = {"reference": f"urn:uuid:{patient['id']}"}
    kept = [slim_patient(patient)]
    for row in resources:
        match row["resourceType"]:
            case "Condition" if is_wanted(row):
                kept.append(slim_condition(row, subject))
            case "Encounter" if row["period"]["start"][:10] >= ENCOUNTERS_SINCE.isoformat():
                names = ("resourceType", "id", "status", "class", "type", "period")
                kept.append(only(row, names) | {"subject": subject})
            case "MedicationRequest" if row["status"] == "active":
                kept.append(slim_medication(row, subject, medicines))
    if plan is not None:
        kept.append(coverage(patient["id"], subject, plan))
    entries = [{"fullUrl": f"urn:uuid:{row['id']}", "resource": row} for row in kept]
    return {
        "resourceType": "Bundle",
        "id": patient["id"],
        "type": "collection",
        "entry": entries,
    }


def slim_patient(row: Resource) -> Resource:
    """Drop narrative, extensions and every number but the record number; digits leave the names."""
    names = ("resourceType", "id", "gender", "birthDate", "deceasedDateTime", "telecom")
    name = row["name"][0]
    home = only(row["address"][0], ("line", "city", "state", "postalCode", "country"))
    return only(row, names) | {
        "identifier": [item for item in row["identifier"] if _code(item.get("type")) == "MR"],
        "name": [
            {
                "use": "official",
                "family": without_digits(name["family"]),
                "given": [without_digits(word) for word in name["given"]],
            }
        ],
        "address": [home],
        "communication": [
            {"language": only(item["language"], ("coding",))} for item in row["communication"]
        ],
    }


def is_wanted(row: Resource) -> bool:
    """Tell which conditions are kept: open diseases, and what is recent of the rest."""
    display = row["code"]["coding"][0]["display"]
    onset = row.get("onsetDateTime", "")[:10]
    is_finding = display.endswith(_NOT_A_DISEASE)
    if _code(row["code"]) in LEFT_OUT:
        return False
    if _code(row["clinicalStatus"]) == "active" and not is_finding:
        return True
    since = FINDINGS_SINCE if is_finding else ENCOUNTERS_SINCE
    return onset >= since.isoformat() or (is_finding and "pain" in display.lower())


def slim_condition(row: Resource, subject: Resource) -> Resource:
    """Keep the code, the status and the dates."""
    names = ("resourceType", "id", "code", "onsetDateTime", "abatementDateTime", "recordedDate")
    states = {
        name: {"coding": [only(row[name]["coding"][0], ("system", "code"))]}
        for name in ("clinicalStatus", "verificationStatus")
    }
    return only(row, names) | states | {"subject": subject}


def slim_medication(row: Resource, subject: Resource, medicines: dict[str, Resource]) -> Resource:
    """Keep what is taken since when; a separate Medication is written into the request."""
    concept = row.get("medicationCodeableConcept")
    if concept is None:
        pointer = row["medicationReference"]["reference"].removeprefix("urn:uuid:")
        concept = medicines[pointer]["code"]
    names = ("resourceType", "id", "status", "intent", "authoredOn")
    return only(row, names) | {"medicationCodeableConcept": concept, "subject": subject}


def coverage(patient: str, subject: Resource, plan: Plan) -> Resource:
    """Make the Coverage that Synthea does not write; yearly renewals are one open period."""
    row = {
        "resourceType": "Coverage",
        "id": str(uuid.uuid5(uuid.UUID(patient), "coverage")),
        "status": "active",
        "beneficiary": subject,
        "period": {"start": plan.since},
        "payor": [{"display": plan.payer}],
    }
    return row | ({"subscriberId": plan.member} if plan.member else {})


def choose(slim: dict[str, Resource], scratch: Path) -> Iterator[str]:
    """Choose every candidate, then the first few of each sort that must be refused."""
    left = dict(REFUSED)
    for record, verdict in judged(slim, scratch):
        if verdict.is_candidate:
            yield record.source_id
            continue
        sort = sort_of(verdict)
        if record.deceased_at is not None and record.deceased_at.date() < DEATHS_SINCE:
            continue
        if left[sort] > 0:
            left[sort] -= 1
            yield record.source_id


def judged(slim: dict[str, Resource], scratch: Path) -> list[tuple[PatientRecord, Eligibility]]:
    """Judge every patient as the program itself will: through its own reader."""
    rules, found = load_condition_groups(), []
    for patient in sorted(slim):
        file = scratch / f"{patient}.json.gz"
        write(file, slim[patient])
        records = [item for item in read_patients(file) if isinstance(item, PatientRecord)]
        found += [(record, judge_record(record, rules, ON)) for record in records]
        file.unlink()
    return found


def sort_of(verdict: Eligibility) -> str:
    """Name the sort of refusal that a verdict shows best."""
    reasons = set(verdict.reasons)
    if Reason.DECEASED in reasons:
        return "dead"
    if Reason.IN_HOSPICE in reasons:
        return "in hospice"
    if reasons == {Reason.NO_PART_B}:
        return "no Part B"
    return "too few conditions" if reasons == {Reason.TOO_FEW_CONDITIONS} else list(REFUSED)[-1]


def write(file: Path, content: Resource) -> None:
    """Write zipped JSON without a time or a name in it, so that the bytes never change."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    held = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=held, mtime=0) as packed:
        packed.write(text.encode())
    file.write_bytes(held.getvalue())


def only(row: Resource, names: Iterable[str]) -> Resource:
    """Keep some fields."""
    return {name: row[name] for name in names if name in row}


def without_digits(name: str) -> str:
    """Synthea writes Boyle917; a person is called Boyle."""
    return re.sub(r"\d+", "", name).strip()


def _code(concept: Resource | None) -> str:
    return str(concept["coding"][0]["code"]) if concept and concept.get("coding") else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
