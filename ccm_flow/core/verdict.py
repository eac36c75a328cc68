"""What is said about a patient's eligibility: reasons, open steps, notices and evidence."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ccm_flow.core.patient_facts import CodeSystem, CoverageFact, GroupId


class Reason(StrEnum):
    """Why a patient is not a candidate."""

    DECEASED = "deceased"
    IN_HOSPICE = "in_hospice"
    IN_NURSING_FACILITY = "in_nursing_facility"
    TOO_FEW_CONDITIONS = "too_few_conditions"
    NO_PART_B = "no_part_b"
    ESRD_MONTHLY = "esrd_monthly"
    """Monthly services for end-stage renal disease are billed in the month (medicare-rules, B)."""
    ANOTHER_PRACTITIONER = "another_practitioner"
    """Somebody else bills CCM in the month; only one may (NGS; OIG A-07-19-05122)."""


class Need(StrEnum):
    """What is still open before the program may be billed; no obstacle to offering it."""

    RISK_RATIONALE = "risk_rationale"
    """No practitioner has said why the conditions put the patient at significant risk."""
    INITIATING_VISIT = "initiating_visit"
    """Not seen within a year (NGS Care Management)."""
    EXPECTED_DURATION = "expected_duration"
    """A counted condition is not on record for a year and does not last for life by its nature."""


class Notice(StrEnum):
    """What a person should look at; it decides nothing."""

    KIDNEY_FAILURE = "kidney_failure"
    """End-stage renal disease, maybe with dialysis: monthly ESRD services may be billed."""


class Persistence(StrEnum):
    """What speaks for a condition lasting 12 months or until death."""

    LIFELONG = "lifelong"
    SHOWN = "shown"
    """On record for a year or more."""
    EXPECTED = "expected"
    """On record for less than a year; such conditions last a year as a rule."""
    UNDATED = "undated"
    """As `EXPECTED`, and the record gives no onset."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One condition behind the verdict."""

    group: GroupId
    group_title: str
    system: CodeSystem
    code: str
    display: str
    onset_on: date | None
    persistence: Persistence | None = None
    """None for what is never counted."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something else that the verdict rests on: an insurance, a visit, a stay, a service."""

    kind: str
    text: str
    since: date | None = None
    until: date | None = None
    code: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The verdict on a day, with all its reasons at once and its evidence."""

    on: date
    reasons: tuple[Reason, ...]
    """Empty when the patient is a candidate."""
    evidence: tuple[Evidence, ...]
    """Active conditions that count, ordered by group and onset."""
    coverage: CoverageFact | None = None
    """The Part B coverage that the verdict rests on; None when there is none that day."""
    insured_by: CoverageFact | None = None
    """What pays first that day when it is not Part B, e.g. a Medicare Advantage plan."""
    set_aside: tuple[Evidence, ...] = field(default=())
    """Active conditions of groups that are never counted."""
    needs: tuple[Need, ...] = ()
    notices: tuple[Notice, ...] = ()
    last_visit_on: date | None = None
    findings: tuple[Finding, ...] = ()
    """Everything but conditions, in the order of reasons, needs and notices."""

    @property
    def is_candidate(self) -> bool:
        """Whether nothing stands against offering the program."""
        return not self.reasons

    @property
    def groups(self) -> tuple[GroupId, ...]:
        """The distinct chronic conditions that count."""
        return tuple(dict.fromkeys(row.group for row in self.evidence))
