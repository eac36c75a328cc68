"""
What is removed of a patient, table by table, children before what they refer to.

What stays says nothing of who it was: opaque ids, instants, minutes, codes, outcomes. Those are
what bills and the ledger stand on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlmodel import SQLModel, col, select

from ccm_flow.adapters.db import tables as t
from ccm_flow.core.ids import PatientId
from ccm_flow.core.retention import REMOVED


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table: deleted, or emptied of these columns where they hold something."""

    table: type[SQLModel]
    which: ColumnElement[bool]
    empty: Mapping[str, Any] | None = None
    """None: the rows are deleted."""


def parts_of(patient: PatientId) -> Iterator[Part]:
    """Give everything that is removed of a patient, in the order in which it can be."""
    enrollments: Select[Any] = select(t.EnrollmentRow.id).where(
        t.EnrollmentRow.patient_id == patient
    )
    cycles: Select[Any] = select(t.CycleRow.id).where(
        col(t.CycleRow.enrollment_id).in_(enrollments)
    )
    yield from _written(enrollments, cycles)
    yield from _told(patient)
    yield from _imported(patient)
    yield from _typed(enrollments, cycles)
    yield Part(t.PatientRow, col(t.PatientRow.id) == patient, _nobody(patient))


def _written(enrollments: Select[Any], cycles: Select[Any]) -> Iterator[Part]:
    notes = select(t.NoteRow.id).where(col(t.NoteRow.enrollment_id).in_(enrollments))
    plans = select(t.CarePlanRow.id).where(col(t.CarePlanRow.enrollment_id).in_(enrollments))
    yield Part(t.NoteCosignRow, col(t.NoteCosignRow.note_id).in_(notes))
    # An amendment refers to its original, so all of them go with one statement.
    yield Part(t.NoteRow, col(t.NoteRow.enrollment_id).in_(enrollments))
    yield Part(t.NoteDraftRow, col(t.NoteDraftRow.cycle_id).in_(cycles))
    yield Part(t.CarePlanApprovalRow, col(t.CarePlanApprovalRow.care_plan_id).in_(plans))
    yield Part(t.CarePlanShareRow, col(t.CarePlanShareRow.care_plan_id).in_(plans))
    yield Part(t.CarePlanRow, col(t.CarePlanRow.enrollment_id).in_(enrollments))
    yield Part(t.PutOffRow, col(t.PutOffRow.cycle_id).in_(cycles))


def _told(patient: PatientId) -> Iterator[Part]:
    happenings = select(t.HappeningRow.id).where(t.HappeningRow.patient_id == patient)
    yield Part(t.HappeningEffectRow, col(t.HappeningEffectRow.happening_id).in_(happenings))
    yield Part(t.HappeningAnswerRow, col(t.HappeningAnswerRow.happening_id).in_(happenings))
    yield Part(t.HappeningRow, col(t.HappeningRow.patient_id) == patient)


def _imported(patient: PatientId) -> Iterator[Part]:
    for table in (
        t.ConditionRow,
        t.CoverageRow,
        t.EncounterRow,
        t.MedicationRow,
        t.ServiceRow,
        t.PatientEditRow,
        t.RiskRationaleRow,
        t.EligibilityReviewRow,
    ):
        yield Part(table, col(table.patient_id) == patient)


def _typed(enrollments: Select[Any], cycles: Select[Any]) -> Iterator[Part]:
    yield Part(t.ClickRow, col(t.ClickRow.cycle_id).in_(cycles), {"payload": {}, "answer": None})
    yield Part(t.StepRow, col(t.StepRow.cycle_id).in_(cycles), {"because": REMOVED})
    yield Part(t.CycleRow, col(t.CycleRow.id).in_(cycles), {"because": REMOVED})
    yield Part(
        t.EscalationRow,
        col(t.EscalationRow.cycle_id).in_(cycles),
        {"because": REMOVED, "answer": REMOVED},
    )
    alerts = select(t.AlertRow.id).where(col(t.AlertRow.enrollment_id).in_(enrollments))
    yield Part(t.AlertEventRow, col(t.AlertEventRow.alert_id).in_(alerts), {"because": REMOVED})
    for table, empty in (
        (t.ConsentRow, {"note": None, "signature": None}),
        (t.TimeEntryRow, {"reason": REMOVED}),
        (t.PractitionerChangeRow, {"because": REMOVED}),
        (t.LineActRow, {"because": REMOVED}),
    ):
        yield Part(table, col(table.enrollment_id).in_(enrollments), empty)
    yield Part(
        t.EnrollmentRow, col(t.EnrollmentRow.id).in_(enrollments), {"ended_because": REMOVED}
    )


def _nobody(patient: PatientId) -> Mapping[str, Any]:
    return {
        "mrn": "",
        "family_name": REMOVED,
        "given_name": "",
        "birth_date": None,
        "sex": "",
        "phone": "",
        "language": "",
        "address": {},
        "deceased_at": None,
        "source_id": patient,
        "content_hash": "",
    }
