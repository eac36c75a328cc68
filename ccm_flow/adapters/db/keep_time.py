"""The time that a person entered with a click, or that their timer for the step shows."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.once import once
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.tables import CycleRow, TimerRow
from ccm_flow.adapters.db.time_writing import Draft, timer_limit, whole_seconds, write
from ccm_flow.app.care import Click
from ccm_flow.app.statuses import TimeSource
from ccm_flow.app.time import About
from ccm_flow.core.activities import Activity, activity_of
from ccm_flow.core.events import AttemptMade, StepCompleted
from ccm_flow.core.ids import ClickId, OutcomeId, StepId, StepKey

ENTERED_WITH_STEP = "the time was entered with the step"


def entry_id(click: ClickId) -> str:
    """Name the entry of a click's time."""
    return once("time", click)


@dataclass(frozen=True, slots=True)
class _Spent:
    """When the work began, how long it took, and how that is known."""

    started_at: datetime
    seconds: int
    source: TimeSource


def keep_time(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    """
    Keep the time of a click; it is never lost: what breaks a rule is flagged.

    A timer that runs for the very step ends with it. Its time is kept when none was typed, unless
    it ran so long that a person has to say when the work ended: then it runs on.
    """
    ended = whole_seconds(now)
    timer = _timer(session, click, cycle)
    spent = _typed(click, ended)
    if spent is not None:
        if timer is not None:
            timer.ended_at, timer.discarded_because = ended, ENTERED_WITH_STEP
    elif timer is not None and ended - timer.started_at <= timer_limit(session, cycle.clinic_id):
        took = int((ended - timer.started_at).total_seconds())
        spent = _Spent(timer.started_at, took, TimeSource.TIMER)
        timer.ended_at = ended
    if spent is not None and spent.seconds > 0:
        write(session, _draft(session, click, cycle, spent, now), hold=True)


def _typed(click: Click, ended: datetime) -> _Spent | None:
    if not click.work.time:
        return None
    started = click.work.started_at or ended - click.work.time
    seconds = int(click.work.time.total_seconds())
    return _Spent(whole_seconds(started), seconds, click.work.source)


def _timer(session: Session, click: Click, cycle: CycleRow) -> TimerRow | None:
    if click.step is None:
        return None
    query = select(TimerRow).where(
        TimerRow.person_id == click.by,
        TimerRow.cycle_id == cycle.id,
        TimerRow.step_key == click.step,
        col(TimerRow.ended_at).is_(None),
    )
    return session.exec(query).first()


def _draft(session: Session, click: Click, cycle: CycleRow, spent: _Spent, now: datetime) -> Draft:
    return Draft(
        id=entry_id(click.id),
        about=About(cycle.clinic_id, cycle.enrollment_id, cycle.id, click.step),
        person=click.by,
        activity=_activity(session, click, cycle),
        started_at=spent.started_at,
        seconds=spent.seconds,
        source=spent.source,
        entered_at=now,
        entered_by=click.by,
    )


def _activity(session: Session, click: Click, cycle: CycleRow) -> Activity:
    event = click.event
    result = event.result if isinstance(event, AttemptMade) else None
    result = event.outcome if isinstance(event, StepCompleted) else result
    return step_activity(session, cycle, click.step, result)


def step_activity(
    session: Session, cycle: CycleRow, step: StepKey | None, result: OutcomeId | None = None
) -> Activity:
    """Say what work on a step is; what the playbook does not know is clerical."""
    plan = plan_of(session, cycle.playbook_sha256)
    found = plan.by_id.get(StepId((step or "").partition("~")[0]))
    return activity_of(found, result) if found is not None else Activity.ADMINISTRATION
