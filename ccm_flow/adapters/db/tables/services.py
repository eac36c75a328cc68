"""Billed services that other rules look at: what was billed for a patient, by whom, and when."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import String
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.app.statuses import ServiceOrigin
from ccm_flow.core.ids import PatientId, PersonId


class ServiceRow(SQLModel, table=True):
    """
    One billed service, for good: the database itself refuses UPDATE and DELETE.

    A row with `voids` is no service: it takes the named row back. A correction is such a row and
    a new one.
    """

    __tablename__: ClassVar[str] = "service"

    id: str = Field(primary_key=True)
    patient_id: PatientId = Field(foreign_key="patient.id", index=True, sa_type=String)
    code: str
    """HCPCS or CPT, e.g. `99490`, `G0181`."""
    starts_on: date
    ends_on: date
    """The last day; the first one again for a service of a day."""
    practitioner: str = ""
    """Who billed it, as the source names them; empty when it does not say."""
    origin: ServiceOrigin = Field(sa_type=text_of(ServiceOrigin))
    source_id: str | None = None
    """The claim and item over there; None for what a person said."""
    by: PersonId | None = Field(default=None, foreign_key="person.id", sa_type=String)
    at: datetime = Field(sa_type=UtcDateTime)
    """When it was written down here."""
    voids: str | None = Field(default=None, foreign_key="service.id", index=True)
