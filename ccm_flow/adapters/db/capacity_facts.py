"""What the record says of a clinic before its months ahead are worked out."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import col, func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import EnrollmentRow
from ccm_flow.adapters.db.views_funnel import funnel
from ccm_flow.adapters.db.views_staff import staff_of
from ccm_flow.app.capacity_record import expected_to_join, team_on_record
from ccm_flow.app.care import ClinicView
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.ids import ClinicId
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


def joining(engine: Engine, clinic: ClinicId, now: datetime) -> tuple[tuple[float, ...], Input]:
    """Say how many of those on the way will join with the first month, and how that is known."""
    view = funnel(engine, clinic, now=now)
    coming = expected_to_join(view.stages)
    name, count = "Joining with the first month", len(view.patients)
    if coming is None:
        source = f"{count} on the way; how many stay is not known yet, so nobody is counted"
        return (), Input(name, "0", source, assumed=True)
    source = f"{count} on the way, by the shares that came through so far; nobody later"
    return (coming,), Input(name, f"{coming:g}", source, assumed=coming > 0)
