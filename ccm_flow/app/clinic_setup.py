"""A clinic as one file describes it. Applying the file again changes only what differs."""

from datetime import date, datetime, time
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ccm_flow.app.clinic_hours import WEEKDAYS
from ccm_flow.core.billing.model import Place
from ccm_flow.core.consent import VerbalConsent
from ccm_flow.core.credentials import Credential, StaffKind, is_npi, staff_kind
from ccm_flow.core.ids import ClinicId, RoleId

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,39}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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
    program_owner: Slug = Field(description="Who answers for steps that nobody else can own.")
    staff: tuple[StaffFile, ...] = Field(min_length=1)
    closures: tuple[ClosureFile, ...] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> "ClinicFile":
        people = [person.id for person in self.staff]
        if len(set(people)) != len(people):
            raise ValueError("two people of the staff have the same id")
        if self.program_owner not in people:
            raise ValueError(f"the program owner '{self.program_owner}' is not on the staff")
        if self.closes <= self.opens:
            raise ValueError("the clinic closes before it opens")
        unknown = set(self.working_days) - set(WEEKDAYS)
        if unknown:
            raise ValueError(f"working days are {', '.join(WEEKDAYS)}; not {sorted(unknown)}")
        return self

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
