"""A clinic as one file describes it. Applying the file again changes only what differs."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated, Protocol

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from ccm_flow.app.clinic_hours import WEEKDAYS
from ccm_flow.core.alerts import OutOfHours
from ccm_flow.core.billing.model import Place
from ccm_flow.core.consent import VerbalConsent
from ccm_flow.core.credentials import Credential, StaffKind, is_npi, staff_kind
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId, RoleId
from ccm_flow.core.responsibility import OperatingModel
from ccm_flow.language.phrases import PhraseError, parse_budget

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
State = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


def _amount(text: str) -> str:
    try:
        parse_budget(text)
    except PhraseError as problem:
        raise ValueError(f"{problem.message} {problem.hint}") from None
    return text


Amount = Annotated[str, AfterValidator(_amount)]
"""Such as `30 minutes` or `4 business hours`."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HoursFile(_Strict):
    """A stretch of the day, in clinic time."""

    start: time = Field(description="When it begins, e.g. 08:00.")
    end: time = Field(description="When it ends.")


class StaffFile(_Strict):
    """One person of the staff."""

    id: Slug = Field(description="A short name for commands and files, e.g. `maria`.")
    name: str = Field(min_length=1, description="The name that others see.")
    email: str | None = Field(default=None, description="Where notices go.")
    roles: tuple[Slug | str, ...] = Field(min_length=1, description="Roles from the playbooks.")
    credential: Credential | None = Field(
        default=None, description="The licence, e.g. `rn`; minutes count only with a clinical one."
    )
    npi: str | None = Field(
        default=None, description="A practitioner's National Provider Identifier, in quotes."
    )
    organization: Slug | None = Field(
        default=None,
        description="The vendor's id for the vendor's people; the clinic's own when left out. "
        "Somebody of a vendor is one person at all its clinics: what a file leaves out about "
        "them stays as it is, and `null` or `[]` takes it away.",
    )
    languages: tuple[Language, ...] = Field(
        default=(), description="What they speak with patients, e.g. `[en, es]`; any if left out."
    )
    licensed_in: tuple[State, ...] = Field(
        default=(), description="States of the licence, e.g. `[MA, NH]`; not asked if left out."
    )
    capacity: int | None = Field(
        default=None, ge=1, le=2000, description="The most steps open at a time; no limit if not."
    )
    works: HoursFile | None = Field(
        default=None, description="Their hours; the clinic's when left out."
    )

    @model_validator(mode="after")
    def _npi_is_one(self) -> "StaffFile":
        if self.npi is None:
            return self
        if not is_npi(self.npi):
            raise ValueError(f"'{self.npi}' is not an NPI: ten digits, the last a check digit")
        if self.credential is None or staff_kind(self.credential) is not StaffKind.PRACTITIONER:
            raise ValueError("only a practitioner has an NPI here; give the credential too")
        return self


class ClosureFile(_Strict):
    """One day on which the clinic stays closed."""

    day: date = Field(description="The date, e.g. 2026-12-24.")
    reason: str = Field(min_length=1, description="Why, as staff will read it.")


class OrganizationFile(_Strict):
    """An organization: who a clinic belongs to, or the vendor that works for it."""

    id: Slug = Field(description="Its id, the same in the files of all its clinics.")
    name: str = Field(min_length=1, description="Its name.")


class BrandingFile(_Strict):
    """How a clinic looks and is named where patients and payers read it."""

    logo_text: str | None = Field(
        default=None, min_length=1, max_length=60, description="Words in place of a logo."
    )
    colour: str | None = Field(
        default=None, pattern=r"^#[0-9a-fA-F]{6}$", description='A colour, in quotes: `"#1f5f8b"`.'
    )


class OutreachFile(_Strict):
    """The numbers from which patients are reached."""

    calls: str | None = Field(default=None, description="The number calls are shown from.")
    texts: str | None = Field(default=None, description="The number text messages come from.")


class DocumentationFile(_Strict):
    """Time kept for completing and signing notes."""

    days: tuple[str, ...] = Field(default=WEEKDAYS[:5], description="`mon` to `sun`.")
    start: time = Field(description="When it begins, in clinic time.")
    end: time = Field(description="When it ends.")
    roles: tuple[str, ...] = Field(default=(), description="Whose it is; everybody's if left out.")


class RosterFile(_Strict):
    """How the clinic's own list of patients is read."""

    columns: Mapping[str, str] = Field(
        default={}, description='Field: column, e.g. `mrn: "Chart #"`; see docs/import.md.'
    )
    dates: str | None = Field(
        default=None, description="How days are written, e.g. `MM/DD/YYYY`; by the values if not."
    )


class ResponsibilityFile(_Strict):
    """Which organization does what."""

    model: OperatingModel = Field(
        default=OperatingModel.IN_HOUSE,
        description="`in_house`, `hybrid` (the vendor coordinates) or `managed` (all but "
        "practitioners and billers).",
    )
    start: date | None = Field(
        default=None, description="From which day; from the day it is applied when left out."
    )
    roles: Mapping[str, str] = Field(
        default={}, description="Beside the model, role: `clinic`, `vendor` or `anybody`."
    )
    steps: Mapping[str, str] = Field(
        default={}, description="Single steps, before what holds for their role."
    )


class OnCallFile(_Strict):
    """A number that takes alerts, e.g. an answering service."""

    name: str = Field(min_length=1, max_length=60, description="Who answers there.")
    phone: str = Field(min_length=3, max_length=40, description="The number to call.")


class ClocksFile(_Strict):
    """Amounts of time, one for each urgency."""

    urgent: Amount | None = Field(default=None, description="E.g. `30 minutes`.")
    routine: Amount | None = Field(default=None, description="E.g. `4 business hours`.")


class ClosedFile(_Strict):
    """What becomes of alerts while an organization is closed."""

    urgent: OutOfHours | None = Field(default=None, description="`on_call` or `opening`.")
    routine: OutOfHours = Field(default=OutOfHours.OPENING, description="`on_call` or `opening`.")


class AlertSideFile(_Strict):
    """How one of the two organizations takes what the other tells it."""

    acknowledge: ClocksFile = Field(
        default=ClocksFile(),
        description="By when somebody says that they take it: 30 minutes and 4 business hours "
        "when left out.",
    )
    reply: ClocksFile = Field(
        default=ClocksFile(),
        description="By when a question is answered; the step's own deadline when left out.",
    )
    closed: ClosedFile = Field(
        default=ClosedFile(),
        description="`on_call`, or `opening`: it waits and its clock runs from opening. Urgent "
        "alerts go to who is on call where somebody is, when left out.",
    )
    on_call: tuple[Slug | OnCallFile, ...] = Field(
        default=(), description="In this order: people of the staff, or `{name, phone}`."
    )
    then: tuple[str, ...] = Field(
        default=("program_lead",),
        description="Roles whose turn it is when nobody acknowledged in time.",
    )
    hours: HoursFile | None = Field(
        default=None, description="Its own hours; the clinic's when left out."
    )
    days: tuple[str, ...] | None = Field(
        default=None, description="Its own working days; the clinic's when left out."
    )
    time_zone: str | None = Field(
        default=None, description="Its own time zone; the clinic's when left out."
    )


class AlertsFile(_Strict):
    """What the clinic and its vendor tell each other."""

    clinic: AlertSideFile = Field(
        default=AlertSideFile(), description="How the clinic takes the vendor's alerts."
    )
    vendor: AlertSideFile = Field(
        default=AlertSideFile(), description="How the vendor takes the clinic's alerts."
    )


class BillingFile(_Strict):
    """What billing needs to know of a clinic."""

    facility: Place = Field(
        default=Place.OFFICE,
        description="Where patients are seen: `office`, `facility` (a hospital's outpatients), "
        "`rhc` or `fqhc`.",
    )
    locality: str | None = Field(
        default=None,
        min_length=1,
        description="The payment locality whose file of amounts is used; national when left out.",
    )
    place_of_service: str | None = Field(
        default=None,
        pattern=r"^[0-9]{2}$",
        description="The two digits on claims, in quotes, where the usual ones do not fit.",
    )


class ClinicFile(_Strict):
    """A clinic."""

    clinic: Slug = Field(description="The clinic's id.")
    name: str = Field(min_length=1, description="The clinic's name, as patients hear it.")
    phone: str | None = Field(default=None, description="The number patients call back.")
    time_zone: str = Field(description="An IANA time zone, e.g. `America/New_York`.")
    opens: time = Field(default=time(9), description="Opening time.")
    closes: time = Field(default=time(17), description="Closing time.")
    working_days: tuple[str, ...] = Field(default=WEEKDAYS[:5], description="`mon` to `sun`.")
    verbal_consent: VerbalConsent = Field(
        default=VerbalConsent.ALLOWED,
        description="From whom consent is taken by word: `allowed` for everybody, or "
        "`seen_within_12_months` where the Medicare contractor wants it written from others.",
    )
    billing: BillingFile = Field(
        default=BillingFile(), description="What billing needs to know of the clinic."
    )
    paused: bool = Field(default=False, description="A paused clinic opens no new month.")
    timer_limit_minutes: int | None = Field(
        default=None,
        ge=5,
        le=240,
        description="A timer that ran longer asks for the work's real end; 120 when left out.",
    )
    organization: OrganizationFile | None = Field(
        default=None, description="Who the clinic belongs to; itself when left out."
    )
    vendor: OrganizationFile | None = Field(
        default=None,
        description="The vendor that works here now; its managers see the clinic.",
    )
    responsibility: ResponsibilityFile | None = Field(
        default=None, description="Who does what; the map stays as it is when left out."
    )
    branding: BrandingFile = Field(
        default=BrandingFile(), description="How the clinic looks in packets and letters."
    )
    outreach: OutreachFile = Field(
        default=OutreachFile(), description="The numbers patients are reached from."
    )
    documentation: tuple[DocumentationFile, ...] = Field(
        default=(), description="Time kept for notes."
    )
    roster: RosterFile = Field(
        default=RosterFile(), description="How the clinic's list of patients is read."
    )
    alerts: AlertsFile = Field(
        default=AlertsFile(), description="How the clinic and its vendor tell each other."
    )
    playbooks: tuple[str, ...] = Field(
        default=(),
        description="Playbooks or overlays beside this file that the clinic uses in place of "
        "those that come with CCM Flow, e.g. `[riverside_ccm.yaml]`.",
    )
    program_owner: Slug = Field(description="Who answers for steps that nobody else can own.")
    staff: tuple[StaffFile, ...] = Field(min_length=1, description="Everybody who does steps here.")
    closures: tuple[ClosureFile, ...] = Field(
        default=(), description="Days on which the clinic stays closed, beside holidays."
    )

    @model_validator(mode="after")
    def _holds_together(self) -> "ClinicFile":
        people = [person.id for person in self.staff]
        if len(set(people)) != len(people):
            raise ValueError("two people of the staff have the same id")
        if self.program_owner not in people:
            raise ValueError(f"the program owner '{self.program_owner}' is not on the staff")
        if self.closes <= self.opens:
            raise ValueError("the clinic closes before it opens")
        known = {self.owner, *([self.vendor.id] if self.vendor else [])}
        strangers = sorted({person.organization for person in self.staff} - known - {None}, key=str)
        if strangers:
            raise ValueError(
                f"'{strangers[0]}' is neither the clinic's organization nor its vendor"
            )
        unknown = set(self.working_days) - set(WEEKDAYS)
        if unknown:
            raise ValueError(f"working days are {', '.join(WEEKDAYS)}; not {sorted(unknown)}")
        return self

    @property
    def owner(self) -> OrganizationId:
        """The organization that the clinic belongs to."""
        return OrganizationId(self.organization.id if self.organization else self.clinic)

    def person(self, slug: str) -> PersonId:
        """Name somebody of the staff: the clinic's own by the clinic, others by their vendor."""
        found = next(person for person in self.staff if person.id == slug)
        return self.person_of(found)

    def person_of(self, person: StaffFile) -> PersonId:
        """Name somebody of the staff: unique across clinics, readable in a ledger."""
        if person.organization in (None, self.owner):
            return PersonId(f"{self.clinic}.{person.id}")
        return PersonId(f"{person.organization}.{person.id}")

    def with_role(self, role: RoleId) -> list[str]:
        """List the people who hold a role."""
        return [person.id for person in self.staff if role in person.roles]


class ClinicStore(Protocol):
    """Where clinics are kept."""

    def apply(self, file: ClinicFile, now: datetime) -> None:
        """Bring a clinic in line with its file."""
        ...

    def clinics(self) -> list[ClinicId]:
        """List the clinics of this set-up."""
        ...
