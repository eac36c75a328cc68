"""Who may sign in, from where, and who looked at what."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from ccm_flow.adapters.db.columns import UtcDateTime, text_of
from ccm_flow.core.access import AccessRole
from ccm_flow.core.ids import ClinicId, OrganizationId, PatientId, PersonId


class AccountRow(SQLModel, table=True):
    """How a person of the staff signs in."""

    __tablename__: ClassVar[str] = "account"
    __table_args__ = (UniqueConstraint("username"), UniqueConstraint("oidc_subject"))

    person_id: PersonId = Field(primary_key=True, foreign_key="person.id", sa_type=String)
    username: str
    """Lower case; usually the e-mail address."""
    password_hash: str | None = None
    """Argon2id; None for somebody who only uses single sign-on or is still invited."""
    totp_secret: str | None = None
    totp_last_step: int | None = None
    """The time step of the last code that was used, so that no code works twice."""
    oidc_subject: str | None = None
    """Issuer and subject of the single sign-on identity."""
    failed_tries: int = 0
    last_failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    password_set_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AccessGrantRow(SQLModel, table=True):
    """An access role beyond the playbook roles that a person has at a clinic."""

    __tablename__: ClassVar[str] = "access_grant"

    id: str = Field(primary_key=True)
    person_id: PersonId = Field(foreign_key="person.id", index=True, sa_type=String)
    role: AccessRole = Field(sa_type=text_of(AccessRole))
    clinic_id: ClinicId | None = Field(default=None, foreign_key="clinic.id", sa_type=String)
    organization_id: OrganizationId | None = Field(
        default=None, foreign_key="organization.id", sa_type=String
    )
    granted_at: datetime = Field(sa_type=UtcDateTime)
    granted_by: PersonId | None = Field(default=None, sa_type=String)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """A row that is withdrawn allows nothing any more; it stays for who asks later."""
    withdrawn_by: PersonId | None = Field(default=None, sa_type=String)


class WebSessionRow(SQLModel, table=True):
    """A signed-in browser. The cookie's token is kept only as its hash."""

    __tablename__: ClassVar[str] = "web_session"

    token_hash: str = Field(primary_key=True)
    person_id: PersonId = Field(foreign_key="person.id", index=True, sa_type=String)
    started_at: datetime = Field(sa_type=UtcDateTime)
    last_seen_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    awaits_code: bool = False
    """The password was right, the one-time code is still asked for."""
    clinic_id: ClinicId | None = Field(default=None, sa_type=String)
    """The clinic that the person works on now."""


class InvitationRow(SQLModel, table=True):
    """A one-time link to set a password, kept only as its hash."""

    __tablename__: ClassVar[str] = "invitation"

    token_hash: str = Field(primary_key=True)
    person_id: PersonId = Field(foreign_key="person.id", index=True, sa_type=String)
    invited_by: PersonId | None = Field(default=None, sa_type=String)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AccessLogRow(SQLModel, table=True):
    """One look at a patient, one sign-in, one refusal. Rows are never changed or deleted."""

    __tablename__: ClassVar[str] = "access_log"
    __table_args__ = (
        Index(None, "patient_id", "at"),
        Index(None, "clinic_id", "at"),
        Index(None, "at"),
    )

    id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: PersonId | None = Field(default=None, index=True, sa_type=String)
    clinic_id: ClinicId | None = Field(default=None, sa_type=String)
    patient_id: PatientId | None = Field(default=None, sa_type=String)
    what: str
    """A word from a closed list, e.g. `patient_seen`, `signed_in`, `sign_in_failed`."""
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class SignOnRow(SQLModel, table=True):
    """One way to the single sign-on provider and back; each works once and not for long."""

    __tablename__: ClassVar[str] = "sign_on"

    state_hash: str = Field(primary_key=True)
    """Of the `state` that travels; the provider gives it back."""
    browser_hash: str
    """Of the browser's own secret: the answer counts only where the way began."""
    nonce: str
    code_verifier: str
    """What proves to the provider that the code is redeemed by who asked for it (PKCE)."""
    next_path: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
