"""From a patient's record to the facts that eligibility is judged on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from ccm_flow.app.records import (
    CMS_CHRONIC_FLAG,
    ConditionRecord,
    CoverageRecord,
    EncounterRecord,
    PatientRecord,
)
from ccm_flow.core.condition_groups import ConditionGroups
from ccm_flow.core.eligibility import judge
from ccm_flow.core.patient_facts import (
    CodeSystem,
    ConditionFact,
    CoverageFact,
    EncounterFact,
    PatientFacts,
    RationaleFact,
    ServiceFact,
)
from ccm_flow.core.verdict import Eligibility

_SYSTEMS = {
    "http://snomed.info/sct": CodeSystem.SNOMED,
    "SNOMED-CT": CodeSystem.SNOMED,
    "http://hl7.org/fhir/sid/icd-10-cm": CodeSystem.ICD10,
    "http://hl7.org/fhir/sid/icd-10": CodeSystem.ICD10,
    "urn:oid:2.16.840.1.113883.6.96": CodeSystem.SNOMED,
    "urn:oid:2.16.840.1.113883.6.90": CodeSystem.ICD10,
    CMS_CHRONIC_FLAG: CodeSystem.CMS_FLAG,
}

_DID_NOT_HAPPEN = frozenset({"planned", "cancelled", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class StaffKnowledge:
    """What the clinic's own people know of a patient beside the imported record."""

    services: tuple[ServiceFact, ...] = ()
    rationale: RationaleFact | None = None
    initiating_visit_at: datetime | None = None
    died_at: datetime | None = None
    """As somebody told; the record may not know yet."""


NOTHING_KNOWN = StaffKnowledge()


def judge_record(
    record: PatientRecord,
    rules: ConditionGroups,
    on: date,
    known: StaffKnowledge = NOTHING_KNOWN,
    zone: tzinfo = UTC,
) -> Eligibility:
    """
    Say whether a patient may be offered the program on a day, and on what grounds.

    `zone` is the clinic's: its calendar says on which day a visit was.
    """
    return judge(facts_of(record, known, zone), rules, on)


def facts_of(record: PatientRecord, known: StaffKnowledge, zone: tzinfo) -> PatientFacts:
    """Give what is known about a patient; nothing in it names them."""
    visit_at = known.initiating_visit_at
    died_at = record.deceased_at or known.died_at
    return PatientFacts(
        deceased_on=died_at.astimezone(zone).date() if died_at else None,
        conditions=tuple(_condition(row, record.source) for row in record.conditions),
        coverages=tuple(_coverage(row, record.source) for row in record.coverages),
        encounters=tuple(
            _encounter(row, row.starts_at, record.source, zone)
            for row in record.encounters
            if row.starts_at is not None and row.status not in _DID_NOT_HAPPEN
        ),
        services=known.services,
        rationale=known.rationale,
        initiating_visit_on=visit_at.astimezone(zone).date() if visit_at else None,
    )


def _condition(row: ConditionRecord, source: str) -> ConditionFact:
    return ConditionFact(
        system=_SYSTEMS.get(row.code_system, CodeSystem.OTHER),
        code=row.code,
        display=row.display,
        clinical_status=row.clinical_status,
        onset_on=row.onset_on,
        abated_on=row.abated_on,
        source=f"{source}: Condition {row.source_id}",
    )


def _coverage(row: CoverageRecord, source: str) -> CoverageFact:
    where = f"{source}: Coverage {row.source_id}"
    return CoverageFact(row.kind, row.payer, row.starts_on, row.ends_on, where)


def _encounter(
    row: EncounterRecord, starts_at: datetime, source: str, zone: tzinfo
) -> EncounterFact:
    still_there = row.ends_at is None and row.status != "finished"
    ends_at = None if still_there else row.ends_at or starts_at
    return EncounterFact(
        kind=row.kind,
        display=row.display,
        starts_on=starts_at.astimezone(zone).date(),
        ends_on=ends_at.astimezone(zone).date() if ends_at else None,
        source=f"{source}: Encounter {row.source_id}",
    )
