"""The minutes that a person entered with a click."""

import uuid
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from ccm_flow.adapters.db.tables import ClinicRow, CycleRow, TimeEntryRow
from ccm_flow.app.care import Click
from ccm_flow.core.month import Month


def time_entry(session: Session, click: Click, cycle: CycleRow, now: datetime) -> TimeEntryRow:
    """Give the row for the time that was entered with a click."""
    started = now - click.work.time
    zone = ZoneInfo(session.get_one(ClinicRow, cycle.clinic_id).time_zone)
    return TimeEntryRow(
        id=uuid.uuid5(uuid.NAMESPACE_OID, f"time/{click.id}").hex,
        clinic_id=cycle.clinic_id,
        enrollment_id=cycle.enrollment_id,
        cycle_id=cycle.id,
        step_key=click.step,
        person_id=click.by,
        activity=(click.step or "other").partition("~")[0],
        started_at=started,
        seconds=int(click.work.time.total_seconds()),
        month=Month.of(started.astimezone(zone).date()),
        source=click.work.source,
        entered_at=now,
    )
