"""Keeps what a person did and wrote, as facts, before anything is done with it."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.db.tables import (
    CarePlanRow,
    ClickRow,
    ClinicRow,
    ConsentRow,
    CycleRow,
    EnrollmentRow,
    NoteRow,
    TimeEntryRow,
)
from ccm_flow.app.care import Click, Work
from ccm_flow.app.statuses import ConsentKind, ConsentMode, EnrollmentStatus
from ccm_flow.core.events import PersonEvent
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Recorded

_EVENT: TypeAdapter[PersonEvent] = TypeAdapter(PersonEvent)

CONSENT_VERSION = "ccm-consent-1"
CONSENT_STATEMENTS = (
    "what the program offers",
    "cost sharing may apply",
    "one practitioner bills in a month",
    "the right to stop at the end of any calendar month",
)
"""What must be told before consent counts (NGS Care Management; medicare-rules, consent)."""


def keep_click(session: Session, click: Click, now: datetime) -> None:
    """Keep a click, its time entry and note in one transaction; a second time nothing."""
    if session.get(ClickRow, click.id) is not None:
        return
    cycle = session.get_one(CycleRow, click.cycle)
    session.add(
        ClickRow(
            id=click.id,
            cycle_id=click.cycle,
            step_key=click.step,
            kind=click.event.kind,
            payload=_payload(click),
            by=click.by,
            received_at=now,
        )
    )
    if click.work.time:
        session.add(_time_entry(session, click, cycle, now))
    if click.work.note or click.work.fields:
        session.add(_note(click, cycle, now))


def keep_records(session: Session, row: ClickRow) -> None:
    """Keep what the outcome of a click that was taken puts into the record."""
    click = click_of(row)
    cycle = session.get_one(CycleRow, click.cycle)
    for record in click.records:
        _KEEP[record](session, click, cycle, row.received_at)


def click_of(row: ClickRow) -> Click:
    """Read a kept click back, without the time that was entered with it."""
    payload = row.payload
    return Click(
        id=row.id,
        cycle=row.cycle_id,
        by=row.by,
        event=_EVENT.validate_python(payload["event"]),
        step=row.step_key,
        work=Work(
            note=payload["note"],
            fields=payload["fields"],
            consent_mode=ConsentMode(payload["consent_mode"]),
        ),
        records=tuple(Recorded(record) for record in payload["records"]),
    )


def _payload(click: Click) -> dict[str, Any]:
    return {
        "event": _EVENT.dump_python(click.event, mode="json"),
        "records": [record.value for record in click.records],
        "consent_mode": click.work.consent_mode.value,
        "fields": dict(click.work.fields),
        "note": click.work.note,
    }


def _time_entry(session: Session, click: Click, cycle: CycleRow, now: datetime) -> TimeEntryRow:
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


def _note(click: Click, cycle: CycleRow, now: datetime) -> NoteRow:
    return NoteRow(
        id=uuid.uuid5(uuid.NAMESPACE_OID, f"note/{click.id}").hex,
        clinic_id=cycle.clinic_id,
        enrollment_id=cycle.enrollment_id,
        cycle_id=cycle.id,
        step_key=click.step,
        author_id=click.by,
        kind=(click.step or "other").partition("~")[0],
        fields=dict(click.work.fields),
        text=click.work.note,
        written_at=now,
    )


# --- what an outcome puts into the record ---


def _consent(kind: ConsentKind) -> Callable[[Session, Click, CycleRow, datetime], None]:
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


def _care_plan(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    latest = session.exec(
        select(func.max(CarePlanRow.version)).where(
            CarePlanRow.enrollment_id == cycle.enrollment_id
        )
    ).one()
    session.add(
        CarePlanRow(
            id=uuid.uuid5(uuid.NAMESPACE_OID, f"plan/{click.id}").hex,
            enrollment_id=cycle.enrollment_id,
            version=(latest or 0) + 1,
            elements=dict(click.work.fields),
            written_at=now,
            written_by=click.by,
        )
    )


def _care_plan_shared(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    latest = session.exec(
        select(CarePlanRow)
        .where(CarePlanRow.enrollment_id == cycle.enrollment_id)
        .order_by(col(CarePlanRow.version).desc())
    ).first()
    if latest is not None and latest.shared_at is None:
        latest.shared_at = now
        latest.shared_how = click.work.fields.get("shared_how", "copy given")


def _visit(session: Session, _click: Click, cycle: CycleRow, now: datetime) -> None:
    enrollment = session.get_one(EnrollmentRow, cycle.enrollment_id)
    enrollment.initiating_visit_at = now


def _signature(session: Session, click: Click, cycle: CycleRow, now: datetime) -> None:
    """Sign every open note of the patient, the one just written too."""
    notes = session.exec(
        select(NoteRow).where(
            NoteRow.enrollment_id == cycle.enrollment_id, col(NoteRow.signed_at).is_(None)
        )
    )
    for note in notes:
        note.signed_at, note.signed_by = now, click.by


_KEEP: dict[Recorded, Callable[[Session, Click, CycleRow, datetime], None]] = {
    Recorded.CONSENT: _consent(ConsentKind.ACCEPTED),
    Recorded.REFUSAL: _consent(ConsentKind.DECLINED),
    Recorded.REVOCATION: _consent(ConsentKind.REVOKED),
    Recorded.CARE_PLAN: _care_plan,
    Recorded.CARE_PLAN_SHARED: _care_plan_shared,
    Recorded.INITIATING_VISIT: _visit,
    Recorded.SIGNATURE: _signature,
}
