"""Closed months, billing lines and decisions in the database; nothing is ever edited."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.billing_facts import all_billing_facts
from ccm_flow.adapters.db.billing_months import (
    handoffs_of,
    months_to_close,
    open_notes,
    pending_clicks,
    running_timers,
)
from ccm_flow.adapters.db.billing_text import read_facts, read_result
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.tables import (
    BillingLineRow,
    LineActRow,
    MonthActRow,
)
from ccm_flow.app.billing import Done, KeptLine, MonthOf, NewLine, Rules
from ccm_flow.app.close_month import AlreadyClosedError
from ccm_flow.core.billing.model import BillingFacts
from ccm_flow.core.canonical import canonical, fingerprint, plain
from ccm_flow.core.facts import Facts
from ccm_flow.core.handoff import Decision, HandoffStep, is_closed
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, EnrollmentId, record_stream
from ccm_flow.core.month import Month


def month_stream(clinic: ClinicId, month: Month) -> CycleId:
    """Name the ledger's stream of what is done to a clinic's whole month."""
    return CycleId(f"month:{clinic}:{month}")


class SqlBillingStore:
    """Implements `ccm_flow.app.billing.BillingStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def months(
        self, clinic: ClinicId, month: Month, now: datetime, only: EnrollmentId | None = None
    ) -> list[MonthOf]:
        """Give every monthly cycle of a month with its live facts, by name, or one patient's."""
        with reading(self._engine) as session:
            return months_to_close(session, clinic, month, now, only)

    def facts(
        self, month: Month, live: Mapping[EnrollmentId, Facts]
    ) -> Mapping[EnrollmentId, BillingFacts]:
        """Give everything that billing patients' months depends on."""
        with reading(self._engine) as session:
            return all_billing_facts(session, live, month)

    def history(self, clinic: ClinicId, month: Month) -> list[Done]:
        """Give what was done to a month, oldest first."""
        with reading(self._engine) as session:
            return [_done(row) for row in _acts(session, clinic, month)]

    def is_closed(self, clinic: ClinicId, month: Month) -> bool:
        """Tell whether a month is closed now."""
        return is_closed([done.act for done in self.history(clinic, month)])

    def lines(self, clinic: ClinicId, month: Month) -> list[KeptLine]:
        """Give the newest line of every patient."""
        with reading(self._engine) as session:
            rows = session.exec(
                select(BillingLineRow)
                .where(BillingLineRow.clinic_id == clinic, BillingLineRow.month == month)
                .order_by(col(BillingLineRow.enrollment_id), col(BillingLineRow.revision))
            ).all()
            newest = {row.enrollment_id: row for row in rows}
            decided = _decisions(session, clinic, month)
            handoffs = handoffs_of(session, clinic, month)
            return [
                _kept(row, decided.get(row.id, ()), handoffs.get(row.enrollment_id))
                for row in newest.values()
            ]

    def unsettled(self, clinic: ClinicId, month: Month) -> list[str]:
        """Say which notes and clicks of a month are still open."""
        with reading(self._engine) as session:
            return [
                *open_notes(session, clinic, month),
                *running_timers(session, clinic, month),
                *pending_clicks(session, clinic, month),
            ]

    def close(self, clinic: ClinicId, month: Month, done: Done, lines: Sequence[NewLine]) -> None:
        """
        Keep that a month was closed, with its lines, as one change.

        Raises:
            AlreadyClosedError: somebody else closed it a moment ago.
        """
        with writing(self._engine) as session:
            acts = _acts(session, clinic, month)
            if is_closed([act.act for act in acts]):
                raise AlreadyClosedError(month, acts[-1].by)
            _keep_act(session, clinic, month, done)
            for line in lines:
                session.add(_line_row(clinic, month, done, line))

    def reopen(self, clinic: ClinicId, month: Month, done: Done) -> None:
        """Keep that a month was opened again."""
        with writing(self._engine) as session:
            _keep_act(session, clinic, month, done)

    def decide(
        self,
        clinic: ClinicId,
        month: Month,
        decisions: Mapping[EnrollmentId, Decision],
        click: ClickId | None = None,
    ) -> None:
        """Keep what was decided about patients' newest lines, as one change; a click once."""
        newest = {line.enrollment: line.id for line in self.lines(clinic, month)}
        with writing(self._engine) as session:
            for enrollment, decision in decisions.items():
                line = newest.get(enrollment)
                id_ = _act_id(click, enrollment)
                if session.get(LineActRow, id_) is not None:
                    continue
                session.add(_act_row(id_, (clinic, month, enrollment), line, decision))
                append(
                    session,
                    clinic,
                    record_stream(enrollment),
                    f"billing_{decision.act.value}",
                    actor=decision.by,
                    at=decision.at,
                    detail={"month": str(month), "line": line},
                )


def _acts(session: Session, clinic: ClinicId, month: Month) -> Sequence[MonthActRow]:
    return session.exec(
        select(MonthActRow)
        .where(MonthActRow.clinic_id == clinic, MonthActRow.month == month)
        .order_by(col(MonthActRow.number))
    ).all()


def _done(row: MonthActRow) -> Done:
    return Done(row.id, row.act, row.by, row.at, row.because, tuple(row.unsettled))


def _keep_act(session: Session, clinic: ClinicId, month: Month, done: Done) -> None:
    """Keep an act; two people who do it at once get one of them refused by the database."""
    session.add(
        MonthActRow(
            id=done.id,
            clinic_id=clinic,
            month=month,
            number=len(_acts(session, clinic, month)) + 1,
            act=done.act,
            by=done.by,
            at=done.at,
            because=done.because,
            unsettled=list(done.unsettled),
        )
    )
    append(
        session,
        clinic,
        month_stream(clinic, month),
        f"month_{done.act.value}",
        actor=done.by,
        at=done.at,
        detail={"month": str(month), "unsettled": len(done.unsettled)},
    )


def _line_row(clinic: ClinicId, month: Month, done: Done, line: NewLine) -> BillingLineRow:
    judged = line.judged
    return BillingLineRow(
        id=uuid.uuid4().hex,
        clinic_id=clinic,
        enrollment_id=line.enrollment,
        month=month,
        revision=line.revision,
        replaces=line.replaces,
        closed_by_act=done.id,
        made_at=done.at,
        facts=canonical(judged.facts),
        facts_sha256=fingerprint(judged.facts),
        result=canonical(plain(judged.result)),
        rules=judged.rules.name,
        rules_sha256=judged.rules.sha256,
    )


def _act_id(click: ClickId | None, enrollment: EnrollmentId) -> str:
    """Name a decision by the click that made it, so that a click sent twice is one decision."""
    if click is None:
        return uuid.uuid4().hex
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{click}:{enrollment}").hex


def _act_row(
    id_: str,
    about: tuple[ClinicId, Month, EnrollmentId],
    line: str | None,
    decision: Decision,
) -> LineActRow:
    clinic, month, enrollment = about
    return LineActRow(
        id=id_,
        clinic_id=clinic,
        enrollment_id=enrollment,
        month=month,
        line_id=line,
        act=decision.act,
        by=decision.by,
        at=decision.at,
        because=decision.because,
    )


def _decisions(
    session: Session, clinic: ClinicId, month: Month
) -> Mapping[str, tuple[Decision, ...]]:
    rows = session.exec(
        select(LineActRow)
        .where(LineActRow.clinic_id == clinic, LineActRow.month == month)
        .order_by(col(LineActRow.at), col(LineActRow.id))
    )
    found: dict[str, list[Decision]] = defaultdict(list)
    for row in rows:
        if row.line_id is not None:
            found[row.line_id].append(Decision(row.act, row.by, row.at, row.because))
    return {line: tuple(decisions) for line, decisions in found.items()}


def _kept(
    row: BillingLineRow, decisions: Sequence[Decision], handoff: HandoffStep | None
) -> KeptLine:
    return KeptLine(
        id=row.id,
        enrollment=row.enrollment_id,
        month=row.month,
        revision=row.revision,
        made_at=row.made_at,
        facts=read_facts(row.facts),
        facts_sha256=row.facts_sha256,
        result=read_result(row.result),
        rules=Rules(row.rules, row.rules_sha256),
        decisions=tuple(decisions),
        handoff=handoff,
    )
