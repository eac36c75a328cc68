"""Sets clinics, staff and playbooks up in the database."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.publications import keep_publication
from ccm_flow.adapters.db.tables import (
    ClinicClosureRow,
    ClinicPlaybookRow,
    ClinicRow,
    OrganizationRow,
    PersonRow,
    StaffRoleRow,
)
from ccm_flow.app.clinic_setup import ClinicFile
from ccm_flow.app.drafts import Publication
from ccm_flow.app.statuses import ClinicStatus, OrganizationKind
from ccm_flow.core.ids import ClinicId, OrganizationId, PersonId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan


class SqlClinicStore:
    """Implements `ccm_flow.app.clinic_setup.ClinicStore`, and publishes playbooks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def clinics(self) -> list[ClinicId]:
        """List the clinics in the order of their ids."""
        with reading(self._engine) as session:
            rows = session.exec(select(ClinicRow.id).order_by(col(ClinicRow.id)))
            return [ClinicId(row) for row in rows]

    def apply(self, file: ClinicFile, now: datetime) -> None:
        """Bring a clinic, its staff and its closure days in line with a file, as one change."""
        with writing(self._engine) as session:
            organization = OrganizationId(file.clinic)
            session.merge(
                OrganizationRow(id=organization, name=file.name, kind=OrganizationKind.CLINIC)
            )
            session.flush()
            _apply_clinic(session, file, organization, now)
            _apply_staff(session, file, organization, now)
            row = session.get_one(ClinicRow, ClinicId(file.clinic))
            row.program_owner_id = person_id(file.clinic, file.program_owner)
            _apply_closures(session, file)

    def publish(
        self, clinic: ClinicId, plan: Plan, source: str, from_month: Month, now: datetime
    ) -> bool:
        """
        Keep a playbook version for ever and use it for cycles from a month on.

        Returns False when that was so already.

        Raises:
            VersionTakenError: the version number stands for another text.
        """
        with writing(self._engine) as session:
            made = Publication(clinic, plan, source, from_month)
            return keep_publication(session, made, now)

    def has_playbooks(self, clinic: ClinicId) -> bool:
        """Tell whether anything was published for a clinic."""
        with reading(self._engine) as session:
            query = select(ClinicPlaybookRow.sha256).where(ClinicPlaybookRow.clinic_id == clinic)
            return session.exec(query).first() is not None


def person_id(clinic: str, slug: str) -> PersonId:
    """Name a person: unique across clinics, readable in a ledger."""
    return PersonId(f"{clinic}.{slug}")


def _apply_clinic(
    session: Session, file: ClinicFile, organization: OrganizationId, now: datetime
) -> None:
    clinic = ClinicId(file.clinic)
    row = session.get(ClinicRow, clinic)
    if row is None:
        row = ClinicRow(
            id=clinic, organization_id=organization, name=file.name, time_zone="", created_at=now
        )
        session.add(row)
    row.name, row.phone = file.name, file.phone
    row.time_zone = file.time_zone
    row.opens = file.opens.isoformat("minutes")
    row.closes = file.closes.isoformat("minutes")
    row.working_days = " ".join(file.working_days)
    row.timer_limit_minutes = file.timer_limit_minutes
    row.status = ClinicStatus.PAUSED if file.paused else ClinicStatus.ACTIVE
    row.verbal_consent = file.verbal_consent
    session.flush()


def _apply_staff(
    session: Session, file: ClinicFile, organization: OrganizationId, now: datetime
) -> None:
    clinic = ClinicId(file.clinic)
    session.exec(delete(StaffRoleRow).where(col(StaffRoleRow.clinic_id) == clinic))
    for person in file.staff:
        id_ = person_id(file.clinic, person.id)
        row = session.get(PersonRow, id_)
        created = row.created_at if row is not None else now
        session.merge(
            PersonRow(
                id=id_,
                organization_id=organization,
                name=person.name,
                email=person.email,
                credential=person.credential,
                npi=person.npi,
                created_at=created,
            )
        )
        session.flush()
        session.add_all(
            StaffRoleRow(clinic_id=clinic, role=RoleId(role), person_id=id_)
            for role in person.roles
        )
    session.flush()


def _apply_closures(session: Session, file: ClinicFile) -> None:
    clinic = ClinicId(file.clinic)
    session.exec(delete(ClinicClosureRow).where(col(ClinicClosureRow.clinic_id) == clinic))
    session.add_all(
        ClinicClosureRow(clinic_id=clinic, day=closure.day, reason=closure.reason)
        for closure in file.closures
    )
