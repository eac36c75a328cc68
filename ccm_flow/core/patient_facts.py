"""What eligibility needs to know of a patient, and nothing that names them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType

from ccm_flow.core.month import Month

GroupId = NewType("GroupId", str)
"""One chronic disease, e.g. `heart_failure`."""
ACTIVE_STATUSES = frozenset({"active", "recurrence", "relapse"})
"""FHIR's words for a condition that the patient has now."""


class CoverageKind(StrEnum):
    """What kind of insurance; CCM is paid under Medicare Part B."""

    MEDICARE_PART_B = "medicare_part_b"
    MEDICARE_ADVANTAGE = "medicare_advantage"
    MEDICAID = "medicaid"
    DUAL = "dual"
    COMMERCIAL = "commercial"
    NONE = "none"
    OTHER = "other"


PART_B_KINDS = frozenset({CoverageKind.MEDICARE_PART_B, CoverageKind.DUAL})


class CodeSystem(StrEnum):
    """The vocabularies that the condition groups know."""

    SNOMED = "snomed"
    ICD10 = "icd10"
    CMS_FLAG = "cms_flag"
    OTHER = "other"


class RiskTier(StrEnum):
    """How closely a patient is looked after; the practitioner says which."""

    STANDARD = "standard"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class ConditionFact:
    """A condition as the record has it."""

    system: CodeSystem
    code: str
    display: str
    clinical_status: str = "active"
    onset_on: date | None = None
    abated_on: date | None = None
    source: str = ""
    """Where it came from, e.g. `fhir: Condition 81f2`."""

    def is_active(self, on: date) -> bool:
        """Tell whether the patient has it on a day: begun, not over, and said to be active."""
        begun = self.onset_on is None or self.onset_on <= on
        over = self.abated_on is not None and self.abated_on <= on
        return self.clinical_status in ACTIVE_STATUSES and begun and not over


@dataclass(frozen=True, slots=True)
class CoverageFact:
    """Insurance over a period; an unknown start or end leaves that side open."""

    kind: CoverageKind
    payer: str
    starts_on: date | None = None
    ends_on: date | None = None
    """The last day."""
    source: str = ""

    def covers(self, on: date) -> bool:
        """Tell whether a day lies in the period."""
        return (self.starts_on is None or self.starts_on <= on) and (
            self.ends_on is None or on <= self.ends_on
        )


@dataclass(frozen=True, slots=True)
class EncounterFact:
    """A visit or a stay, in days of the clinic's calendar."""

    kind: str
    """`ambulatory`, `home`, `virtual`, `hospice`, `snf`, `inpatient`, `emergency` or `other`."""
    display: str
    starts_on: date
    ends_on: date | None = None
    """The last day; None while the patient is still there."""
    source: str = ""

    def reaches(self, on: date) -> bool:
        """Tell whether a stay lies on a day."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True, slots=True)
class ServiceFact:
    """A billed or known service, by its CPT or HCPCS code."""

    code: str
    starts_on: date
    ends_on: date | None = None
    """The last day; the first one too when None."""
    practitioner: str = ""
    """Who bills it, as the source says; empty when it does not."""
    own: bool = False
    """Whether it is this clinic's own, so that it is the program itself and no obstacle to it."""
    source: str = ""

    def touches(self, month: Month) -> bool:
        """Tell whether any day of it lies in a month."""
        return self.starts_on <= month.last_day and (self.ends_on or self.starts_on) >= (
            month.first_day
        )


@dataclass(frozen=True, slots=True)
class RationaleFact:
    """A practitioner's statement of why the conditions put this patient at significant risk."""

    text: str
    tier: RiskTier
    recorded_on: date
    by: str


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """All that a verdict rests on."""

    deceased_on: date | None = None
    conditions: tuple[ConditionFact, ...] = ()
    coverages: tuple[CoverageFact, ...] = ()
    encounters: tuple[EncounterFact, ...] = ()
    services: tuple[ServiceFact, ...] = ()
    rationale: RationaleFact | None = None
    """The latest one."""
    initiating_visit_on: date | None = None
    """As staff recorded it, beside what the encounters say."""


def latest_start(encounters: Iterable[EncounterFact]) -> EncounterFact | None:
    """Give the encounter that began last."""
    return max(encounters, key=lambda one: (one.starts_on, one.source), default=None)
