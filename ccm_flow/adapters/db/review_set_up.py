"""What a clinic's first month would be opened on: playbooks, roles, owner, practitioners."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.consent_texts import consent_version
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.pool import clinic_pool_of
from ccm_flow.adapters.db.tables import (
    ClinicPlaybookRow,
    ClinicRow,
    CycleRow,
    GoLiveRow,
    PersonRow,
)
from ccm_flow.adapters.db.views_names import clinic_row
from ccm_flow.core.assignment import Candidate, ObstacleKind, Pool, Wanted, who_does, why_not
from ccm_flow.core.ids import ClinicId, RoleId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.responsibility import PRACTITIONER
from ccm_flow.core.review import Finding, Item
from ccm_flow.core.review_required import what_stops
from ccm_flow.core.review_seen import Practitioner, RoleSeen, SetUp

AHEAD = timedelta(days=28)
"""For how long absences are looked at."""


@dataclass(frozen=True)
class Ground:
    """A clinic's playbooks in force and its people, read once."""

    today: date
    row: ClinicRow
    plans: Mapping[PlaybookKind, Plan]
    in_use: frozenset[PlaybookKind]
    pool: Pool | None
    """None where no program owner was ever named."""
    practitioners: Sequence[PersonRow]


def first_month_gaps(
    engine: Engine, clinic: ClinicId, month: Month, now: datetime
) -> tuple[tuple[Item, Finding], ...]:
    """
    List what keeps a clinic from opening its first month.

    Nothing for a clinic that has run a month, whatever is missing there now; and nothing for what
    was missing when somebody let the month be opened all the same.
    """
    with reading(engine) as session:
        if has_run(session, clinic):
            return ()
        stops = what_stops(set_up_of(read_ground(session, clinic, month, now)))
        let_through = set(let_through_at(session, clinic)) if stops else set()
    return tuple((item, finding) for item, finding in stops if item.id not in let_through)


def has_run(session: Session, clinic: ClinicId) -> bool:
    """Tell whether a month was ever opened at a clinic."""
    query = select(CycleRow.id).where(
        CycleRow.clinic_id == clinic, CycleRow.kind == PlaybookKind.MONTHLY
    )
    return session.exec(query.limit(1)).first() is not None


def let_through_at(session: Session, clinic: ClinicId) -> tuple[str, ...]:
    """Give the items that somebody let a first month begin without."""
    rows = session.exec(select(GoLiveRow.items).where(GoLiveRow.clinic_id == clinic))
    return tuple(sorted({item for items in rows for item in items}))


def read_ground(session: Session, clinic: ClinicId, month: Month, now: datetime) -> Ground:
    """Read what the set-up's rules ask about, as a month that is opened would have it."""
    row = clinic_row(session, clinic)
    plans = {
        kind: plan
        for kind in PlaybookKind
        if (plan := _in_force(session, clinic, kind, month)) is not None
    }
    pool = clinic_pool_of(session, clinic, now) if row.program_owner_id is not None else None
    holders = [one.person for one in pool.people if PRACTITIONER in one.roles] if pool else []
    people = select(PersonRow).where(col(PersonRow.id).in_(holders)).order_by(col(PersonRow.id))
    return Ground(
        today=now.astimezone(clinic_zone(row.time_zone)).date(),
        row=row,
        plans=plans,
        in_use=_in_use(session, clinic),
        pool=pool,
        practitioners=session.exec(people).all(),
    )


def set_up_of(ground: Ground) -> SetUp:
    """Say how a set-up stands."""
    pool, today = ground.pool, ground.today
    owner = pool.find(pool.program_owner) if pool is not None else None
    version = consent_version(today)
    return SetUp(
        published=tuple(plan.title for plan in ground.plans.values()),
        unpublished=tuple(kind.value for kind in PlaybookKind if _lacks(ground, kind)),
        roles=tuple(_roles(ground)),
        owner=owner.name if owner is not None else "",
        owner_is_here=owner is not None and bool(owner.roles) and not _has_left(owner, today),
        wording=version.id if version.since <= today else "",
        practitioners=tuple(
            Practitioner(row.name, row.credential is not None, row.npi is not None)
            for row in ground.practitioners
            if pool is not None and _holds(pool, row.id, today)
        ),
    )


def _lacks(ground: Ground, kind: PlaybookKind) -> bool:
    return kind in ground.in_use and kind not in ground.plans


def _holds(pool: Pool, person: str, today: date) -> bool:
    return any(one.person == person for one in holders(pool, PRACTITIONER, today))


def _has_left(one: Candidate, today: date) -> bool:
    return one.until_day is not None and today > one.until_day


def holders(pool: Pool, role: RoleId, day: date) -> list[Candidate]:
    """List who may have steps of a role on a day, were they not away."""
    found = []
    for one in pool.people:
        obstacle = why_not(pool, one, Wanted(role), day)
        if obstacle is None or obstacle.kind is ObstacleKind.AWAY:
            found.append(one)
    return found


def _roles(ground: Ground) -> Iterable[RoleSeen]:
    """Say of each role that a step has who holds it; the program owner answers for their own."""
    if ground.pool is None:
        return
    titles: dict[RoleId, str] = {}
    owners: set[RoleId] = set()
    for plan in ground.plans.values():
        named = {role.id: role.title for role in plan.roles}
        owners.add(plan.owner)
        for step in plan.steps:
            for role in (step.owner, *(one.owner for one in step.variants if one.owner)):
                titles.setdefault(role, named.get(role, role))
    for role in sorted(titles):
        yield _role(ground.pool, role, titles[role], ground.today, is_owners=role in owners)


def _role(pool: Pool, role: RoleId, title: str, today: date, *, is_owners: bool) -> RoleSeen:
    held = holders(pool, role, today)
    owner = pool.find(pool.program_owner)
    if is_owners and owner is not None and owner not in held and not _has_left(owner, today):
        held = [*held, owner]
    here = [one for one in held if one.absence(today) is None]
    days = [today + timedelta(days=number) for number in range(AHEAD.days)]
    empty = (
        day
        for day in days
        if held and all(one.absence(day) is not None or _has_left(one, day) for one in held)
    )
    return RoleSeen(
        title=title,
        present=len(here),
        held=len(held),
        with_room=sum(one.has_room for one in here),
        is_agreed=is_owners or who_does(pool, Wanted(role), today) is not None,
        empty_on=next(empty, None),
    )


def _in_force(session: Session, clinic: ClinicId, kind: PlaybookKind, month: Month) -> Plan | None:
    query = (
        select(ClinicPlaybookRow.sha256)
        .where(
            ClinicPlaybookRow.clinic_id == clinic,
            ClinicPlaybookRow.kind == kind,
            col(ClinicPlaybookRow.from_month) <= month,
        )
        .order_by(col(ClinicPlaybookRow.from_month).desc())
    )
    sha256 = session.exec(query).first()
    return None if sha256 is None else plan_of(session, sha256)


def _in_use(session: Session, clinic: ClinicId) -> frozenset[PlaybookKind]:
    """Name the kinds of work that a clinic has: months always, others that it ever had."""
    query = select(CycleRow.kind).where(CycleRow.clinic_id == clinic).distinct()
    return frozenset({PlaybookKind.MONTHLY, *session.exec(query)})
