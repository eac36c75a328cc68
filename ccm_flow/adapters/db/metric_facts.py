"""What the record tells of how its clinics run, as numbers by clinic."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, and_, case, col, func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.health_facts import what_waits
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    CycleRow,
    DigestRow,
    EnrollmentRow,
    EscalationRow,
    ScorecardLetterRow,
    StepRow,
    WebhookDeliveryRow,
)
from ccm_flow.adapters.db.views_board import in_months, is_done_with_deadline, is_judged
from ccm_flow.app.statuses import ClinicStatus
from ccm_flow.app.webhooks import DeliveryState
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.month import Month
from ccm_flow.core.state import StepStatus

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Queue:
    """What stands in line: how many, and since when the oldest."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class MetricFacts:
    """What is counted; each mapping by clinic."""

    open_steps: Mapping[ClinicId, int]
    overdue_steps: Mapping[ClinicId, int]
    open_questions: Mapping[ClinicId, int]
    late_questions: Mapping[ClinicId, int]
    questions: Mapping[ClinicId, int]
    """Raised since the record began."""
    deadlines_missed: Mapping[ClinicId, int]
    """Of steps of the month now running at the clinic."""
    opening_lag: Mapping[ClinicId, timedelta]
    """How long after its first instant the last month of the clinic's patients began."""
    without_month: Mapping[ClinicId, int]
    clicks: Queue
    mail: Queue
    webhooks: Queue
    given_up: int


def metric_facts(engine: Engine, now: datetime) -> MetricFacts:
    """Count everything; the number of queries depends on time zones, not on clinics or patients."""
    waiting = what_waits(engine, now)
    with reading(engine) as session:
        clinics = _clinics(session)
        months = {id_: Month.of(now.astimezone(zone).date()) for id_, zone in clinics.items()}
        open_questions, questions = _questions(session)
        none = dict.fromkeys(clinics, 0)  # a clinic without any is told as 0, not left out
        return MetricFacts(
            open_steps=none | _open_steps(session),
            overdue_steps=none | waiting.overdue,
            open_questions=none | open_questions,
            late_questions=none | waiting.unanswered,
            questions=none | questions,
            deadlines_missed=_missed(session, months, now),
            opening_lag=_opening_lag(session, months, clinics),
            without_month=none | waiting.not_opened,
            clicks=Queue(waiting.clicks, waiting.clicks_since),
            mail=_mail(session, now),
            webhooks=_webhooks(session),
            given_up=waiting.given_up,
        )


def _clinics(session: Session) -> dict[ClinicId, ZoneInfo]:
    query = select(ClinicRow.id, ClinicRow.time_zone).where(ClinicRow.status == ClinicStatus.ACTIVE)
    return {ClinicId(id_): ZoneInfo(zone) for id_, zone in session.exec(query)}


def _open_steps(session: Session) -> dict[ClinicId, int]:
    query = (
        select(StepRow.clinic_id, func.count())
        .where(StepRow.status == StepStatus.OPEN)
        .group_by(StepRow.clinic_id)
    )
    return {ClinicId(clinic): int(count) for clinic, count in session.exec(query)}


def _questions(session: Session) -> tuple[dict[ClinicId, int], dict[ClinicId, int]]:
    is_open = case((col(EscalationRow.answered_at).is_(None), 1), else_=0)
    query = (
        select(CycleRow.clinic_id, func.count(), func.sum(is_open))
        .join(EscalationRow, col(EscalationRow.cycle_id) == col(CycleRow.id))
        .group_by(CycleRow.clinic_id)
    )
    rows = session.exec(query).all()
    still = {ClinicId(clinic): int(count) for clinic, _, count in rows}
    return still, {ClinicId(clinic): int(count) for clinic, count, _ in rows}


def _missed(
    session: Session, months: Mapping[ClinicId, Month], now: datetime
) -> dict[ClinicId, int]:
    on_time = and_(is_done_with_deadline(), col(StepRow.ended_at) <= col(StepRow.due_at))
    late = case((and_(is_judged(now), ~on_time), 1), else_=0)
    found: dict[ClinicId, int] = dict.fromkeys(months, 0)
    for month, here in _by_month(months).items():
        query = (
            select(CycleRow.clinic_id, func.sum(late))
            .join(StepRow, col(StepRow.cycle_id) == col(CycleRow.id))
            .where(*in_months(here, [month]))
            .group_by(CycleRow.clinic_id)
        )
        found |= {ClinicId(clinic): int(count) for clinic, count in session.exec(query)}
    return found


def _opening_lag(
    session: Session, months: Mapping[ClinicId, Month], zones: Mapping[ClinicId, ZoneInfo]
) -> dict[ClinicId, timedelta]:
    """Compare with the month's first instant; who joined later is left out: theirs began later."""
    together: dict[datetime, list[ClinicId]] = defaultdict(list)
    for clinic, month in months.items():
        first = datetime(month.year, month.number, 1, tzinfo=zones[clinic])
        together[first.astimezone(UTC)].append(clinic)
    found: dict[ClinicId, timedelta] = {}
    for first, here in together.items():
        query = (
            select(CycleRow.clinic_id, func.max(CycleRow.opened_at))
            .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
            .where(*in_months(here, [months[here[0]]]), col(EnrollmentRow.activated_at) < first)
            .group_by(CycleRow.clinic_id)
        )
        for id_, opened in session.exec(query):
            found[ClinicId(id_)] = max(opened - first, timedelta(0))
    return found


def _by_month(months: Mapping[ClinicId, Month]) -> dict[Month, list[ClinicId]]:
    found: dict[Month, list[ClinicId]] = defaultdict(list)
    for clinic, month in months.items():
        found[month].append(clinic)
    return found


def _mail(session: Session, now: datetime) -> Queue:
    """Count e-mails of the last day that no mail server took yet; older ones are not sent again."""
    tables = (DigestRow, ScorecardLetterRow)
    counts = [_unsent(session, table, now - _A_DAY) for table in tables]
    known = [queue.since for queue in counts if queue.since is not None]
    return Queue(sum(queue.count for queue in counts), min(known, default=None))


def _unsent(
    session: Session, table: type[DigestRow | ScorecardLetterRow], since_then: datetime
) -> Queue:
    query = select(func.count(), func.min(table.claimed_at)).where(
        col(table.sent_at).is_(None), col(table.claimed_at) > since_then
    )
    count, since = session.exec(query).one()
    return Queue(int(count), since)


def _webhooks(session: Session) -> Queue:
    query = select(func.count(), func.min(WebhookDeliveryRow.made_at)).where(
        WebhookDeliveryRow.state == DeliveryState.WAITING
    )
    count, since = session.exec(query).one()
    return Queue(int(count), since)
