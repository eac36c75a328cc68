"""What is known of a patient beside the program: how to reach them, conditions, risk, who bills."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.patient_edit_store import edits_of
from ccm_flow.adapters.db.patient_rows import patient_record
from ccm_flow.adapters.db.rationales import rationales_of
from ccm_flow.adapters.db.tables import EnrollmentRow, PractitionerChangeRow
from ccm_flow.adapters.db.views_find import PatientRef
from ccm_flow.adapters.db.views_names import People
from ccm_flow.app.patient_edits import ADDRESS_PARTS
from ccm_flow.app.statuses import PatientField
from ccm_flow.core.ids import PersonId
from ccm_flow.core.patient_facts import RiskTier


@dataclass(frozen=True, slots=True)
class EditLine:
    """One thing that a person put right."""

    field: PatientField
    value: str | None
    """None where the imported value holds again."""
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RiskLine:
    """One statement of the risk."""

    tier: RiskTier
    text: str
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """From a moment on somebody else billed."""

    before_name: str | None
    to_name: str
    because: str
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """A condition of the imported record that is active."""

    text: str
    code: str
    since: date | None


@dataclass(frozen=True, slots=True)
class DetailsView:
    """Everything of the details page."""

    reach: Mapping[PatientField, str]
    """How the patient is reached: what holds now."""
    address: Mapping[str, str]
    """The parts of the address that are known."""
    put_right: frozenset[PatientField]
    """The fields in which a person's word holds, not the import's."""
    source: str
    conditions: tuple[ConditionLine, ...]
    medicines: tuple[str, ...]
    coverages: tuple[str, ...]
    edits: tuple[EditLine, ...]
    """The newest first."""
    risks: tuple[RiskLine, ...]
    """The newest first: it counts."""
    practitioner: PersonId | None
    changes: tuple[ChangeLine, ...]


def patient_details(engine: Engine, ref: PatientRef) -> DetailsView:
    """Give what is known of a patient, as imported and as people put it right."""
    with reading(engine) as session:
        record, edits = patient_record(session, ref.patient), edits_of(session, ref.patient)
        risks, changes = rationales_of(session, ref.patient), _changes(session, ref)
        enrolled = session.get_one(EnrollmentRow, ref.enrollment)
        ids = {one.by for one in edits} | {one.by for one in risks}
        for change in changes:
            ids |= {change.by, change.practitioner_id, change.before_id or change.by}
        people = People(session, ids)
        latest = {one.field: one.value for one in edits}
        return DetailsView(
            reach={field: _said(getattr(record, field.value)) or "" for field in PatientField},
            address={
                part: record.address[part] for part in ADDRESS_PARTS if record.address.get(part)
            },
            put_right=frozenset(field for field, value in latest.items() if value is not None),
            source=record.source,
            conditions=tuple(
                ConditionLine(one.display, one.code, one.onset_on)
                for one in record.conditions
                if one.clinical_status == "active"
            ),
            medicines=tuple(
                dict.fromkeys(one.display for one in record.medications if one.status == "active")
            ),
            coverages=tuple(dict.fromkeys(one.payer for one in record.coverages)),
            edits=tuple(
                EditLine(one.field, _said(one.value), people.name(one.by), one.at)
                for one in reversed(edits)
            ),
            risks=tuple(
                RiskLine(one.tier, one.text, people.name(one.by), one.at) for one in reversed(risks)
            ),
            practitioner=enrolled.practitioner_id,
            changes=tuple(_change(one, people) for one in changes),
        )


def _changes(session: Session, ref: PatientRef) -> list[PractitionerChangeRow]:
    query = select(PractitionerChangeRow).where(
        PractitionerChangeRow.enrollment_id == ref.enrollment
    )
    return list(session.exec(query.order_by(col(PractitionerChangeRow.at).desc())))


def _change(row: PractitionerChangeRow, people: People) -> ChangeLine:
    before = people.name(row.before_id) if row.before_id else None
    to = people.name(row.practitioner_id)
    return ChangeLine(before, to, row.because, people.name(row.by), row.at)


def _said(value: object) -> str | None:
    """Write a field's value; an address by its parts."""
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part)
    return None if value is None else str(value)
