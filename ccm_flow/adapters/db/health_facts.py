"""What a set-up's database tells of its health, in a fixed number of queries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, exists, func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import (
    ClickRow,
    ClinicRow,
    CycleRow,
    EnrollmentRow,
    EscalationRow,
    StepRow,
    WebhookDeliveryRow,
)
from ccm_flow.app.statuses import ClickState, ClinicStatus, EnrollmentStatus
from ccm_flow.app.webhooks import DeliveryState
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import StepStatus

_A_NIGHT = timedelta(days=1)
"""Who became active today gets a month in the coming night."""


class Waiting(NamedTuple):
    """What stands in the record and should not stand there long."""

    clicks: int
    clicks_since: datetime | None
    overdue: dict[ClinicId, int]
    unanswered: dict[ClinicId, int]
    not_opened: dict[ClinicId, int]
    given_up: int


def what_waits(engine: Engine, now: datetime) -> Waiting:
    """Count what waits at every clinic."""
    with reading(engine) as session:
        clicks, since = session.exec(
            select(func.count(), func.min(ClickRow.received_at)).where(
                ClickRow.state == ClickState.PENDING
            )
        ).one()
        given_up = session.exec(
            select(func.count())
            .select_from(WebhookDeliveryRow)
            .where(WebhookDeliveryRow.state == DeliveryState.GIVEN_UP)
        ).one()
        return Waiting(
            clicks,
            since,
            _overdue(session, now),
            _unanswered(session, now),
            _not_opened(session, now),
            given_up,
        )


def _overdue(session: Session, now: datetime) -> dict[ClinicId, int]:
    query = (
        select(StepRow.clinic_id, func.count())
        .where(StepRow.status == StepStatus.OPEN, col(StepRow.due_at) < now)
        .group_by(StepRow.clinic_id)
    )
    return _counts(session.exec(query).all())


def _unanswered(session: Session, now: datetime) -> dict[ClinicId, int]:
    query = (
        select(CycleRow.clinic_id, func.count())
        .join(EscalationRow, col(EscalationRow.cycle_id) == col(CycleRow.id))
        .where(col(EscalationRow.answered_at).is_(None), EscalationRow.reply_due_at < now)
        .group_by(CycleRow.clinic_id)
    )
    return _counts(session.exec(query).all())


def _not_opened(session: Session, now: datetime) -> dict[ClinicId, int]:
    """Count by clinic; those whose clocks show the same month are asked for together."""
    by_month: dict[Month, list[ClinicId]] = {}
    clinics = select(ClinicRow.id, ClinicRow.time_zone).where(
        ClinicRow.status == ClinicStatus.ACTIVE
    )
    for clinic, zone in session.exec(clinics):
        # A clinic's month opens in the first night; an hour into it, it should be there.
        local = (now - timedelta(hours=1)).astimezone(ZoneInfo(zone))
        by_month.setdefault(Month.of(local.date()), []).append(ClinicId(clinic))
    found: dict[ClinicId, int] = {}
    for month, ids in by_month.items():
        has_month = exists().where(
            col(CycleRow.enrollment_id) == col(EnrollmentRow.id),
            col(CycleRow.month) == month,
            col(CycleRow.kind) == PlaybookKind.MONTHLY,
        )
        query = (
            select(EnrollmentRow.clinic_id, func.count())
            .where(
                col(EnrollmentRow.clinic_id).in_(ids),
                EnrollmentRow.status == EnrollmentStatus.ACTIVE,
                col(EnrollmentRow.activated_at) < now - _A_NIGHT,
                ~has_month,
            )
            .group_by(EnrollmentRow.clinic_id)
        )
        found |= _counts(session.exec(query).all())
    return found


def _counts(rows: Sequence[Any]) -> dict[ClinicId, int]:
    return {ClinicId(clinic): count for clinic, count in rows}
