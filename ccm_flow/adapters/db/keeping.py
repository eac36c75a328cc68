"""Keeps what a person did and wrote, as facts, before anything is done with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session

from ccm_flow.adapters.db.keep_care_plans import keep_care_plan, keep_care_plan_shared
from ccm_flow.adapters.db.keep_consent import keep_consent, keep_introduction, keep_visit
from ccm_flow.adapters.db.keep_notes import keep_note, keep_signature
from ccm_flow.adapters.db.keep_time import keep_time
from ccm_flow.adapters.db.tables import ClickRow, CycleRow
from ccm_flow.app.care import Click, Work
from ccm_flow.app.statuses import ConsentKind, ConsentMode
from ccm_flow.core.consent import Statement
from ccm_flow.core.events import PersonEvent
from ccm_flow.core.plan import Recorded

_EVENT: TypeAdapter[PersonEvent] = TypeAdapter(PersonEvent)


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
    keep_time(session, click, cycle, now)
    if click.work.note or click.work.fields:
        keep_note(session, click, cycle, now)


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
            statements=frozenset(Statement(one) for one in payload.get("statements", ())),
            signature=payload.get("signature", ""),
        ),
        records=tuple(Recorded(record) for record in payload["records"]),
    )


def _payload(click: Click) -> dict[str, Any]:
    return {
        "event": _EVENT.dump_python(click.event, mode="json"),
        "records": [record.value for record in click.records],
        "consent_mode": click.work.consent_mode.value,
        "statements": sorted(click.work.statements),
        "signature": click.work.signature,
        "fields": dict(click.work.fields),
        "note": click.work.note,
    }


_KEEP: dict[Recorded, Callable[[Session, Click, CycleRow, datetime], None]] = {
    Recorded.INTRODUCTION: keep_introduction,
    Recorded.CONSENT: keep_consent(ConsentKind.ACCEPTED),
    Recorded.REFUSAL: keep_consent(ConsentKind.DECLINED),
    Recorded.REVOCATION: keep_consent(ConsentKind.REVOKED),
    Recorded.CARE_PLAN: keep_care_plan,
    Recorded.CARE_PLAN_SHARED: keep_care_plan_shared,
    Recorded.INITIATING_VISIT: keep_visit,
    Recorded.SIGNATURE: keep_signature,
}
