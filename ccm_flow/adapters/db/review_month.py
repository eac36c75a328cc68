"""The last month that is over, as the readiness review asks about it."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.tables import CycleRow, StepRow, TimeEntryRow
from ccm_flow.adapters.db.time_counting import stands
from ccm_flow.adapters.db.views_board import month_figures
from ccm_flow.adapters.db.views_leaks import leak_report
from ccm_flow.core.ids import ClinicId
from ccm_flow.core.leaks import Leak
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.review_seen import MonthSeen, Share
from ccm_flow.core.state import StepStatus
from ccm_flow.core.words import Phase


def last_month_seen(
    engine: Engine, clinic: ClinicId, running: Month, now: datetime
) -> MonthSeen | None:
    """Look at the newest month before the running one that was opened; None without one."""
    with reading(engine) as session:
        month = _newest_before(session, clinic, running)
        if month is None:
            return None
        entries = _entries(session, clinic, month)
        checkpoints = _checkpoints(session, clinic, month)
    (figures,) = month_figures(engine, clinic, [month], now)
    leaks = leak_report(engine, clinic, month).rows
    return MonthSeen(
        month=month,
        ready=Share(figures.ready, figures.patients),
        on_time=Share(figures.steps_on_time, figures.steps_due),
        unsigned=len(leaks[Leak.UNSIGNED_NOTES]),
        late=Share(len(leaks[Leak.LATE_ENTRIES]), entries),
        checkpoints=checkpoints,
    )


def _newest_before(session: Session, clinic: ClinicId, running: Month) -> Month | None:
    query = (
        select(col(CycleRow.month))
        .where(
            CycleRow.clinic_id == clinic,
            CycleRow.kind == PlaybookKind.MONTHLY,
            col(CycleRow.month) < running,
        )
        .order_by(col(CycleRow.month).desc())
    )
    month: Month | None = session.exec(query.limit(1)).first()
    return month


def _entries(session: Session, clinic: ClinicId, month: Month) -> int:
    """Count what the late ones are among: entries with time that stand."""
    query = select(func.count()).where(
        TimeEntryRow.clinic_id == clinic,
        TimeEntryRow.month == month,
        TimeEntryRow.seconds != 0,
        stands(),
    )
    return session.exec(query).one()


def _checkpoints(session: Session, clinic: ClinicId, month: Month) -> Share:
    """Count the reporting steps that were done, of those done, expired or still open."""
    query = (
        select(StepRow.status, func.count())
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(
            CycleRow.clinic_id == clinic,
            CycleRow.month == month,
            CycleRow.kind == PlaybookKind.MONTHLY,
            StepRow.phase == Phase.REPORTING,
            col(StepRow.status).in_((StepStatus.DONE, StepStatus.EXPIRED, StepStatus.OPEN)),
        )
        .group_by(col(StepRow.status))
    )
    counts = {status: int(count) for status, count in session.exec(query)}
    return Share(counts.get(StepStatus.DONE, 0), sum(counts.values()))
