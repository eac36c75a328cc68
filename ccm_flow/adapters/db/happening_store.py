"""What happened outside the playbook, in the database."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.facts import gather_facts
from ccm_flow.adapters.db.happening_reach import cycle_here, not_voided, unreached
from ccm_flow.adapters.db.keep_happening import OVER, apply_at_once, changes_of
from ccm_flow.adapters.db.pool import pool_of
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    CycleRow,
    EnrollmentRow,
    HappeningAnswerRow,
    HappeningEffectRow,
    HappeningRow,
    PatientRow,
    PersonRow,
)
from ccm_flow.app.care import OpenEnrollment
from ccm_flow.app.happenings import (
    Answer,
    CycleHere,
    Effect,
    EnrollmentChange,
    Episode,
    Happening,
    Unreached,
)
from ccm_flow.app.statuses import EnrollmentStatus
from ccm_flow.core.happening import STAYS, HappeningKind, Stay
from ccm_flow.core.ids import ClinicId, CycleId, EnrollmentId, HappeningId, PatientId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus


class SqlHappenings:
    """Implements `ccm_flow.app.happenings.HappeningRecord`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def keep(self, told: Happening, now: datetime) -> None:
        """Keep a telling and what follows for enrollments, in one transaction, once."""
        with writing(self.engine) as session:
            if session.get(HappeningRow, told.id) is not None:
                return
            session.add(_row(told, now))
            session.flush()
            apply_at_once(session, told, now)

    def was_told(self, id_: HappeningId) -> bool:
        """Tell whether a telling is kept."""
        with reading(self.engine) as session:
            return session.get(HappeningRow, id_) is not None

    def happening(self, id_: HappeningId) -> Happening:
        """Give a telling."""
        with reading(self.engine) as session:
            return happening_of(session.get_one(HappeningRow, id_))

    def newest(
        self, patient: PatientId, kind: HappeningKind, at: datetime | None
    ) -> Happening | None:
        """Give the latest telling of a kind that stands."""
        query = select(HappeningRow).where(
            HappeningRow.patient_id == patient, HappeningRow.kind == kind, not_voided()
        )
        if at is not None:
            query = query.where(HappeningRow.at == at)
        newest = query.order_by(col(HappeningRow.at).desc(), col(HappeningRow.received_at).desc())
        with reading(self.engine) as session:
            row = session.exec(newest).first()
            return None if row is None else happening_of(row)

    def changes(self, told: HappeningId) -> tuple[EnrollmentChange, ...]:
        """List the enrollments that a telling changed."""
        with reading(self.engine) as session:
            return changes_of(session, session.get_one(HappeningRow, told))

    def cycles(self, told: Happening) -> tuple[CycleHere, ...]:
        """List the cycles it concerns that have not ended, the oldest month first."""
        query = (
            select(CycleRow)
            .join(EnrollmentRow, col(EnrollmentRow.id) == col(CycleRow.enrollment_id))
            .where(
                EnrollmentRow.patient_id == told.patient,
                CycleRow.clinic_id == told.clinic,
                CycleRow.status != CycleStatus.ENDED,
            )
            .order_by(col(CycleRow.month), col(CycleRow.kind).desc(), col(CycleRow.id))
        )
        if told.enrollment is not None:
            query = query.where(CycleRow.enrollment_id == told.enrollment)
        with reading(self.engine) as session:
            return tuple(cycle_here(session, row) for row in session.exec(query).all())

    def stays(self, patient: PatientId) -> tuple[Stay, ...]:
        """List what was told about a patient's stays and stands."""
        query = select(HappeningRow).where(
            HappeningRow.patient_id == patient, col(HappeningRow.kind).in_(STAYS), not_voided()
        )
        with reading(self.engine) as session:
            return tuple(Stay(row.kind, row.at, row.received_at) for row in session.exec(query))

    def is_enrolled(self, told: Happening) -> bool:
        """Tell whether there is an enrollment it concerns that has not ended."""
        with reading(self.engine) as session:
            return any(row.status not in OVER for row in _enrollments(session, told))

    def for_episode(self, told: Happening, now: datetime) -> OpenEnrollment | None:
        """Give the patient's first active enrollment."""
        with reading(self.engine) as session:
            active = [
                row for row in _enrollments(session, told) if row.status is EnrollmentStatus.ACTIVE
            ]
            if not active:
                return None
            id_, month = active[0].id, _month_of(session, told)
            facts, pool = gather_facts(session, id_, month, now), pool_of(session, id_, now)
            return OpenEnrollment(id_, pool.named, facts, pool)

    def episodes(self, enrollment: EnrollmentId) -> tuple[Episode, ...]:
        """List all episodes of an enrollment."""
        query = select(CycleRow).where(
            CycleRow.enrollment_id == enrollment, CycleRow.kind == PlaybookKind.EPISODE
        )
        with reading(self.engine) as session:
            return tuple(Episode(row.id, row.month, row.opened_at) for row in session.exec(query))

    def has_cycle(self, cycle: CycleId) -> bool:
        """Tell whether a cycle is written down."""
        with reading(self.engine) as session:
            return session.get(CycleRow, cycle) is not None

    def effects(self, told: HappeningId) -> tuple[Effect, ...]:
        """List what cycles were told because of it, in the order of time."""
        with reading(self.engine) as session:
            return _effects(session, told)

    def note_effect(self, told: HappeningId, effect: Effect, now: datetime) -> None:
        """Note what a cycle was told, once."""
        with writing(self.engine) as session:
            if session.get(HappeningEffectRow, (told, effect.cycle, effect.event)) is None:
                session.add(
                    HappeningEffectRow(
                        happening_id=told,
                        cycle_id=effect.cycle,
                        event=effect.event,
                        sequence=effect.sequence,
                        refused=effect.refused,
                        at=now,
                    )
                )

    def answer(self, told: HappeningId) -> Answer | None:
        """Give what came of it."""
        with reading(self.engine) as session:
            row = session.get(HappeningAnswerRow, told)
            if row is None:
                return None
            return Answer(tuple(row.said), row.taken, _effects(session, told))

    def settle(self, told: HappeningId, answer: Answer, now: datetime) -> None:
        """Note what came of it, once."""
        with writing(self.engine) as session:
            if session.get(HappeningAnswerRow, told) is None:
                said = list(answer.said)
                session.add(
                    HappeningAnswerRow(
                        happening_id=told, settled_at=now, said=said, taken=answer.taken
                    )
                )

    def pending(self, until: datetime) -> list[Happening]:
        """List what still waits to be acted on, in the order it was told."""
        query = (
            select(HappeningRow)
            .join(
                HappeningAnswerRow,
                col(HappeningAnswerRow.happening_id) == col(HappeningRow.id),
                isouter=True,
            )
            .where(
                col(HappeningAnswerRow.happening_id).is_(None),
                col(HappeningRow.received_at) < until,
            )
            .order_by(col(HappeningRow.received_at), col(HappeningRow.id))
        )
        with reading(self.engine) as session:
            return [happening_of(row) for row in session.exec(query).all()]

    def unreached(self) -> list[Unreached]:
        """List cycles that must still be told of something that happened before they opened."""
        with reading(self.engine) as session:
            return [
                Unreached(happening_of(told), cycle_here(session, cycle))
                for told, cycle in unreached(session)
            ]

    def name(self, person: PersonId) -> str:
        """Give a person's name."""
        with reading(self.engine) as session:
            row = session.get(PersonRow, person)
            return row.name if row is not None else person

    def unreported_deaths(self, clinic: ClinicId) -> list[tuple[PatientId, datetime]]:
        """List those in a program who died by the record system's account."""
        query = (
            select(PatientRow.id, PatientRow.deceased_at)
            .join(EnrollmentRow, col(EnrollmentRow.patient_id) == col(PatientRow.id))
            .where(
                PatientRow.clinic_id == clinic,
                col(PatientRow.deceased_at).is_not(None),
                col(EnrollmentRow.ended_at).is_(None),
            )
            .distinct()
            .order_by(col(PatientRow.id))
        )
        with reading(self.engine) as session:
            return [(PatientId(id_), at) for id_, at in session.exec(query) if at is not None]


def _row(told: Happening, now: datetime) -> HappeningRow:
    return HappeningRow(
        id=told.id,
        clinic_id=told.clinic,
        patient_id=told.patient,
        enrollment_id=told.enrollment,
        kind=told.kind,
        at=told.at,
        told_by=told.told_by,
        source=told.source,
        detail=told.detail,
        voids=told.voids,
        received_at=now,
    )


def happening_of(row: HappeningRow) -> Happening:
    """Read a kept telling back."""
    return Happening(
        id=row.id,
        clinic=row.clinic_id,
        patient=row.patient_id,
        kind=row.kind,
        at=row.at,
        told_by=row.told_by,
        enrollment=row.enrollment_id,
        source=row.source,
        detail=row.detail,
        voids=row.voids,
    )


def _effects(session: Session, told: HappeningId) -> tuple[Effect, ...]:
    query = (
        select(HappeningEffectRow)
        .where(HappeningEffectRow.happening_id == told)
        .order_by(col(HappeningEffectRow.at), col(HappeningEffectRow.cycle_id))
    )
    return tuple(
        Effect(row.cycle_id, row.event, row.sequence, row.refused) for row in session.exec(query)
    )


def _enrollments(session: Session, told: Happening) -> Sequence[EnrollmentRow]:
    query = select(EnrollmentRow).where(
        EnrollmentRow.patient_id == told.patient, EnrollmentRow.clinic_id == told.clinic
    )
    if told.enrollment is not None:
        query = query.where(EnrollmentRow.id == told.enrollment)
    ordered = query.order_by(col(EnrollmentRow.created_at), col(EnrollmentRow.id))
    return session.exec(ordered).all()


def _month_of(session: Session, told: Happening) -> Month:
    clinic = session.get_one(ClinicRow, told.clinic)
    return Month.of(told.at.astimezone(ZoneInfo(clinic.time_zone)).date())
