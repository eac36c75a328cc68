"""What the patient agreed to, and the visit that started the program."""

import uuid
from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from ccm_flow.adapters.db.tables import ClinicRow, ConsentRow, CycleRow, EnrollmentRow
from ccm_flow.app.care import Click
from ccm_flow.app.statuses import ConsentKind, EnrollmentStatus
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
        zone = ZoneInfo(session.get_one(ClinicRow, cycle.clinic_id).time_zone)
        today = now.astimezone(zone).date()
        revoked = kind is ConsentKind.REVOKED
        session.add(
            ConsentRow(
                id=uuid.uuid5(uuid.NAMESPACE_OID, f"consent/{click.id}").hex,
                enrollment_id=cycle.enrollment_id,
                kind=kind,
                mode=click.work.consent_mode,
                content_version=CONSENT_VERSION,
                statements_read=list(CONSENT_STATEMENTS),
                taken_by=click.by,
                taken_at=now,
                effective_from=today,
                revoked_effective=Month.of(today).last_day if revoked else None,
                note=click.work.note or None,
            )
        )
        enrollment = session.get_one(EnrollmentRow, cycle.enrollment_id)
        if kind is ConsentKind.ACCEPTED and enrollment.status is not EnrollmentStatus.ACTIVE:
            enrollment.status = EnrollmentStatus.CONSENTED

    return keep


def keep_visit(session: Session, _click: Click, cycle: CycleRow, now: datetime) -> None:
    """Keep that the initiating visit took place."""
    enrollment = session.get_one(EnrollmentRow, cycle.enrollment_id)
    enrollment.initiating_visit_at = now
