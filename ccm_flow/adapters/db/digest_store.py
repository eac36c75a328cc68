"""What digests need from the record, and which were sent."""

from collections import defaultdict
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, not_
from sqlmodel import Session, col, select

from ccm_flow.adapters.calendars import build_calendar, clinic_zone
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    CycleRow,
    DigestRow,
    EscalationRow,
    PersonRow,
    PutOffRow,
    StaffRoleRow,
    StepRow,
)
from ccm_flow.app.digests import AHEAD, MOST_TRIES, ClinicDay, Recipient
from ccm_flow.app.statuses import ClinicStatus
from ccm_flow.core.digest import Task
from ccm_flow.core.ids import ClinicId, CycleId, PersonId, StepKey
from ccm_flow.core.state import StepStatus

_BETWEEN = timedelta(minutes=10)
"""After a refusal of the mail server, before it is asked again."""


class SqlDigests:
    """Implements `ccm_flow.app.digests.DigestStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def clinics(self, now: datetime) -> list[ClinicDay]:
        """List the active clinics with a calendar around now."""
        with reading(self._engine) as session:
            query = select(ClinicRow.id).where(ClinicRow.status == ClinicStatus.ACTIVE)
            ids = session.exec(query.order_by(col(ClinicRow.id))).all()
        record = SqlCareRecord(self._engine)
        days = []
        for id_ in ids:
            clinic = record.clinic(ClinicId(id_))
            today = now.astimezone(clinic_zone(clinic.hours.time_zone)).date()
            calendar = build_calendar(clinic.hours, today - timedelta(days=1), today + AHEAD)
            days.append(ClinicDay(clinic.clinic, clinic.name, calendar))
        return days

    def recipients(self, clinic: ClinicId, day: date, now: datetime) -> list[Recipient]:
        """List who has an address and no digest of the day yet."""
        again = col(DigestRow.refused_at).is_not(None) & (col(DigestRow.tries) < MOST_TRIES)
        done = select(DigestRow.person_id).where(
            DigestRow.clinic_id == clinic, DigestRow.day == day, not_(again)
        )
        staff = select(StaffRoleRow.person_id).where(StaffRoleRow.clinic_id == clinic)
        query = (
            select(PersonRow)
            .where(
                col(PersonRow.id).in_(staff),
                col(PersonRow.id).not_in(done),
                col(PersonRow.active).is_(True),
                col(PersonRow.email).is_not(None),
            )
            .order_by(col(PersonRow.id))
        )
        with reading(self._engine) as session:
            people = session.exec(query).all()
            tasks = _tasks(session, clinic, now) if people else {}
            return [
                Recipient(row.id, row.name, row.email or "", tuple(tasks.get(row.id, {}).values()))
                for row in people
            ]

    def claim(self, clinic: ClinicId, person: PersonId, day: date, now: datetime) -> bool:
        """Take a digest on."""
        with writing(self._engine) as session:
            row = session.get(DigestRow, (clinic, person, day), with_for_update=True)
            if row is None:
                session.add(DigestRow(clinic_id=clinic, person_id=person, day=day, claimed_at=now))
                return True
            if not _may_try(row, now):
                return False
            row.refused_at, row.claimed_at, row.tries = None, now, row.tries + 1
            return True

    def sent(self, clinic: ClinicId, person: PersonId, day: date, now: datetime) -> None:
        """Note that it went out."""
        with writing(self._engine) as session:
            session.get_one(DigestRow, (clinic, person, day)).sent_at = now

    def refused(self, clinic: ClinicId, person: PersonId, day: date, now: datetime) -> None:
        """Note that the mail server did not take it."""
        with writing(self._engine) as session:
            session.get_one(DigestRow, (clinic, person, day)).refused_at = now


def tasks_of(
    engine: Engine, clinic: ClinicId, person: PersonId, now: datetime
) -> dict[tuple[CycleId, StepKey], Task]:
    """Give a person's open steps at a clinic, as the digest sees them."""
    with reading(engine) as session:
        return _tasks(session, clinic, now).get(person, {})


def _may_try(row: DigestRow, now: datetime) -> bool:
    """Tell whether the mail server may be asked again."""
    if row.sent_at is not None or row.refused_at is None or row.tries >= MOST_TRIES:
        return False
    return now - row.refused_at >= _BETWEEN


def _tasks(
    session: Session, clinic: ClinicId, now: datetime
) -> dict[PersonId, dict[tuple[CycleId, StepKey], Task]]:
    put_off = select(PutOffRow).where(PutOffRow.clinic_id == clinic, col(PutOffRow.until) > now)
    until = {
        (row.cycle_id, row.step_key): row.until
        for row in session.exec(put_off.order_by(col(PutOffRow.at)))
    }
    waiting = (
        select(EscalationRow.cycle_id, EscalationRow.step_key)
        .join(CycleRow, col(CycleRow.id) == col(EscalationRow.cycle_id))
        .where(CycleRow.clinic_id == clinic, col(EscalationRow.answered_at).is_(None))
    )
    questions = set(session.exec(waiting).all())
    steps = select(StepRow).where(StepRow.clinic_id == clinic, StepRow.status == StepStatus.OPEN)
    found: dict[PersonId, dict[tuple[CycleId, StepKey], Task]] = defaultdict(dict)
    for row in session.exec(steps):
        place = (row.cycle_id, row.key)
        found[row.owner_id][place] = Task(
            due_at=row.due_at,
            not_before=row.not_before,
            put_off_until=until.get(place),
            is_question=place in questions,
        )
    return found
