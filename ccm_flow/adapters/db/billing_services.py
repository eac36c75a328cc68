"""What else was billed for a patient around a month: by others, and by this clinic."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.billing_text import read_facts, read_result
from ccm_flow.adapters.db.own_practitioners import own_practitioners, who_billed
from ccm_flow.adapters.db.service_store import services_where
from ccm_flow.adapters.db.tables import BillingLineRow, EnrollmentRow, LineActRow, PatientRow
from ccm_flow.core.billing.model import Code, Service
from ccm_flow.core.handoff import LineAct
from ccm_flow.core.ids import ClinicId, EnrollmentId, PatientId, PersonId
from ccm_flow.core.month import Month

_AROUND: Final = timedelta(days=92)
"""How far before and after the month billed services are looked at."""


def services_around(
    session: Session,
    rows: Collection[EnrollmentRow],
    month: Month,
    once: Mapping[EnrollmentId, Collection[Code]],
) -> dict[EnrollmentId, tuple[Service, ...]]:
    """
    List what others billed around a month, and the lines of this clinic beside this one.

    Of codes that may be paid `once`, everything that was ever billed is among them.
    """
    first, last = month.first_day - _AROUND, month.last_day + _AROUND
    own = {clinic: own_practitioners(session, clinic) for clinic in {r.clinic_id for r in rows}}
    patients = {row.patient_id for row in rows}
    services = services_where(session, col(PatientRow.id).in_(patients))
    beside = _Beside.read(session, patients)
    return {
        row.id: (
            *(
                Service(
                    Code(one.code), one.starts_on, who_billed(own[row.clinic_id], one.practitioner)
                )
                for one in services.get(row.patient_id, ())
                if first <= one.starts_on <= last or one.code in once.get(row.id, ())
            ),
            *beside.lines(row, month),
        )
        for row in rows
    }


_Place = tuple[ClinicId, PatientId]
_Lines = dict[tuple[EnrollmentId, Month], tuple[BillingLineRow, bool]]


@dataclass(frozen=True)
class _Beside:
    """The clinic's own lines of some patients, in all their programs."""

    newest: Mapping[_Place, _Lines]
    """Each month's line in each program, and whether it was approved."""
    enrolled: Mapping[_Place, Collection[tuple[datetime, EnrollmentId]]]

    @classmethod
    def read(cls, session: Session, patients: Collection[PatientId]) -> "_Beside":
        """Read the enrollments and lines of some patients; three queries."""
        enrolled: dict[_Place, list[tuple[datetime, EnrollmentId]]] = defaultdict(list)
        for row in session.exec(
            select(EnrollmentRow).where(col(EnrollmentRow.patient_id).in_(patients))
        ):
            enrolled[row.clinic_id, row.patient_id].append((row.created_at, row.id))
        lines = session.exec(
            select(EnrollmentRow.clinic_id, EnrollmentRow.patient_id, BillingLineRow)
            .join(EnrollmentRow, col(EnrollmentRow.id) == col(BillingLineRow.enrollment_id))
            .where(col(EnrollmentRow.patient_id).in_(patients))
            .order_by(col(BillingLineRow.revision))
        ).all()
        approved = set(
            session.exec(
                select(LineActRow.line_id).where(
                    LineActRow.act == LineAct.APPROVED,
                    col(LineActRow.enrollment_id).in_({line.enrollment_id for *_, line in lines}),
                )
            )
        )
        # What was approved stands for its month until a later revision is approved too.
        newest: dict[_Place, _Lines] = defaultdict(dict)
        for clinic, patient, line in lines:
            mine = newest[ClinicId(clinic), PatientId(patient)]
            key = (line.enrollment_id, line.month)
            if line.id in approved or not mine.get(key, (line, False))[1]:
                mine[key] = (line, line.id in approved)
        return cls(newest, enrolled)

    def lines(self, enrollment: EnrollmentRow, month: Month) -> Iterable[Service]:
        """
        Give the approved lines of a patient, but not the one that is being judged.

        Of two programs in the same month both lines may still be drafts: then the later
        enrollment gives way to the earlier one, so that they never hold each other up.
        """
        place = enrollment.clinic_id, enrollment.patient_id
        mine = (enrollment.created_at, enrollment.id)
        before = {id_ for at, id_ in self.enrolled.get(place, ()) if (at, id_) < mine}
        newest = self.newest.get(place, {})
        for row, approved in (newest[key] for key in sorted(newest)):
            same = row.enrollment_id == enrollment.id and row.month == month
            gives_way = row.month == month and row.enrollment_id in before
            if not same and (approved or gives_way):
                practitioner = PersonId(read_facts(row.facts)["billing"]["practitioner"]["id"])
                for line in read_result(row.result).lines:
                    yield Service(line.code, line.on, practitioner)
