"""What the record says of a clinic before its months ahead are worked out."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import col, func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import EnrollmentRow
from ccm_flow.adapters.db.views_funnel import funnel
from ccm_flow.adapters.db.views_staff import staff_of
from ccm_flow.app.capacity_record import expected_to_join, joined_lately, team_on_record
from ccm_flow.app.care import ClinicView
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.core.staffing import Staff
from ccm_flow.rehearsal.capacity import Input


def clinic_team(engine: Engine, clinic: ClinicView, plan: Plan) -> Staff:
    """
    Give the clinic's staff, each with the time that the playbook wants kept for it.

    Raises:
        NoTeamError: the playbook names no protected time, or nobody holds a role that has some.
    """
    members = ((one.person, one.name, one.roles) for one in staff_of(engine, clinic.clinic))
    return team_on_record(plan, members, clinic.hours)


def enrolled(engine: Engine, clinic: ClinicId) -> int:
    """Count who is in the program."""
    query = select(func.count()).where(
        EnrollmentRow.clinic_id == clinic,
        col(EnrollmentRow.status) == EnrollmentStatus.ACTIVE,
    )
    with reading(engine) as session:
        return session.exec(query).one()


def joining(
    engine: Engine, clinic: ClinicView, now: datetime, months: int
) -> tuple[tuple[float, ...], tuple[Input, ...]]:
    """
    Say how many will join with each month ahead, and how that is known.

    With the first month come those who are on the way now; with each later one as many as joined
    a month lately.
    """
    first, said_first = _on_the_way(engine, clinic.clinic, now)
    later, said_later = _lately(engine, clinic, now)
    return (first, *((later,) * (months - 1))), (said_first, said_later)


def _on_the_way(engine: Engine, clinic: ClinicId, now: datetime) -> tuple[float, Input]:
    view = funnel(engine, clinic, now=now)
    coming = expected_to_join(view.stages)
    name, count = "Joining with the first month", len(view.patients)
    if coming is None:
        source = f"{count} on the way; how many stay is not known yet, so nobody is counted"
        return 0.0, Input(name, "0", source, assumed=True)
    source = f"{count} on the way, by the shares that came through so far"
    return coming, Input(name, f"{coming:g}", source, assumed=coming > 0)


def _lately(engine: Engine, clinic: ClinicView, now: datetime) -> tuple[float, Input]:
    zone = ZoneInfo(clinic.hours.time_zone)
    query = select(EnrollmentRow.activated_at).where(EnrollmentRow.clinic_id == clinic.clinic)
    with reading(engine) as session:
        instants = [at for at in session.exec(query) if at is not None]
    joined = [Month.of(at.astimezone(zone).date()) for at in instants]
    found = joined_lately(joined, Month.of(now.astimezone(zone).date()))
    name = "Joining with each later month"
    if found is None:
        source = "no whole month after the program's first to go by, so nobody is counted"
        return 0.0, Input(name, "0", source, assumed=True)
    when = str(found.first) if found.months == 1 else f"{found.first} to {found.last}"
    source = f"{found.patients} joined in {when}; taken to go on"
    return found.a_month, Input(name, f"{found.a_month:g}", source, assumed=True)
