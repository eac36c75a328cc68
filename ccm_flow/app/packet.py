"""
The evidence packet of one patient's month: everything that an auditor asks for, in one place.

Its order is that of an answer to an additional documentation request: the need in words,
eligibility, care plan, consent, services, minutes, then codes and the ledger (Noridian; CMS CERT
findings; medicare-rules section 3). The packet is data; JSON and PDF are written from it, and both
carry the SHA-256 of its content. Field names are the keys of the JSON, so they do not change
lightly; instants are in UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Protocol

from ccm_flow.core.ids import ClinicId, EnrollmentId
from ccm_flow.core.month import Month

FORMAT: Final = "ccm-flow packet 1"
"""Names the layout of the data; a change of meaning is a new number."""


@dataclass(frozen=True, slots=True)
class PacketClinic:
    """Who sends the packet."""

    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class PacketPatient:
    """Whom it is about."""

    name: str
    mrn: str
    birth_date: date | None
    sex: str
    phone: str
    address: str
    payer: str
    member_id: str | None


@dataclass(frozen=True, slots=True)
class Signer:
    """A person of the staff, as the record names them."""

    name: str
    credential: str = ""
    npi: str | None = None


@dataclass(frozen=True, slots=True)
class PacketCondition:
    """One chronic condition that counts, with its dated evidence."""

    group: str
    code_system: str
    code: str
    display: str
    icd10: str | None
    """When the record gives one."""
    since: date | None


@dataclass(frozen=True, slots=True)
class PacketEligibility:
    """On what grounds the patient is in the program."""

    conditions: tuple[PacketCondition, ...]
    risk_rationale: str | None
    """The practitioner's words; None when nobody has written any."""
    risk_by: str | None
    risk_at: datetime | None
    coverage: str
    coverage_from: date | None
    coverage_until: date | None
    initiating_visit: date | None


@dataclass(frozen=True, slots=True)
class PacketShare:
    """Proof that the plan was given to somebody."""

    to_whom: str
    how: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PacketGoal:
    """Something to reach, and how it is measured."""

    goal: str
    measure: str
    target: str
    by: date | None


@dataclass(frozen=True, slots=True)
class PacketPlan:
    """The version of the care plan that was in force at the month's end."""

    version: int
    written_by: str
    written_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    goals: tuple[PacketGoal, ...]
    elements: tuple[tuple[str, tuple[str, ...]], ...]
    """Each element's title and lines, in order, without the goals."""
    shares: tuple[PacketShare, ...]
    missing: tuple[str, ...]
    """What keeps it from being complete."""


@dataclass(frozen=True, slots=True)
class PacketConsent:
    """One answer of the patient."""

    answer: str
    mode: str
    wording: str
    """The version of the wording that was used."""
    statements: tuple[str, ...]
    taken_by: str
    taken_at: datetime
    effective_from: date
    last_day: date | None
    note: str | None
    practitioner: str | None
    """The billing practitioner whom it binds."""
    signature: str | None
    """Where the signed form is kept, or the patient's words."""


@dataclass(frozen=True, slots=True)
class PacketContact:
    """One try at contact, or one contact."""

    at: datetime
    what: str
    channel: str | None
    result: str
    reached: bool
    by: str


@dataclass(frozen=True, slots=True)
class PacketTime:
    """One time entry."""

    id: str
    started_at: datetime
    ended_at: datetime
    seconds: int
    person: str
    credential: str
    activity: str
    source: str
    entered_at: datetime
    lag_seconds: int
    """From the work's end until it was entered."""
    counted: bool
    why_not: str | None
    corrects: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class PacketNote:
    """One note; an amendment names the note it amends."""

    id: str
    kind: str
    author: str
    written_at: datetime
    signed_by: str | None
    signed_at: datetime | None
    cosigned_by: str | None
    cosigned_at: datetime | None
    text: str
    fields: tuple[tuple[str, str], ...]
    amends: str | None
    because: str | None


@dataclass(frozen=True, slots=True)
class PacketCode:
    """One line of the claim."""

    code: str
    title: str
    units: int
    on: date
    amount: Decimal | None
    approximate: bool
    reasoning: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PacketCodes:
    """What may be billed, why, and who approved it."""

    state: str
    """`not closed` until the month is closed."""
    lines: tuple[PacketCode, ...]
    blocked: tuple[str, ...]
    reasoning: tuple[str, ...]
    rules: str
    rules_sha256: str
    facts_sha256: str
    approved_by: str | None
    approved_at: datetime | None
    changed: tuple[str, ...]
    """What the record says differently now than when the line was made."""


@dataclass(frozen=True, slots=True)
class PacketEvent:
    """One line of the ledger, and its hash in the chain of this extract."""

    at: datetime
    stream: str
    number: str
    """Sequence and position in the stream."""
    kind: str
    actor: str | None
    detail: Mapping[str, object]
    sha256: str


@dataclass(frozen=True, slots=True)
class Packet:
    """The whole packet, in its order."""

    format: str
    demo: bool
    """Made-up patient, simulated minutes: never to be billed."""
    month: Month
    program: str
    clinic: PacketClinic
    patient: PacketPatient
    practitioner: Signer
    need: str
    """Why the patient needs care management, in words."""
    eligibility: PacketEligibility
    care_plan: PacketPlan | None
    consents: tuple[PacketConsent, ...]
    contacts: tuple[PacketContact, ...]
    time: tuple[PacketTime, ...]
    counted_seconds: int
    notes: tuple[PacketNote, ...]
    codes: PacketCodes
    ledger: tuple[PacketEvent, ...]


class PacketRecord(Protocol):
    """The port to the evidence."""

    def packet(
        self, enrollment: EnrollmentId, month: Month, codes: PacketCodes, *, demo: bool
    ) -> Packet:
        """Put a patient's month together."""
        ...

    def enrollments(self, clinic: ClinicId, month: Month) -> Sequence[EnrollmentId]:
        """List the patients of a month, by name."""
        ...
