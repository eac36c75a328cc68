"""Care plans that come with a click."""

from datetime import datetime

from sqlmodel import Session

from ccm_flow.adapters.db.care_plan_rows import (
    add_share,
    add_version,
    latest_version,
    plan_in,
    share_words,
)
from ccm_flow.adapters.db.once import once
from ccm_flow.adapters.db.tables import CycleRow
from ccm_flow.app.care import Click
from ccm_flow.core.care_plan import CarePlan
from ccm_flow.core.care_plan_text import revise


def keep_care_plan(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    """Keep the next version of the care plan: the newest one with what the note changes."""
    latest = latest_version(session, cycle.enrollment_id)
    plan = revise(plan_in(latest) if latest else CarePlan(), click.work.fields).plan
    id_ = once("plan", click.id)
    add_version(session, cycle.enrollment_id, plan, click.by, now, id_=id_)


def keep_care_plan_shared(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    """Keep that the patient or caregiver got the newest version."""
    latest = latest_version(session, cycle.enrollment_id)
    if latest is not None:
        given = share_words(click.work.fields)
        id_ = once("share", click.id)
        add_share(session, latest, given, click.by, now, id_=id_)
