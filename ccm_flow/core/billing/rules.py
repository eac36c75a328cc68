"""
Billing rules as values: what a rule file says, once it was read and checked.

The kinds of rules are here; every code, number, pair and amount is data. Each rule carries its
basis: its id, its source in full words and how well it is founded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from ccm_flow.core.billing.model import (
    Basis,
    Code,
    DecisionMaking,
    LocalityId,
    Place,
    PractitionerKind,
    ProgramId,
    Worker,
)
from ccm_flow.core.billing.need_rules import Act, Need
from ccm_flow.core.month import Month


class Scope(StrEnum):
    """Between whose services a pair of codes is judged."""

    SAME = "same practitioner"
    OTHER = "other practitioner"
    ANY = "any practitioner"


class CapPeriod(StrEnum):
    """For how long a cap of units holds."""

    MONTH = "month"
    EPISODE = "episode"
    """Once for each episode of care; an earlier one is shown, and a person decides."""
    EVER = "ever"


@dataclass(frozen=True, slots=True)
class Minutes:
    """Earned by a first number of whole minutes in the month."""

    minutes: int
    workers: tuple[Worker, ...]
    """Whose minutes count."""
    basis: Basis


@dataclass(frozen=True, slots=True)
class EachMore:
    """An add-on: earned by each further full number of minutes beyond its base."""

    minutes: int
    base: tuple[Code, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Monthly:
    """Earned by the month itself, whatever the minutes."""

    basis: Basis


@dataclass(frozen=True, slots=True)
class Recorded:
    """Earned by an act that the clinic recorded; with a base, an add-on to it."""

    base: tuple[Code, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Days:
    """Earned by days with readings in a 30-day period."""

    at_least: int
    at_most: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class AfterDischarge:
    """Earned by seeing a patient soon after a discharge; covers the days that follow it."""

    visit_within: int
    """Days after the discharge."""
    decision_making: frozenset[DecisionMaking]
    covers: int
    """Days from the discharge on, its own day the first."""
    basis: Basis


@dataclass(frozen=True, slots=True)
class Instead:
    """Billed in place of codes that were earned, where those are not paid by themselves."""

    of: tuple[Code, ...]
    basis: Basis


Earned = Minutes | EachMore | Monthly | Recorded | Days | AfterDischarge | Instead


@dataclass(frozen=True, slots=True)
class Cap:
    """The most units; None when there is no limit."""

    units: int | None
    period: CapPeriod
    basis: Basis


@dataclass(frozen=True, slots=True)
class Payable:
    """When and where a code is paid at all."""

    first_day: date
    last_day: date
    places: frozenset[Place]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Rate:
    """What Medicare allows for one unit from a day on, nationally; None when not known."""

    first_day: date
    amount: Decimal | None
    """Outside facilities."""
    facility: Decimal | None
    approximate: bool
    basis: Basis


@dataclass(frozen=True, slots=True)
class CodeRule:
    """Everything that one rule file says about one code."""

    code: Code
    title: str
    """In our own short words."""
    program: ProgramId | None
    family: str
    """Of one family, one base code is billed in a month."""
    earned: Earned
    most: Cap
    payable: Payable
    when: tuple[Need, ...] = ()
    """Decides whether this code of its family is the right one."""
    needs: tuple[Need, ...] = ()
    rates: tuple[Rate, ...] = ()
    """By day, the earliest first."""

    @property
    def carries(self) -> bool:
        """Tell whether a program's month can rest on this code by itself."""
        return isinstance(self.earned, Minutes | Monthly | Days | AfterDischarge)

    @property
    def base(self) -> tuple[Code, ...]:
        """Give the codes this one is added to; empty for a code that stands alone."""
        return self.earned.base if isinstance(self.earned, EachMore | Recorded) else ()

    @property
    def all_bases(self) -> tuple[Basis, ...]:
        """Give what every rule about this code rests on."""
        parts = (self.earned, self.most, self.payable, *self.when, *self.needs, *self.rates)
        return tuple(dict.fromkeys(part.basis for part in parts))


@dataclass(frozen=True, slots=True)
class Program:
    """What a program asks for before any of its codes is billed."""

    id: ProgramId
    title: str
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Codes of which only one is billed in a month."""

    id: str
    title: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class OtherService:
    """Codes that are never worked out here; known because they may stand beside ours."""

    id: str
    title: str
    codes: tuple[Code, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sets of codes for one patient at the same time, and what follows."""

    first: frozenset[Code]
    second: frozenset[Code]
    act: Act
    scope: Scope
    why: str
    """A sentence."""
    basis: Basis

    def holds(self, one: Code, other: Code) -> bool:
        """Tell whether this is about two codes, in whichever order."""
        return (one in self.first and other in self.second) or (
            other in self.first and one in self.second
        )


@dataclass(frozen=True, slots=True)
class Payment:
    """How an allowed amount is split and reduced."""

    medicare_percent: int
    sequestration_percent: int
    reduced_percent: int
    reduced_kinds: frozenset[PractitionerKind]
    flat_places: frozenset[Place]
    """Where the national amount is paid whole, whoever bills."""
    covers_qualifying: bool
    """The amounts hold for qualifying participants of advanced payment models too."""
    share: Basis
    sequestration: Basis
    reduction: Basis
    flat: Basis
    qualifying: Basis

    @property
    def all_bases(self) -> tuple[Basis, ...]:
        """Give what the model rests on."""
        return (self.share, self.sequestration, self.reduction, self.flat, self.qualifying)


@dataclass(frozen=True, slots=True)
class LocalityRates:
    """The amounts of one payment locality, in place of the national ones."""

    id: LocalityId
    title: str
    first_month: Month
    last_month: Month
    amounts: Mapping[Code, Decimal]
    """For one unit, outside facilities."""
    basis: Basis


@dataclass(frozen=True, slots=True)
class RuleBook:
    """One rule file: everything that holds from its first to its last month."""

    id: str
    title: str
    first_month: Month
    last_month: Month
    codes: Mapping[Code, CodeRule]
    """In the file's order, which settles ties."""
    programs: Mapping[ProgramId, Program]
    families: Mapping[str, Family]
    elsewhere: tuple[OtherService, ...]
    pairs: tuple[Pair, ...]
    payment: Payment
    attestations: Mapping[str, str] = field(default_factory=dict)
    localities: tuple[LocalityRates, ...] = ()

    def covers(self, month: Month) -> bool:
        """Tell whether a month lies in the file's period."""
        return self.first_month <= month <= self.last_month

    def locality(self, id_: LocalityId, on: date) -> LocalityRates | None:
        """Give the amounts of a locality for a day."""
        for local in self.localities:
            if local.id == id_ and local.first_month <= Month.of(on) <= local.last_month:
                return local
        return None

    def addons(self, base: Code) -> tuple[CodeRule, ...]:
        """Give the codes that are added to a base."""
        return tuple(rule for rule in self.codes.values() if base in rule.base)

    @property
    def all_bases(self) -> tuple[Basis, ...]:
        """Give what every rule of the file rests on, each once."""
        found = [basis for rule in self.codes.values() for basis in rule.all_bases]
        found += [need.basis for program in self.programs.values() for need in program.needs]
        found += [family.basis for family in self.families.values()]
        found += [other.basis for other in self.elsewhere]
        found += [pair.basis for pair in self.pairs]
        return tuple(dict.fromkeys([*found, *self.payment.all_bases]))
