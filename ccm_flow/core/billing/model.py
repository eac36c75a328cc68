"""
What billing is judged by, and what comes out of it.

`BillingFacts` is everything that counts about one enrollment's month; `BillingResult` is what a
biller may put on a claim, what may not, and why, line by line. Nothing here knows a code: codes,
thresholds and caps are in the rule files.

Minutes that can never count (hospice, inpatient stays, non-clinical staff, unsigned work) must be
left out before they get here.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month

Code = NewType("Code", str)
"""A procedure code, e.g. `99490`."""
ProgramId = NewType("ProgramId", str)
"""A program's short name, e.g. `CCM`, as in a playbook's `program:`."""
RuleId = NewType("RuleId", str)
"""Names one rule of a rule file, e.g. `99490.first`."""
LocalityId = NewType("LocalityId", str)
"""A payment locality, as its file of amounts names it."""


class RuleStatus(StrEnum):
    """How well a rule is founded."""

    CONFIRMED = "confirmed"
    """Read in a payer's, an agency's or an association's own words."""
    VENDOR = "vendor"
    """A vendor, a forum or another second hand says so."""
    VERIFY = "from memory: verify"
    """No source was opened; look it up before money hangs on it."""


@dataclass(frozen=True, slots=True)
class Basis:
    """Which rule, who says so, and how well it is founded."""

    id: RuleId
    source: str
    """In full words, e.g. `NGS Medicare, Care Management`."""
    status: RuleStatus

    def __str__(self) -> str:
        doubt = "" if self.status is RuleStatus.CONFIRMED else f"; {self.status}"
        return f"[{self.id}; {self.source}{doubt}]"


class Worker(StrEnum):
    """Whose minutes they are."""

    CLINICAL_STAFF = "clinical_staff"
    """Under the practitioner's general supervision."""
    PRACTITIONER = "practitioner"
    """The billing practitioner's own."""


class PractitionerKind(StrEnum):
    """Who bills; some are paid less than a physician."""

    PHYSICIAN = "physician"
    NURSE_PRACTITIONER = "nurse_practitioner"
    PHYSICIAN_ASSISTANT = "physician_assistant"
    CLINICAL_NURSE_SPECIALIST = "clinical_nurse_specialist"
    NURSE_MIDWIFE = "nurse_midwife"


class Place(StrEnum):
    """Where the patient is usually seen; it decides which codes and amounts apply."""

    OFFICE = "office"
    FACILITY = "facility"
    """A hospital outpatient department or another facility."""
    RHC = "rhc"
    """A rural health clinic."""
    FQHC = "fqhc"
    """A federally qualified health center."""


class DecisionMaking(StrEnum):
    """How complex the practitioner's medical decisions were in the month."""

    STRAIGHTFORWARD = "straightforward"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Who bills for the month."""

    id: PersonId
    kind: PractitionerKind = PractitionerKind.PHYSICIAN
    qualifying: bool = False
    """A qualifying participant of an advanced payment model; has rates of their own."""


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """The patient's latest answer."""

    accepted: bool
    taken_at: datetime
    """On the clinic's clock."""
    practitioner: PersonId
    """For whose services it was given."""
    last_day: date | None = None
    """The last day it is in force, once it was revoked: the end of a month."""


@dataclass(frozen=True, slots=True)
class CarePlanFact:
    """What there is of the care plan by the end of the month."""

    established_on: date
    shared_on: date | None = None
    """When the patient or caregiver was first given a copy."""
    revised_on: date | None = None
    """The latest day it was substantially revised."""


@dataclass(frozen=True, slots=True)
class TimeFact:
    """One stretch of countable work; corrected entries stand here as they are now."""

    id: str
    started_at: datetime
    """On the clinic's clock; its month is the month it counts for."""
    seconds: int
    worker: Worker
    program: ProgramId
    """The one program it was worked for; minutes count for no other."""


@dataclass(frozen=True, slots=True)
class Service:
    """Something billed, or about to be, for the patient: by us outside this month, or by others."""

    code: Code
    on: date
    """Date of service."""
    practitioner: PersonId | None = None
    """None when it is not known; what only we may not bill beside it is then a warning."""
    discharged_on: date | None = None
    """For services that cover the days after a discharge."""


@dataclass(frozen=True, slots=True)
class Performed:
    """An act that a code stands for, recorded by the clinic and not billed yet."""

    code: Code
    on: date


@dataclass(frozen=True, slots=True)
class Discharge:
    """A discharge home and what was done about it."""

    on: date
    contacted_in_time: bool
    """The patient or caregiver was reached, or tried twice, within two business days."""
    visit_on: date | None
    decision_making: DecisionMaking | None


@dataclass(frozen=True, slots=True)
class DeviceDays:
    """The days with readings in one 30-day period of remote monitoring."""

    days: int
    ends_on: date
    """The period's last day; the period counts for the month that it ends in."""


@dataclass(frozen=True, slots=True)
class BillingFacts:
    """Everything that billing one enrollment's month depends on."""

    month: Month
    programs: frozenset[ProgramId]
    """The programs the patient is in with this practitioner."""
    practitioner: Practitioner
    enrolled_on: date
    consent: ConsentFact | None = None
    care_plan: CarePlanFact | None = None
    time: tuple[TimeFact, ...] = ()
    decision_making: DecisionMaking | None = None
    condition_groups: int = 0
    """Active chronic condition groups with evidence on file."""
    qmb: bool = False
    """A qualified Medicare beneficiary in this month."""
    initiating_visit_on: date | None = None
    """The latest visit that may start the program."""
    services: tuple[Service, ...] = ()
    """Of the month and around it (90 days are enough), and ever for what is paid once."""
    performed: tuple[Performed, ...] = ()
    discharges: tuple[Discharge, ...] = ()
    device: DeviceDays | None = None
    attested: frozenset[str] = frozenset()
    """What the practitioner states, in the words of the rule file, e.g. `primary_care`."""
    place: Place = Place.OFFICE
    locality: LocalityId | None = None
    place_of_service: str | None = None
    """The two digits for the claim; those that fit `place` when None."""


@dataclass(frozen=True, slots=True)
class BillingLine:
    """One line of a claim."""

    code: Code
    title: str
    program: ProgramId
    units: int
    on: date
    """Date of service."""
    amount: Decimal | None
    """What Medicare allows for all units, in dollars; None when the rule files do not know."""
    medicare_pays: Decimal | None
    """Medicare's share of it, after sequestration and before any deductible."""
    patient_share: Decimal | None
    """The share of the patient or of a supplement."""
    approximate: bool
    """The amount is a rounded one."""
    rate: Basis | None
    """Where the amount comes from."""
    seconds: int
    """Of the counted time, how much this line rests on."""
    reasoning: tuple[str, ...]
    """Sentences, each with the rule it rests on."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A code that the month would seem to give, and why it may not be billed."""

    code: Code
    why: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class BillingWarning:
    """Something a biller should look at; it stops nothing."""

    message: str
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class BillingResult:
    """What may be billed for a month."""

    rules: str
    """The name of the rule file it was judged by, e.g. `medicare-2026`."""
    lines: tuple[BillingLine, ...] = ()
    blocked: tuple[Blocked, ...] = ()
    warnings: tuple[BillingWarning, ...] = ()
    reasoning: tuple[str, ...] = field(default=())
    """The whole argument, in order."""

    @property
    def amount(self) -> Decimal | None:
        """Give what Medicare allows for the month; None when a line's amount is not known."""
        amounts = [line.amount for line in self.lines]
        known = [amount for amount in amounts if amount is not None]
        return sum(known, Decimal(0)) if len(known) == len(amounts) else None
