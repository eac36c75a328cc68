"""What a rule file may ask for before a code is billed: one type for each kind of need."""

from dataclasses import dataclass
from enum import StrEnum

from ccm_flow.core.billing.model import Basis, DecisionMaking


class Act(StrEnum):
    """What follows when a rule is not kept, or when two codes meet."""

    BLOCK = "block"
    WARN = "warn"
    ALLOW = "allow"


@dataclass(frozen=True, slots=True)
class ConsentNeed:
    """A consent in force, for this practitioner; minutes before it do not count."""

    basis: Basis
    act: Act = Act.BLOCK


@dataclass(frozen=True, slots=True)
class PlanNeed:
    """A care plan by the end of the month."""

    basis: Basis
    act: Act = Act.BLOCK


@dataclass(frozen=True, slots=True)
class SharedPlanNeed:
    """A copy of the care plan given to the patient or caregiver."""

    basis: Basis
    act: Act = Act.BLOCK


@dataclass(frozen=True, slots=True)
class RevisedPlanNeed:
    """A care plan established or substantially revised in this very month."""

    basis: Basis
    act: Act = Act.BLOCK


@dataclass(frozen=True, slots=True)
class ConditionsNeed:
    """A number of chronic condition groups."""

    at_least: int
    at_most: int | None
    basis: Basis
    act: Act = Act.BLOCK


@dataclass(frozen=True, slots=True)
class VisitNeed:
    """A visit that starts the program, not longer than some months before enrolling."""

    months: int
    basis: Basis
    act: Act = Act.BLOCK


@dataclass(frozen=True, slots=True)
class DecisionNeed:
    """Medical decisions of some complexity."""

    levels: frozenset[DecisionMaking]
    basis: Basis
    act: Act = Act.BLOCK


@dataclass(frozen=True, slots=True)
class QmbNeed:
    """Being, or not being, a qualified Medicare beneficiary."""

    wanted: bool
    basis: Basis
    act: Act = Act.BLOCK


@dataclass(frozen=True, slots=True)
class AttestedNeed:
    """Something the practitioner states."""

    word: str
    meaning: str
    basis: Basis
    act: Act = Act.BLOCK


Need = (
    ConsentNeed
    | PlanNeed
    | SharedPlanNeed
    | RevisedPlanNeed
    | ConditionsNeed
    | VisitNeed
    | DecisionNeed
    | QmbNeed
    | AttestedNeed
)
