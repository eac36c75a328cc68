"""Who a clinic's month is about: everybody with a cycle, and whoever should have had one."""

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.tables import CycleRow, EnrollmentRow, PatientRow
from ccm_flow.adapters.db.views_names import listed_name
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.app.views import MonthState
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, PatientId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus


class PatientOfMonth(NamedTuple):
    """A patient of the clinic and their cycle of a month; the fields are columns."""

    enrollment: EnrollmentId
    enrolled: EnrollmentStatus
    since: datetime
    patient: PatientId
    family_name: str
    given_name: str
    mrn: str
    cycle: CycleId | None
    status: CycleStatus | None
    disposition: str | None
    because: str | None
    blockers: list[Any] | None
    contacts: int | None
    ended_at: datetime | None

    @property
    def name(self) -> str:
        """The patient's name as lists have it."""
        return listed_name(self.family_name, self.given_name)

    @property
    def state(self) -> MonthState:
        """How the month stands or ended."""
        if self.cycle is None:
            return MonthState.NOT_OPENED
        if self.disposition is not None:
            return MonthState(self.disposition)
        return MonthState.PAUSED if self.status is CycleStatus.PAUSED else MonthState.RUNNING


def patients_of_month(
    session: Session, clinic: ClinicId, month: Month, kind: PlaybookKind, zone: ZoneInfo
) -> list[PatientOfMonth]:
    """
    Give everybody the month is about, in no order; nobody when no cycle of the kind was opened.

    Nobody vanishes: patients who are in the program and for whom nothing was opened are there too.
    """
    found = [PatientOfMonth(*row) for row in session.exec(_query(clinic, month, kind))]
    if all(one.cycle is None for one in found):
        return []
    return [one for one in found if one.cycle is not None or _belongs(one, month, kind, zone)]


def _query(clinic: ClinicId, month: Month, kind: PlaybookKind):  # type: ignore[no-untyped-def]  # SQLModel's own
    return (
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            EnrollmentRow.id,
            EnrollmentRow.status,
            func.coalesce(EnrollmentRow.activated_at, EnrollmentRow.created_at),
            PatientRow.id,
            PatientRow.family_name,
            PatientRow.given_name,
            PatientRow.mrn,
            CycleRow.id,
            CycleRow.status,
            CycleRow.disposition,
            CycleRow.because,
            CycleRow.blockers,
            col(CycleRow.facts)["contacts"].as_integer(),
            CycleRow.ended_at,
        )
        .join(PatientRow, col(PatientRow.id) == col(EnrollmentRow.patient_id))
        .join(
            CycleRow,
            (col(CycleRow.enrollment_id) == col(EnrollmentRow.id))
            & (col(CycleRow.month) == month)
            & (col(CycleRow.kind) == kind),
            isouter=True,
        )
        .where(EnrollmentRow.clinic_id == clinic)
    )


def _belongs(one: PatientOfMonth, month: Month, kind: PlaybookKind, zone: ZoneInfo) -> bool:
    """Tell whether a patient without a cycle should have had one in the month."""
    if kind is not PlaybookKind.MONTHLY or one.enrolled is not EnrollmentStatus.ACTIVE:
        return False
    return one.since.astimezone(zone).date() < month.first_day
