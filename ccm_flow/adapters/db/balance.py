"""
Whether a clinic's report and its ledger tell the same.

The report reads the projection (cycles, steps, escalations); this counts the ledger's lines. The
minutes are no part of the flow: they are summed from the append-only entries of time, one by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.pool import agreed_at
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    ClinicVendorRow,
    LedgerEventRow,
    TimeEntryRow,
)
from ccm_flow.app.scorecard import Scorecard
from ccm_flow.core.ids import ClinicId, OrganizationId, StepId
from ccm_flow.core.ledger_count import Counted, CycleLine, count_lines
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.core.scorecard import Count
from ccm_flow.core.sla import History, Tally, VendorSpan, who_was


@dataclass(frozen=True, slots=True)
class Balance:
    """One clinic's report beside its ledger."""

    clinic: ClinicId
    report: Counted
    ledger: Counted
    minutes: int
    entered_minutes: int
    """Summed from the entries of time."""

    @property
    def differences(self) -> tuple[str, ...]:
        """Say what does not agree; nothing when all does."""
        pairs = {
            "months": (self.report.months, self.ledger.months),
            "ended": (self.report.ended, self.ledger.ended),
            "ready": (self.report.ready, self.ledger.ready),
            "minutes": (self.minutes, self.entered_minutes),
            **self._parties(),
        }
        return tuple(
            f"{name}: {report} reported, {ledger} in the ledger"
            for name, (report, ledger) in pairs.items()
            if report != ledger
        )

    def _parties(self) -> Mapping[str, tuple[Tally, Tally]]:
        parties = sorted({*self.report.parties, *self.ledger.parties}, key=str)
        return {
            f"deadlines of {party or 'nobody'}": (
                self.report.parties.get(party, Tally()),
                self.ledger.parties.get(party, Tally()),
            )
            for party in parties
        }


def balance(engine: Engine, card: Scorecard, now: datetime) -> Balance:
    """Count a clinic's month from the ledger and lay it beside its scorecard."""
    record, clinic, month = SqlCareRecord(engine), card.clinic, card.month
    plan = record.plan_for(clinic, PlaybookKind.MONTHLY, month)
    with reading(engine) as session:
        counted = _count(session, clinic, month, plan, now)
        seconds = _seconds(session, clinic, month)
    report = Counted(
        months=card.count(Count.PATIENTS),
        ended=card.count(Count.READY) + card.count(Count.NOT_READY),
        ready=card.count(Count.READY),
        parties={one.organization: one.tally for one in card.parties},
    )
    return Balance(clinic, report, counted, card.minutes, seconds // 60)


def _count(session: Session, clinic: ClinicId, month: Month, plan: Plan, now: datetime) -> Counted:
    row = session.get_one(ClinicRow, clinic)
    zone, history = clinic_zone(row.time_zone), _history(session, row)
    rows = session.exec(
        select(LedgerEventRow)
        .where(*_of(clinic, month))
        .order_by(
            col(LedgerEventRow.cycle_id),
            col(LedgerEventRow.sequence),
            col(LedgerEventRow.position),
        )
    )

    def party_of(step: StepId, day: date) -> OrganizationId | None:
        planned = plan.by_id[step]
        return who_was(history, planned.owner, step, planned.responsibility, day)

    def date_of(instant: datetime) -> date:
        return instant.astimezone(zone).date()

    lines = (CycleLine(one.cycle_id, one.kind, one.detail) for one in rows)
    return count_lines(lines, party_of, date_of, now)


def _history(session: Session, clinic: ClinicRow) -> History:
    rows = session.exec(select(ClinicVendorRow).where(ClinicVendorRow.clinic_id == clinic.id))
    spans = tuple(VendorSpan(row.organization_id, row.from_day, row.until_day) for row in rows)
    return History(clinic.organization_id, spans, agreed_at(session, clinic.id))


def _seconds(session: Session, clinic: ClinicId, month: Month) -> int:
    """Sum the month's entries that no later one corrects, of those whose month the ledger has."""
    streams = session.exec(select(LedgerEventRow.cycle_id).where(*_of(clinic, month)).distinct())
    enrollments = {stream.split(":")[1] for stream in streams}
    rows = session.exec(select(TimeEntryRow).where(TimeEntryRow.clinic_id == clinic)).all()
    corrected = {one.corrects for one in rows}
    return sum(
        one.seconds
        for one in rows
        if one.id not in corrected and one.month == month and one.enrollment_id in enrollments
    )


def _of(clinic: ClinicId, month: Month) -> tuple[Any, ...]:
    """Choose the lines of a clinic's monthly cycles."""
    pattern = f"{PlaybookKind.MONTHLY.value}:%:{month}"
    return LedgerEventRow.clinic_id == clinic, col(LedgerEventRow.cycle_id).like(pattern)
