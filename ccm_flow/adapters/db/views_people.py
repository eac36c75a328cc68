"""The staff and how their accounts stand, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, func, or_, select

from ccm_flow.adapters.db.account_store import grant_of, held_grants
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import (
    AccessGrantRow,
    AccessLogRow,
    AccountRow,
    ClinicRow,
    ClinicVendorRow,
    InvitationRow,
    PersonRow,
    StaffRoleRow,
)
from ccm_flow.app.accounts import AccessEvent
from ccm_flow.app.people import AccountState, GivenRole, PersonView
from ccm_flow.core.access import AccessRole
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.sign_in import locked_until

PAGE = 100
"""People on one page."""


@dataclass(frozen=True)
class _Known:
    """What is known of some people's accounts."""

    accounts: Mapping[PersonId, AccountRow]
    invited_until: Mapping[PersonId, datetime]
    signed_in: Mapping[PersonId, datetime]
    roles: Mapping[PersonId, list[tuple[ClinicId, str]]]
    given: Mapping[PersonId, list[GivenRole]]
    now: datetime


def people_list(
    engine: Engine, now: datetime, *, clinic: ClinicId | None = None, start: int = 0
) -> list[PersonView]:
    """List who can reach a clinic, or everybody; one more than a page when others follow."""
    query = select(PersonRow).order_by(col(PersonRow.name), col(PersonRow.id))
    if clinic is not None:
        query = query.where(col(PersonRow.id).in_(_reaching(clinic)))
    with reading(engine) as session:
        rows = session.exec(query.offset(start).limit(PAGE + 1)).all()
        return _views(session, rows, now)


def everybody(engine: Engine, now: datetime) -> list[PersonView]:
    """List all people, for the command line."""
    with reading(engine) as session:
        rows = session.exec(select(PersonRow).order_by(col(PersonRow.id))).all()
        return _views(session, rows, now)


def person_view(engine: Engine, person: PersonId, now: datetime) -> PersonView | None:
    """Give one person; None when there is nobody with the id."""
    with reading(engine) as session:
        row = session.get(PersonRow, person)
        return _views(session, [row], now)[0] if row is not None else None


def _reaching(clinic: ClinicId) -> list[PersonId]:
    """Ask for everybody with a role at a clinic, whoever gave it and however wide it is."""
    owner = select(ClinicRow.organization_id).where(ClinicRow.id == clinic).scalar_subquery()
    vendors = select(ClinicVendorRow.organization_id).where(
        ClinicVendorRow.clinic_id == clinic, col(ClinicVendorRow.until_day).is_(None)
    )
    staff = select(StaffRoleRow.person_id).where(StaffRoleRow.clinic_id == clinic)
    given = select(AccessGrantRow.person_id).where(
        col(AccessGrantRow.withdrawn_at).is_(None),
        or_(
            col(AccessGrantRow.clinic_id) == clinic,
            col(AccessGrantRow.organization_id) == owner,
            col(AccessGrantRow.organization_id).in_(vendors)
            & (col(AccessGrantRow.role) == AccessRole.VENDOR_MANAGER),
            col(AccessGrantRow.clinic_id).is_(None) & col(AccessGrantRow.organization_id).is_(None),
        ),
    )
    return staff.union(given)  # type: ignore[return-value]  # a subquery for in_()


def _views(session: Session, rows: Sequence[PersonRow], now: datetime) -> list[PersonView]:
    ids = [row.id for row in rows]
    known = _Known(
        accounts={
            row.person_id: row
            for row in session.exec(select(AccountRow).where(col(AccountRow.person_id).in_(ids)))
        },
        invited_until=_invited_until(session, ids),
        signed_in=_signed_in(session, ids),
        roles=_roles(session, ids),
        given=_given(session, ids),
        now=now,
    )
    return [_view(row, known) for row in rows]


def _invited_until(session: Session, ids: Sequence[str]) -> dict[PersonId, datetime]:
    query = (
        select(InvitationRow.person_id, func.max(InvitationRow.expires_at))
        .where(col(InvitationRow.person_id).in_(ids), col(InvitationRow.used_at).is_(None))
        .group_by(col(InvitationRow.person_id))
    )
    return {PersonId(person): until for person, until in session.exec(query)}


def _signed_in(session: Session, ids: Sequence[str]) -> dict[PersonId, datetime]:
    query = (
        select(AccessLogRow.person_id, func.max(AccessLogRow.at))
        .where(
            col(AccessLogRow.person_id).in_(ids), AccessLogRow.what == AccessEvent.SIGNED_IN.value
        )
        .group_by(col(AccessLogRow.person_id))
    )
    return {PersonId(person): at for person, at in session.exec(query) if person is not None}


def _roles(session: Session, ids: Sequence[str]) -> dict[PersonId, list[tuple[ClinicId, str]]]:
    found = defaultdict(list)
    query = select(StaffRoleRow).where(col(StaffRoleRow.person_id).in_(ids))
    for row in session.exec(query.order_by(col(StaffRoleRow.clinic_id), col(StaffRoleRow.role))):
        found[row.person_id].append((row.clinic_id, str(row.role)))
    return found


def _given(session: Session, ids: Sequence[str]) -> dict[PersonId, list[GivenRole]]:
    found = defaultdict(list)
    query = held_grants().where(col(AccessGrantRow.person_id).in_(ids))
    for row in session.exec(query.order_by(col(AccessGrantRow.granted_at))):
        found[row.person_id].append(GivenRole(row.id, grant_of(row)))
    return found


def _view(row: PersonRow, known: _Known) -> PersonView:
    account = known.accounts.get(row.id)
    return PersonView(
        person=row.id,
        name=row.name,
        email=row.email,
        credential=row.credential,
        active=row.active,
        username=account.username if account else None,
        state=_state(account, known),
        has_codes=account is not None and account.totp_secret is not None,
        sign_on=account.oidc_subject if account else None,
        last_sign_in=known.signed_in.get(row.id),
        staff_roles=tuple(known.roles.get(row.id, ())),
        given=tuple(known.given.get(row.id, ())),
    )


def _state(account: AccountRow | None, known: _Known) -> AccountState:
    if account is None:
        return AccountState.NONE
    if account.disabled_at is not None:
        return AccountState.DISABLED
    if account.password_hash is None and account.oidc_subject is None:
        until = known.invited_until.get(account.person_id)
        waiting = until is not None and known.now < until
        return AccountState.INVITED if waiting else AccountState.INVITATION_OVER
    if account.last_failed_at is not None:
        until = locked_until(account.failed_tries, account.last_failed_at)
        if until is not None and known.now < until:
            return AccountState.LOCKED
    return AccountState.ACTIVE
