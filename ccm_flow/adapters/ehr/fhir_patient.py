"""One patient from FHIR resources."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final

from ccm_flow.adapters.ehr.fhir_bundle import Entry
from ccm_flow.adapters.ehr.fhir_coverage import coverages
from ccm_flow.adapters.ehr.fhir_services import services
from ccm_flow.adapters.ehr.fhir_shelf import Shelf
from ccm_flow.adapters.ehr.fhir_values import (
    ICD10_CM,
    SNOMED,
    Resource,
    code,
    coding,
    day,
    display,
    first,
    instant,
    local_day,
    part,
    rows,
    text,
)
from ccm_flow.app.records import (
    DIED_AT_UNKNOWN_TIME,
    ConditionRecord,
    EncounterRecord,
    MedicationRecord,
    PatientRecord,
)

SOURCE: Final = "fhir"
_NEVER_TRUE = frozenset({"entered-in-error", "refuted"})
_CLASSES: Final = {
    "AMB": "ambulatory",
    "EMER": "emergency",
    "IMP": "inpatient",
    "ACUTE": "inpatient",
    "NONAC": "inpatient",
    "SS": "inpatient",
    "HH": "home",
    "VR": "virtual",
}


def patient_record(shelf: Shelf, patient: Entry, clinical: Iterable[Entry]) -> PatientRecord:
    """Put together what is known about one patient; every missing thing reads as empty."""
    resource, found = patient.resource, list(clinical)
    family, given = _name(resource)
    phones = [row for row in rows(resource.get("telecom")) if text(row.get("system")) == "phone"]
    spoken = first(resource.get("communication"))
    return PatientRecord(
        source=SOURCE,
        source_id=patient.id,
        mrn=_mrn(resource) or patient.id,
        family_name=family,
        given_name=given,
        birth_date=day(resource.get("birthDate")),
        sex=text(resource.get("gender")),
        phone=text(first(phones).get("value")),
        language=text(coding(spoken.get("language")).get("code")),
        address=_address(resource),
        deceased_at=_deceased_at(resource),
        conditions=tuple(_condition(item, shelf.zone) for item in found if _is_condition(item)),
        coverages=tuple(coverages(shelf, found)),
        encounters=tuple(_encounter(item) for item in found if item.kind == "Encounter"),
        medications=tuple(
            _medication(shelf, item) for item in found if item.kind.startswith("Medication")
        ),
        services=tuple(services(shelf.find, found, shelf.zone)),
    )


def _name(resource: Resource) -> tuple[str, str]:
    names = rows(resource.get("name"))
    best = next((row for row in names if text(row.get("use")) == "official"), first(names))
    given = best.get("given")
    words = [text(word) for word in given] if isinstance(given, list) else [text(given)]
    family = text(best.get("family"))
    if not family and not any(words):
        return text(best.get("text")), ""
    return family, " ".join(word for word in words if word)


def _mrn(resource: Resource) -> str:
    for row in rows(resource.get("identifier")):
        if text(coding(row.get("type")).get("code")) == "MR":
            return text(row.get("value"))
    return ""


def _address(resource: Resource) -> dict[str, str]:
    addresses = rows(resource.get("address"))
    home = next((row for row in addresses if text(row.get("use")) == "home"), first(addresses))
    line = home.get("line")
    lines = [text(item) for item in line] if isinstance(line, list) else [text(line)]
    found = {
        "line": ", ".join(item for item in lines if item),
        "city": text(home.get("city")),
        "state": text(home.get("state")),
        "postal_code": text(home.get("postalCode")),
    }
    return {name: value for name, value in found.items() if value}


def _deceased_at(resource: Resource) -> datetime | None:
    if "deceasedDateTime" in resource:
        return instant(resource["deceasedDateTime"]) or DIED_AT_UNKNOWN_TIME
    return DIED_AT_UNKNOWN_TIME if resource.get("deceasedBoolean") is True else None


def _is_condition(item: Entry) -> bool:
    if item.kind != "Condition":
        return False
    return code(item.resource.get("verificationStatus")) not in _NEVER_TRUE


def _condition(item: Entry, zone: tzinfo) -> ConditionRecord:
    resource = item.resource
    concept = resource.get("code")
    chosen = coding(concept, ICD10_CM, SNOMED)
    onset = resource.get("onsetDateTime") or part(resource.get("onsetPeriod")).get("start")
    abated = resource.get("abatementDateTime") or part(resource.get("abatementPeriod")).get("end")
    assumed = "resolved" if abated else "unknown"
    return ConditionRecord(
        source_id=item.id or item.place,
        code_system=text(chosen.get("system")),
        code=text(chosen.get("code")),
        display=display(concept, chosen) or "condition without a name",
        clinical_status=code(resource.get("clinicalStatus")) or assumed,
        onset_on=local_day(onset, zone),
        recorded_at=instant(resource.get("recordedDate")),
        abated_on=local_day(abated, zone),
    )


def _encounter(item: Entry) -> EncounterRecord:
    resource = item.resource
    concept = first(resource.get("type"))
    period = part(resource.get("period"))
    return EncounterRecord(
        source_id=item.id or item.place,
        kind=_encounter_kind(resource),
        status=text(resource.get("status")) or "unknown",
        display=display(concept, coding(concept)),
        starts_at=instant(period.get("start")),
        ends_at=instant(period.get("end")),
    )


def _encounter_kind(resource: Resource) -> str:
    concept = first(resource.get("type"))
    said = display(concept, coding(concept)).lower()
    if "hospice" in said:
        return "hospice"
    if "skilled nursing" in said:
        return "snf"
    return _CLASSES.get(text(part(resource.get("class")).get("code")).upper(), "other")


def _medication(shelf: Shelf, item: Entry) -> MedicationRecord:
    resource = item.resource
    concept = part(resource.get("medicationCodeableConcept"))
    if not concept:
        concept = _referenced_medication(shelf, item)
    chosen = coding(concept)
    written = resource.get("authoredOn") or resource.get("dateAsserted")
    return MedicationRecord(
        source_id=item.id or item.place,
        code=text(chosen.get("code")),
        display=display(concept, chosen) or "medicine without a name",
        status=text(resource.get("status")) or "unknown",
        authored_at=instant(written or resource.get("effectiveDateTime")),
    )


def _referenced_medication(shelf: Shelf, item: Entry) -> Resource:
    resource = item.resource
    reference = part(resource.get("medicationReference"))
    target = text(reference.get("reference"))
    for row in rows(resource.get("contained")):
        if target == f"#{text(row.get('id'))}":
            return part(row.get("code"))
    found = shelf.find(reference, "Medication", item)
    return part(found.resource.get("code")) if found else {"text": text(reference.get("display"))}
