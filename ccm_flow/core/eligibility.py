"""
Whether a patient may be offered chronic care management, and on what evidence.

Medicare asks for two or more chronic conditions expected to last a year or until death that put
the patient at significant risk (Noridian CCM). CMS publishes no closed list of conditions, so the
groups are data; the risk rationale stays with the practitioner. The verdict never says more than
the record shows: it finds candidates, and a person decides.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

ACTIVE_STATUSES = frozenset({"active", "recurrence", "relapse"})
"""FHIR's words for a condition that the patient has now."""
NEEDED_GROUPS = 2


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
    """The vocabularies that the groups know."""

    SNOMED = "snomed"
    ICD10 = "icd10"
    OTHER = "other"


class Reason(StrEnum):
    """Why a patient is not a candidate."""

    DECEASED = "deceased"
    IN_HOSPICE = "in_hospice"
    TOO_FEW_CONDITIONS = "too_few_conditions"
    NO_PART_B = "no_part_b"


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """One chronic disease, however many codes say it."""

    id: str
    title: str
    icd10: tuple[str, ...] = ()
    """Prefixes without the dot, e.g. `E11`, `I110`."""
    snomed: frozenset[str] = frozenset()
    counts: bool = True
    """False for what is acute, curable or too weak alone: shown, never counted."""

    def holds(self, system: CodeSystem, code: str) -> bool:
        """Tell whether a code belongs to this group."""
        if system is CodeSystem.SNOMED:
            return code in self.snomed
        if system is CodeSystem.ICD10:
            return code.replace(".", "").upper().startswith(self.icd10) if self.icd10 else False
        return False


@dataclass(frozen=True, slots=True)
class ConditionGroups:
    """Every group, in the order in which they are tried: the first that holds a code wins."""

    groups: tuple[ConditionGroup, ...]

    def find(self, system: CodeSystem, code: str) -> ConditionGroup | None:
        """Give the group of a code; None when no group holds it."""
        return next((group for group in self.groups if group.holds(system, code)), None)


@dataclass(frozen=True, slots=True)
class ConditionFact:
    """A condition as the record has it."""

    system: CodeSystem
    code: str
    display: str
    clinical_status: str = "active"
    onset_on: date | None = None
    abated_on: date | None = None

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

    def covers(self, on: date) -> bool:
        """Tell whether a day lies in the period."""
        return (self.starts_on is None or self.starts_on <= on) and (
            self.ends_on is None or on <= self.ends_on
        )


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What the verdict needs to know, and nothing that names the patient."""

    deceased_on: date | None = None
    in_hospice: bool = False
    conditions: tuple[ConditionFact, ...] = ()
    coverages: tuple[CoverageFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One condition behind the verdict."""

    group: str
    group_title: str
    system: CodeSystem
    code: str
    display: str
    onset_on: date | None


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

    @property
    def is_candidate(self) -> bool:
        """Whether nothing stands against offering the program."""
        return not self.reasons

    @property
    def groups(self) -> tuple[str, ...]:
        """The distinct chronic conditions that count."""
        return tuple(dict.fromkeys(row.group for row in self.evidence))


def judge(facts: PatientFacts, rules: ConditionGroups, on: date) -> Eligibility:
    """
    Say whether a patient is a candidate on a day, and why not.

    Two codes of one group are one condition: diabetes with three complications is diabetes.
    Every reason is given, so that staff see at once whether one of them can be put right.
    """
    counted, set_aside = _evidence(facts.conditions, rules, on)
    insurance = _coverage(facts.coverages, on)
    part_b = insurance if insurance is not None and insurance.kind in PART_B_KINDS else None
    reasons: list[Reason] = []
    if facts.deceased_on is not None and facts.deceased_on <= on:
        reasons.append(Reason.DECEASED)
    if facts.in_hospice:
        reasons.append(Reason.IN_HOSPICE)
    if len({row.group for row in counted}) < NEEDED_GROUPS:
        reasons.append(Reason.TOO_FEW_CONDITIONS)
    if part_b is None:
        reasons.append(Reason.NO_PART_B)
    return Eligibility(
        on=on,
        reasons=tuple(reasons),
        evidence=counted,
        coverage=part_b,
        insured_by=insurance if part_b is None else None,
        set_aside=set_aside,
    )


def _evidence(
    conditions: tuple[ConditionFact, ...], rules: ConditionGroups, on: date
) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    counted: dict[tuple[str, str], Evidence] = {}
    set_aside: dict[tuple[str, str], Evidence] = {}
    for fact in sorted(conditions, key=_by_onset):
        group = rules.find(fact.system, fact.code) if fact.is_active(on) else None
        if group is None:
            continue
        row = Evidence(group.id, group.title, fact.system, fact.code, fact.display, fact.onset_on)
        # The same code recorded again is no further evidence; the earliest onset stays.
        (counted if group.counts else set_aside).setdefault((group.id, fact.code), row)
    return _ordered(counted), _ordered(set_aside)


def _by_onset(fact: ConditionFact) -> tuple[date, str]:
    return fact.onset_on or date.max, fact.code


def _ordered(rows: dict[tuple[str, str], Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(rows.values(), key=lambda row: (row.group, row.onset_on or date.max)))


def _coverage(coverages: tuple[CoverageFact, ...], on: date) -> CoverageFact | None:
    """
    Choose the coverage that counts on a day: Part B if any, otherwise the latest to start.

    A Part B row beside a Medicare Advantage row of the same day means an Advantage plan (the plan
    pays Part B services), so the Advantage row wins.
    """
    current = [item for item in coverages if item.covers(on)]
    if not current:
        return None

    def rank(item: CoverageFact) -> tuple[int, date]:
        if item.kind is CoverageKind.MEDICARE_ADVANTAGE:
            return 2, item.starts_on or date.min
        return int(item.kind in PART_B_KINDS), item.starts_on or date.min

    return max(current, key=rank)
