"""What the patient agreed to, and the visit that started the program."""

import uuid
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from ccm_flow.adapters.db.tables import ClinicRow, ConsentRow, CycleRow, EnrollmentRow
from ccm_flow.app.care import Click, Work
from ccm_flow.app.statuses import ConsentKind, EnrollmentStatus
from ccm_flow.core.ids import PersonId
from ccm_flow.core.month import Month

CONSENT_VERSION = "ccm-consent-1"
CONSENT_STATEMENTS = (
    "what the program offers",
    "cost sharing may apply",
    "one practitioner bills in a month",
    "the right to stop at the end of any calendar month",
)
"""What must be told before consent counts (NGS Care Management; medicare-rules, consent)."""


def keep_consent(kind: ConsentKind) -> Callable[[Session, Click, CycleRow, datetime], None]:
    """Make the function that keeps an answer of this kind."""

    def keep(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
        enrollment = session.get_one(EnrollmentRow, cycle.enrollment_id)
        write_answer(session, kind, enrollment, click.id, by=click.by, work=click.work, now=now)
        if kind is ConsentKind.ACCEPTED and enrollment.status is not EnrollmentStatus.ACTIVE:
            enrollment.status = EnrollmentStatus.CONSENTED

    return keep


def write_answer(
    session: Session,
    kind: ConsentKind,
    enrollment: EnrollmentRow,
    told_in: str,
    *,
    by: PersonId,
    work: Work,
    now: datetime,
) -> None:
    """
    Write an answer down; `told_in` is the click or the happening it came with, and its identity.

    Consent that is taken back ends with the clinic's calendar month (medicare-rules, consent).
    """
    zone = ZoneInfo(session.get_one(ClinicRow, enrollment.clinic_id).time_zone)
    today = now.astimezone(zone).date()
    revoked = kind is ConsentKind.REVOKED
    session.add(
        ConsentRow(
            id=uuid.uuid5(uuid.NAMESPACE_OID, f"consent/{told_in}").hex,
            enrollment_id=enrollment.id,
            kind=kind,
            mode=work.consent_mode,
            content_version=CONSENT_VERSION,
            statements_read=list(CONSENT_STATEMENTS),
            taken_by=by,
            taken_at=now,
            effective_from=today,
            revoked_effective=Month.of(today).last_day if revoked else None,
            note=work.note or None,
        )
    )


def keep_visit(session: Session, _click: Click, cycle: CycleRow, now: datetime) -> None:
    """Keep that the initiating visit took place."""
    enrollment = session.get_one(EnrollmentRow, cycle.enrollment_id)
    enrollment.initiating_visit_at = now
