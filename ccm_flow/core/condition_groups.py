"""
Which codes say which chronic condition, and which services exclude the program.

CMS publishes no closed list of conditions for chronic care management, so both are data; this
module only knows how they are asked.
"""

from dataclasses import dataclass
from enum import StrEnum

from ccm_flow.core.patient_facts import CodeSystem, GroupId


class Lasts(StrEnum):
    """How long a group's conditions are expected to last; CCM asks for 12 months or until death."""

    UNTIL_DEATH = "until_death"
    TWELVE_MONTHS = "twelve_months"
    """As a rule a year or more; the record or the practitioner has to bear it out."""


class Excludes(StrEnum):
    """Why a service in the month stands against the program."""

    ESRD_MONTHLY = "esrd_monthly"
    ANOTHER_PRACTITIONER = "another_practitioner"


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of every vocabulary."""

    icd10: tuple[str, ...] = ()
    """Prefixes without the dot, e.g. `E11`, `I110`."""
    snomed: frozenset[str] = frozenset()
    cms_flags: frozenset[str] = frozenset()
    """Column names of a CMS beneficiary summary, e.g. `SP_DIABETES`."""

    def hold(self, system: CodeSystem, code: str) -> bool:
        """Tell whether a code is among them."""
        if system is CodeSystem.SNOMED:
            return code in self.snomed
        if system is CodeSystem.ICD10:
            return bool(self.icd10) and code.replace(".", "").upper().startswith(self.icd10)
        return system is CodeSystem.CMS_FLAG and code in self.cms_flags


@dataclass(frozen=True, slots=True)
class ConditionGroup:
    """One chronic disease, however many codes say it."""

    id: GroupId
    title: str
    codes: Codes
    lasts: Lasts | None = Lasts.UNTIL_DEATH
    """None for what is acute, curable, historical or too weak alone: shown, never counted."""
    spanish: str = ""
    """What it is called within a Spanish sentence; empty when nobody wrote it down."""

    @property
    def counts(self) -> bool:
        """Whether the group is counted at all."""
        return self.lasts is not None


@dataclass(frozen=True, slots=True)
class ExcludingServices:
    """Services that exclude the program in the same calendar month."""

    excludes: Excludes
    title: str
    codes: frozenset[str]
    only_others: bool = False
    """Whether the clinic's own services of these codes are no obstacle."""


@dataclass(frozen=True, slots=True)
class ConditionGroups:
    """Everything the rules file says."""

    groups: tuple[ConditionGroup, ...]
    """In the order in which they are tried: the first that holds a code wins."""
    services: tuple[ExcludingServices, ...] = ()
    kidney_failure: Codes = Codes()
    """What says end-stage renal disease, for the warning about dialysis."""
    dialysis_words: tuple[str, ...] = ()
    """Words in a visit's name that say dialysis, in small letters."""

    def find(self, system: CodeSystem, code: str) -> ConditionGroup | None:
        """Give the group of a code; None when no group holds it."""
        return next((group for group in self.groups if group.codes.hold(system, code)), None)
