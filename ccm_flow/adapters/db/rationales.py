"""Why a patient is at significant risk, as the practitioners stated it."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.once import once
from ccm_flow.adapters.db.tables import PatientRow, RiskRationaleRow
from ccm_flow.core.ids import PatientId, PersonId, patient_stream
from ccm_flow.core.patient_facts import RiskTier


def latest_rationale(session: Session, patient: PatientId) -> RiskRationaleRow | None:
    """Give the statement that counts; None when no practitioner made one."""
    rows = rationales_of(session, patient)
    return rows[-1] if rows else None


def stated_tiers(session: Session, which: ColumnElement[bool]) -> dict[PatientId, RiskTier]:
    """Give the tier that counts for each patient, of those `which` chooses, who has one."""
    query = (
        select(RiskRationaleRow.patient_id, RiskRationaleRow.tier)
        .join(PatientRow, col(PatientRow.id) == col(RiskRationaleRow.patient_id))
        .where(which)
        .order_by(col(RiskRationaleRow.at), col(RiskRationaleRow.id))
    )
    return {PatientId(patient): RiskTier(tier) for patient, tier in session.exec(query)}


def rationales_of(session: Session, patient: PatientId) -> list[RiskRationaleRow]:
    """List every statement about a patient, the earliest first."""
    query = select(RiskRationaleRow).where(RiskRationaleRow.patient_id == patient)
    return list(session.exec(query.order_by(col(RiskRationaleRow.at), col(RiskRationaleRow.id))))


def add_rationale(
    session: Session,
    patient: PatientId,
    text: str,
    tier: RiskTier,
    *,
    by: PersonId,
    at: datetime,
    told_in: str | None = None,
) -> RiskRationaleRow:
    """
    Keep a statement and its line in the ledger; earlier ones stay.

    Told a second time under the same id, it changes nothing.
    """
    held = session.exec(select(PatientRow).where(PatientRow.id == patient).with_for_update()).one()
    id_ = once("rationale", told_in)
    known = session.get(RiskRationaleRow, id_)
    if known is not None:
        return known
    row = RiskRationaleRow(id=id_, patient_id=patient, text=text, tier=tier, by=by, at=at)
    session.add(row)
    append(
        session,
        held.clinic_id,
        patient_stream(patient),
        "risk_rationale_recorded",
        actor=by,
        at=at,
        detail={"rationale": row.id, "tier": tier.value},
    )
    return row
