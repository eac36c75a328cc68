"""From an imported record to the facts that eligibility is judged on."""

from datetime import UTC, date, datetime, time, timedelta

from ccm_flow.app.records import ConditionRecord, EncounterRecord, PatientRecord
from ccm_flow.core.eligibility import (
    CodeSystem,
    ConditionFact,
    ConditionGroups,
    CoverageFact,
    Eligibility,
    PatientFacts,
    judge,
)

HOSPICE_LOOK_BACK = timedelta(days=60)
"""Our caution, not a rule of Medicare's: after a recent hospice stay a person looks first."""

_SYSTEMS = {
    "http://snomed.info/sct": CodeSystem.SNOMED,
    "SNOMED-CT": CodeSystem.SNOMED,
    "http://hl7.org/fhir/sid/icd-10-cm": CodeSystem.ICD10,
    "http://hl7.org/fhir/sid/icd-10": CodeSystem.ICD10,
    "urn:oid:2.16.840.1.113883.6.96": CodeSystem.SNOMED,
    "urn:oid:2.16.840.1.113883.6.90": CodeSystem.ICD10,
}


def judge_record(record: PatientRecord, rules: ConditionGroups, on: date) -> Eligibility:
    """Say whether an imported patient may be offered the program on a day, and on what grounds."""
    return judge(facts_of(record, on), rules, on)


def facts_of(record: PatientRecord, on: date) -> PatientFacts:
    """Give what the record says about a patient on a day; nothing in it names them."""
    return PatientFacts(
        deceased_on=record.deceased_at.date() if record.deceased_at else None,
        in_hospice=any(_is_hospice(encounter, on) for encounter in record.encounters),
        conditions=tuple(_condition(condition) for condition in record.conditions),
        coverages=tuple(
            CoverageFact(row.kind, row.payer, row.starts_on, row.ends_on)
            for row in record.coverages
        ),
    )


def _condition(row: ConditionRecord) -> ConditionFact:
    return ConditionFact(
        system=_SYSTEMS.get(row.code_system, CodeSystem.OTHER),
        code=row.code,
        display=row.display,
        clinical_status=row.clinical_status,
        onset_on=row.onset_on,
        abated_on=row.abated_on,
    )


def _is_hospice(encounter: EncounterRecord, on: date) -> bool:
    if encounter.kind != "hospice" or encounter.starts_at is None:
        return False
    end_of_day = datetime.combine(on, time.max, UTC)
    still_there = encounter.ends_at is None and encounter.status != "finished"
    last_day = end_of_day if still_there else encounter.ends_at or encounter.starts_at
    return encounter.starts_at <= end_of_day and last_day >= end_of_day - HOSPICE_LOOK_BACK
