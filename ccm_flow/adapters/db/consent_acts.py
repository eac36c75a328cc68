"""Consents that are taken or taken back outside a cycle, and what there is of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Session

from ccm_flow.adapters.db.consents import consent_in_force, consent_rows, terms_of, zone_of
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.enrollment_changes import locked_enrollment
from ccm_flow.adapters.db.keep_consent import answer_id, write_answer
from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.tables import ConsentRow, EnrollmentRow
from ccm_flow.adapters.db.views_names import People
from ccm_flow.app.act import check_consent
from ccm_flow.app.care import Work
from ccm_flow.app.statuses import ConsentKind, ConsentMode, EnrollmentStatus
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import EnrollmentId, PersonId, record_stream
from ccm_flow.core.month import Month

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
    Keep that the patient agreed.

    Raises:
        ConsentRefusedError: a statement was not read, or it may not be given by word.
        ConsentActError: the enrollment is over.
    """
    with writing(engine) as session:
        row = locked_enrollment(session, enrollment)
        if row.status in _OVER:
            raise ConsentActError(f"The patient is no longer in the program ({row.status.value}).")
        check_consent(work, terms_of(session, enrollment, at))
        kept = write_answer(session, ConsentKind.ACCEPTED, row, told_in, by=by, work=work, now=at)
        _tell(session, row, kept, "consent_given", by=by, detail={"mode": kept.mode.value})


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
