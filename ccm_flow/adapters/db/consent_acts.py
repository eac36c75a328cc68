"""Consents that are taken or taken back outside a cycle, and what there is of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.consents import consent_in_force, consent_rows, terms_of, zone_of
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.enrollment_changes import locked_enrollment
from ccm_flow.adapters.db.keep_consent import answer_id, write_answer
from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.plan_rows import plan_of
from ccm_flow.adapters.db.tables import ConsentRow, CycleRow, EnrollmentRow, StepRow
from ccm_flow.adapters.db.views_names import People, enrollment_handles
from ccm_flow.app.act import check_consent
from ccm_flow.app.care import Work
from ccm_flow.app.statuses import ConsentKind, ConsentMode, EnrollmentStatus
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import EnrollmentId, PersonId, record_stream
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Recorded
from ccm_flow.core.state import StepStatus

_OVER = (EnrollmentStatus.DECLINED, EnrollmentStatus.WITHDRAWN, EnrollmentStatus.ENDED)


class ConsentActError(CcmError):
    """A consent cannot be taken or taken back as things stand."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer of the patient."""

    kind: ConsentKind
    mode: ConsentMode
    taken_at: datetime
    taken_by_name: str
    version: str
    statements: tuple[str, ...]
    practitioner_name: str | None
    """Whose billing it covers."""
    effective_from: date
    last_day: date | None
    signature: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What a patient agreed to, and whether it covers a month."""

    enrollment: EnrollmentId
    practitioner_name: str | None
    month: Month
    in_force: bool
    since: datetime | None
    """Minutes before do not count."""
    last_day: date | None
    """Of a consent that was taken back."""
    answers: tuple[AnswerView, ...]


def consent_view(engine: Engine, enrollment: EnrollmentId, now: datetime) -> ConsentView:
    """Give every answer of a patient, and how their consent stands this month."""
    with reading(engine) as session:
        row = session.get_one(EnrollmentRow, enrollment)
        rows = consent_rows(session, enrollment)
        ids = {one.taken_by for one in rows} | {one.practitioner_id or "" for one in rows}
        people = People(session, ids | {row.practitioner_id or ""})
        month = Month.of(now.astimezone(zone_of(session, row)).date())
        found = consent_in_force(session, enrollment, month)
        return ConsentView(
            enrollment=enrollment,
            practitioner_name=people.name(row.practitioner_id) if row.practitioner_id else None,
            month=month,
            in_force=found is not None,
            since=found.since if found else None,
            last_day=found.last_day if found else None,
            answers=tuple(_answer(one, people) for one in rows),
        )


def accept(
    engine: Engine,
    enrollment: EnrollmentId,
    told_in: str,
    work: Work,
    *,
    by: PersonId,
    at: datetime,
) -> None:
    """
    Keep that the patient agreed. Told a second time under the same `told_in`, it changes nothing.

    A running step that asks for consent is where the answer belongs: here it would be kept beside
    a step that still waits for it.

    Raises:
        ConsentRefusedError: a statement was not read, or it may not be given by word.
        ConsentActError: the enrollment is over, or an open step asks for the answer.
    """
    with writing(engine) as session:
        row = locked_enrollment(session, enrollment)
        if session.get(ConsentRow, answer_id(told_in)) is not None:
            return
        _refuse_beside_a_step(session, enrollment)
        if row.status in _OVER:
            raise ConsentActError(f"The patient is no longer in the program ({row.status.value}).")
        check_consent(work, terms_of(session, enrollment, at))
        kept = write_answer(session, ConsentKind.ACCEPTED, row, told_in, by=by, work=work, now=at)
        _tell(session, row, kept, "consent_given", by=by, detail={"mode": kept.mode.value})


def _refuse_beside_a_step(session: Session, enrollment: EnrollmentId) -> None:
    open_steps = session.exec(
        select(StepRow, CycleRow.playbook_sha256)
        .join(CycleRow, col(CycleRow.id) == col(StepRow.cycle_id))
        .where(CycleRow.enrollment_id == enrollment, StepRow.status == StepStatus.OPEN)
        .order_by(col(StepRow.opened_at))
    )
    for step, sha256 in open_steps:
        asked = plan_of(session, sha256).by_id[step.step_id].outcomes
        outcome = next((one for one in asked if Recorded.CONSENT in one.records), None)
        if outcome is not None:
            handle = enrollment_handles(session, col(EnrollmentRow.id) == enrollment)[enrollment]
            raise ConsentActError(
                f"The step '{step.title}' is open and waits for this answer.",
                f"Complete it: `ccm complete {handle}.{step.key} --outcome {outcome.id}`.",
            )


def revoke(
    engine: Engine,
    enrollment: EnrollmentId,
    told_in: str,
    because: str,
    *,
    by: PersonId,
    at: datetime,
) -> date:
    """
    Keep that the patient takes consent back; returns the last day of the program.

    That is the end of the clinic's calendar month (NGS Care Management); then the enrollment ends.
    Told a second time under the same `told_in`, it changes nothing.

    Raises:
        ConsentActError: there is no consent to take back, or it was taken back already.
    """
    with writing(engine) as session:
        row = locked_enrollment(session, enrollment)
        known = session.get(ConsentRow, answer_id(told_in))
        if known is not None and known.revoked_effective is not None:
            return known.revoked_effective
        month = Month.of(at.astimezone(zone_of(session, row)).date())
        found = consent_in_force(session, enrollment, month)
        if found is None:
            raise ConsentActError("There is no consent in force that could be taken back.")
        if found.last_day is not None:
            raise ConsentActError(f"Consent was taken back already; it ends on {found.last_day}.")
        work = Work(note=because)
        kept = write_answer(session, ConsentKind.REVOKED, row, told_in, by=by, work=work, now=at)
        last_day = month.last_day
        detail = {"last_day": last_day.isoformat(), "because": because}
        _tell(session, row, kept, "consent_revoked", by=by, detail=detail)
        return last_day


def _tell(
    session: Session,
    row: EnrollmentRow,
    kept: ConsentRow,
    kind: str,
    *,
    by: PersonId,
    detail: Mapping[str, str],
) -> None:
    told = {"consent": kept.id, "version": kept.content_version, **detail}
    stream = record_stream(row.id)
    append(session, row.clinic_id, stream, kind, actor=by, at=kept.taken_at, detail=told)


def _answer(row: ConsentRow, people: People) -> AnswerView:
    return AnswerView(
        kind=row.kind,
        mode=row.mode,
        taken_at=row.taken_at,
        taken_by_name=people.name(row.taken_by),
        version=row.content_version,
        statements=tuple(row.statements_read),
        practitioner_name=people.name(row.practitioner_id) if row.practitioner_id else None,
        effective_from=row.effective_from,
        last_day=row.revoked_effective,
        signature=row.signature,
        note=row.note,
    )
