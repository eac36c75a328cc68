"""What happened outside the playbook, and what a record system suggests that happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from ccm_flow.adapters.db.happening_reach import not_voided
from ccm_flow.adapters.db.keep_happening import OVER
from ccm_flow.adapters.db.tables import (
    EncounterRow,
    EnrollmentRow,
    HappeningAnswerRow,
    HappeningRow,
    PatientRow,
)
from ccm_flow.adapters.db.views_names import People, handles_of, patient_name
from ccm_flow.app.views_patient import HappeningView, Suggestion
from ccm_flow.core.happening import STAYS, HappeningKind
from ccm_flow.core.ids import SYSTEM, ClinicId, PatientId

STAYS_LAST: Final = timedelta(days=30)
"""An encounter that began earlier and has no end is more likely a forgotten one."""
SAME_STAY: Final = timedelta(days=1)
"""People often give the day alone, which is its first minute."""
_OVER: Final = ("finished", "cancelled", "entered-in-error", "completed", "discontinued")


def happenings_of(session: Session, patient: PatientId) -> tuple[HappeningView, ...]:
    """List everything told of a patient, newest first; what was taken back says why."""
    query = (
        select(HappeningRow, HappeningAnswerRow)
        .join(
            HappeningAnswerRow,
            col(HappeningAnswerRow.happening_id) == col(HappeningRow.id),
            isouter=True,
        )
        .where(HappeningRow.patient_id == patient)
        .order_by(col(HappeningRow.at).desc(), col(HappeningRow.received_at).desc())
    )
    rows: Sequence[tuple[HappeningRow, HappeningAnswerRow | None]] = [
        (told, answer) for told, answer in session.exec(query)
    ]
    people = People(session, {told.told_by for told, _ in rows})
    voids = {told.voids: told for told, _ in rows if told.voids is not None}
    return tuple(
        _view(told, answer, voids.get(told.id), people) for told, answer in rows if not told.voids
    )


def _view(
    told: HappeningRow,
    answer: HappeningAnswerRow | None,
    void: HappeningRow | None,
    people: People,
) -> HappeningView:
    by_system = told.told_by == SYSTEM
    return HappeningView(
        id=told.id,
        kind=told.kind,
        at=told.at,
        told_by_name=told.source if by_system else people.name(told.told_by),
        detail=told.detail,
        waiting=answer is None,
        led_to=tuple(answer.said) if answer else (),
        taken_back=f"{void.detail} ({people.name(void.told_by)})" if void else None,
    )


def suggestions_of(
    session: Session, clinic: ClinicId, *, now: datetime, patient: PatientId | None = None
) -> tuple[Suggestion, ...]:
    """
    List the stays that the record system shows as begun and nobody has told.

    Only of patients in a program. A stay counts as told when any admission, transfer or discharge
    since its beginning is recorded.
    """
    query = (
        select(EncounterRow, PatientRow, EnrollmentRow)
        .join(PatientRow, col(PatientRow.id) == col(EncounterRow.patient_id))
        .join(EnrollmentRow, col(EnrollmentRow.patient_id) == col(PatientRow.id))
        .where(
            PatientRow.clinic_id == clinic,
            col(EnrollmentRow.status).not_in(OVER),
            EncounterRow.kind == "inpatient",
            col(EncounterRow.ends_at).is_(None),
            col(EncounterRow.status).not_in(_OVER),
            col(EncounterRow.starts_at) >= now - STAYS_LAST,
            col(EncounterRow.starts_at) <= now,
        )
        .order_by(col(EncounterRow.starts_at), col(PatientRow.id))
    )
    if patient is not None:
        query = query.where(PatientRow.id == patient)
    found = session.exec(query).all()
    if not found:
        return ()
    handles = handles_of(session, [enrolled.id for *_, enrolled in found])
    told = _told(session, {who.id for _, who, _ in found})
    first: dict[PatientId, Suggestion] = {}
    for stay, who, enrolled in found:
        at = stay.starts_at
        if at is not None and who.id not in first and not _is_told(told, who.id, at):
            first[who.id] = Suggestion(
                handle=handles[enrolled.id],
                patient=who.id,
                patient_name=patient_name(who),
                kind=HappeningKind.ADMISSION,
                at=at,
            )
    return tuple(first.values())


def _told(session: Session, patients: set[PatientId]) -> list[HappeningRow]:
    query = select(HappeningRow).where(
        col(HappeningRow.patient_id).in_(patients), col(HappeningRow.kind).in_(STAYS), not_voided()
    )
    return list(session.exec(query))


def _is_told(told: Sequence[HappeningRow], patient: PatientId, begun: datetime) -> bool:
    since = begun - SAME_STAY
    return any(row.patient_id == patient and row.at >= since for row in told)
