"""Sets clinics, staff and playbooks up in the database."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, delete, or_, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.publications import keep_publication
from ccm_flow.adapters.db.setup_read import PROFILE, stored_file
from ccm_flow.adapters.db.staffing_store import end_roles
from ccm_flow.adapters.db.tables import (
    ClinicClosureRow,
    ClinicPlaybookRow,
    ClinicRow,
    ClinicStaffRow,
    ClinicVendorRow,
    OrganizationRow,
    PersonRow,
    StaffRoleRow,
)
from ccm_flow.adapters.db.vendor_people import completed, elsewhere, renames
from ccm_flow.app.clinic_diff import Elsewhere, Rename
from ccm_flow.app.clinic_setup import ClinicFile, StaffFile
from ccm_flow.app.drafts import Publication
from ccm_flow.app.statuses import ClinicStatus, OrganizationKind
from ccm_flow.core.billing.model import LocalityId
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

    def stored(self, clinic: ClinicId, today: date) -> ClinicFile | None:
        """Give a clinic as its file would say it; None for one that was never set up."""
        with reading(self._engine) as session:
            return stored_file(session, clinic, today)

    def dropped(self, file: ClinicFile) -> list[PersonId]:
        """List those with a role at the clinic who are not in its file."""
        with reading(self._engine) as session:
            return _dropped(session, file)

    def completed(self, file: ClinicFile) -> ClinicFile:
        """Give a file with what it leaves out about a vendor's people, as `apply` takes it."""
        with reading(self._engine) as session:
            return completed(session, file)

    def elsewhere(self, file: ClinicFile) -> tuple[Elsewhere, ...]:
        """List what a file changes about a vendor's people for their other clinics too."""
        with reading(self._engine) as session:
            return elsewhere(session, completed(session, file))

    def renames(self, file: ClinicFile) -> tuple[Rename, ...]:
        """List the organizations that a file calls otherwise than other clinics of theirs do."""
        with reading(self._engine) as session:
            return renames(session, file)

    def coming_back(self, file: ClinicFile) -> tuple[PersonId, ...]:
        """List those of a file's staff who had left every staff they were on."""
        ids = [file.person_of(person) for person in file.staff]
        query = select(PersonRow.id).where(
            col(PersonRow.id).in_(ids), col(PersonRow.active).is_(False)
        )
        with reading(self._engine) as session:
            return tuple(PersonId(one) for one in session.exec(query.order_by(col(PersonRow.id))))

    def apply(self, file: ClinicFile, now: datetime) -> None:
        """
        Bring a clinic, its staff and its closure days in line with a file, as one change.

        Who is not in the file any more has no role here; nothing of what they did is touched.
        What the file leaves out about a vendor's person stays: it holds at other clinics too.
        """
        today = now.astimezone(ZoneInfo(file.time_zone)).date()
        with writing(self._engine) as session:
            file = completed(session, file)
            _apply_organizations(session, file)
            _apply_clinic(session, file, now)
            for person in _dropped(session, file):
                end_roles(session, ClinicId(file.clinic), person)
            _apply_staff(session, file, now)
            row = session.get_one(ClinicRow, ClinicId(file.clinic))
            row.program_owner_id = file.person(file.program_owner)
            _apply_vendor(session, file, today)
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


def _apply_organizations(session: Session, file: ClinicFile) -> None:
    name = file.organization.name if file.organization else file.name
    session.merge(OrganizationRow(id=file.owner, name=name, kind=OrganizationKind.CLINIC))
    if file.vendor is not None:
        vendor, kind = OrganizationId(file.vendor.id), OrganizationKind.VENDOR
        session.merge(OrganizationRow(id=vendor, name=file.vendor.name, kind=kind))
    session.flush()


def _apply_clinic(session: Session, file: ClinicFile, now: datetime) -> None:
    clinic = ClinicId(file.clinic)
    row = session.get(ClinicRow, clinic)
    if row is None:
        row = ClinicRow(
            id=clinic, organization_id=file.owner, name=file.name, time_zone="", created_at=now
        )
        session.add(row)
    row.name, row.phone = file.name, file.phone
    row.organization_id = file.owner
    row.time_zone = file.time_zone
    row.opens = file.opens.isoformat("minutes")
    row.closes = file.closes.isoformat("minutes")
    row.working_days = " ".join(file.working_days)
    row.timer_limit_minutes = file.timer_limit_minutes
    row.status = ClinicStatus.PAUSED if file.paused else ClinicStatus.ACTIVE
    row.verbal_consent = file.verbal_consent
    row.billing_place = file.billing.facility
    row.billing_locality = LocalityId(file.billing.locality) if file.billing.locality else None
    row.place_of_service = file.billing.place_of_service
    row.profile = file.model_dump(mode="json", include=set(PROFILE))
    session.flush()


def _dropped(session: Session, file: ClinicFile) -> list[PersonId]:
    wanted = {file.person_of(person) for person in file.staff}
    query = select(StaffRoleRow.person_id).where(StaffRoleRow.clinic_id == ClinicId(file.clinic))
    held = {PersonId(person) for person in session.exec(query)}
    return sorted(held - wanted)


def _apply_staff(session: Session, file: ClinicFile, now: datetime) -> None:
    clinic = ClinicId(file.clinic)
    today = now.astimezone(ZoneInfo(file.time_zone)).date()
    session.exec(delete(StaffRoleRow).where(col(StaffRoleRow.clinic_id) == clinic))
    for person in file.staff:
        id_ = file.person_of(person)
        row = session.get(PersonRow, id_)
        created = row.created_at if row is not None else now
        own = person.organization in (None, file.owner)
        session.merge(
            PersonRow(
                id=id_,
                organization_id=file.owner if own else OrganizationId(person.organization or ""),
                name=person.name,
                email=person.email,
                credential=person.credential,
                npi=person.npi,
                languages=" ".join(person.languages) or None,
                licensed_in=" ".join(person.licensed_in) or None,
                active=True,  # who had left is back; the plan of the file says so
                created_at=created,
            )
        )
        session.flush()
        _apply_here(session, clinic, id_, person, today)
        session.add_all(
            StaffRoleRow(clinic_id=clinic, role=RoleId(role), person_id=id_)
            for role in person.roles
        )
    session.flush()


def _apply_here(
    session: Session, clinic: ClinicId, id_: PersonId, person: StaffFile, today: date
) -> None:
    """Keep what holds for somebody at this clinic; an announced last day stays."""
    row = session.get(ClinicStaffRow, (clinic, id_))
    row = row or ClinicStaffRow(clinic_id=clinic, person_id=id_)
    row.capacity = person.capacity
    row.works_from = person.works.start.isoformat("minutes") if person.works else None
    row.works_until = person.works.end.isoformat("minutes") if person.works else None
    if row.until_day is not None and row.until_day < today:
        row.until_day = None  # somebody who had left is on the staff again
    session.add(row)


def _apply_vendor(session: Session, file: ClinicFile, today: date) -> None:
    """Let another vendor work here from today; the one before until yesterday."""
    clinic, wanted = ClinicId(file.clinic), file.vendor.id if file.vendor else None
    rows = session.exec(
        select(ClinicVendorRow).where(
            ClinicVendorRow.clinic_id == clinic,
            or_(
                col(ClinicVendorRow.until_day).is_(None),
                col(ClinicVendorRow.until_day) >= today,
            ),
        )
    ).all()
    for row in rows:
        if row.organization_id != wanted:
            row.until_day = today - timedelta(days=1)
    if wanted is not None and all(row.organization_id != wanted for row in rows):
        session.merge(
            ClinicVendorRow(
                clinic_id=clinic, organization_id=OrganizationId(wanted), from_day=today
            )
        )


def _apply_closures(session: Session, file: ClinicFile) -> None:
    clinic = ClinicId(file.clinic)
    session.exec(delete(ClinicClosureRow).where(col(ClinicClosureRow.clinic_id) == clinic))
    session.add_all(
        ClinicClosureRow(clinic_id=clinic, day=closure.day, reason=closure.reason)
        for closure in file.closures
    )
