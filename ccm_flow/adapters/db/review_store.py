"""The readiness review in the database: what it rests on, and what people wrote down."""

import uuid
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.ledger import append
from ccm_flow.adapters.db.pool import clinic_pool_of
from ccm_flow.adapters.db.review_facts import Texts, seen_at
from ccm_flow.adapters.db.review_set_up import has_run, read_ground
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    GoLiveRow,
    PersonRow,
    PlaybookProofRow,
    ReviewEntryRow,
)
from ccm_flow.adapters.playbook_library import PlaybookLibrary
from ccm_flow.app.review import GoLive, Known
from ccm_flow.core.ids import ClinicId, PersonId, clinic_stream
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.core.review import Entry
from ccm_flow.language import Templates
from ccm_flow.proof import Proof


class SqlReviews:
    """Implements `ccm_flow.app.review.ReviewRecord`."""

    def __init__(self, engine: Engine, templates: Templates) -> None:
        self._engine = engine
        library = PlaybookLibrary(engine, templates)
        self._texts = Texts(
            {name: tuple(texts) for name, texts in templates.scripts.items()},
            lambda clinic, text: len(library.resolve(clinic, text).errors),
        )

    def known(self, clinic: ClinicId, now: datetime) -> Known:
        """Give everything about a clinic; raises `NoSuchClinicError`."""
        view = SqlCareRecord(self._engine).clinic(clinic)
        day = now.astimezone(clinic_zone(view.hours.time_zone)).date()
        running = Month.of(day)
        seen = seen_at(self._engine, view, running, now, self._texts)
        with reading(self._engine) as session:
            entries = _entries(session, clinic)
            passed = _go_lives(session, clinic)
            return Known(
                name=view.name,
                day=day,
                running=running,
                owner=view.program_owner,
                seen=seen,
                entries=entries,
                has_run=has_run(session, clinic),
                let_through=passed,
                people=_names(session, clinic, now, entries, passed),
            )

    def keep(self, clinic: ClinicId, id_: str, entry: Entry) -> bool:
        """Keep an entry once; False when it was kept before."""
        with writing(self._engine) as session:
            _lock(session, clinic)
            if session.get(ReviewEntryRow, id_) is not None:
                return False
            number = select(func.max(ReviewEntryRow.number)).where(
                ReviewEntryRow.clinic_id == clinic
            )
            session.add(
                ReviewEntryRow(
                    id=id_,
                    clinic_id=clinic,
                    number=(session.exec(number).one() or 0) + 1,
                    item=entry.item,
                    said=entry.said,
                    note=entry.note,
                    owner_id=entry.owner,
                    due_on=entry.due_on,
                    by=entry.by,
                    at=entry.at,
                )
            )
            return True

    def keep_go_live(self, clinic: ClinicId, id_: str, made: GoLive) -> bool:
        """Keep that somebody lets the first month begin, also in the ledger."""
        with writing(self._engine) as session:
            _lock(session, clinic)
            if session.get(GoLiveRow, id_) is not None:
                return False
            session.add(
                GoLiveRow(
                    id=id_,
                    clinic_id=clinic,
                    items=list(made.items),
                    because=made.because,
                    by=made.by,
                    at=made.at,
                )
            )
            detail = {"missing": ", ".join(made.items), "because": made.because}
            stream = clinic_stream(clinic)
            append(
                session,
                clinic,
                stream,
                "first_month_let_through",
                actor=made.by,
                at=made.at,
                detail=detail,
            )
            return True

    def unproved(self, clinic: ClinicId, month: Month, now: datetime) -> list[Plan]:
        """List the playbooks in force of which no proof is on record for the clinic."""
        with reading(self._engine) as session:
            ground = read_ground(session, clinic, month, now)
            proofs = select(PlaybookProofRow.sha256).where(PlaybookProofRow.clinic_id == clinic)
            proved = set(session.exec(proofs))
            return [plan for plan in ground.plans.values() if plan.sha256 not in proved]

    def keep_proof(self, clinic: ClinicId, plan: Plan, proof: Proof, now: datetime) -> None:
        """Keep what a proof came to; one that was stopped short proves nothing and is left out."""
        if proof.stopped:
            return
        row = PlaybookProofRow(
            id=uuid.uuid4().hex,
            clinic_id=clinic,
            sha256=plan.sha256,
            month=proof.month,
            holds=proof.holds,
            states=proof.states,
            at=now,
        )
        with writing(self._engine) as session:
            session.add(row)


def _lock(session: Session, clinic: ClinicId) -> None:
    session.exec(select(ClinicRow.id).where(ClinicRow.id == clinic).with_for_update()).one()


def _entries(session: Session, clinic: ClinicId) -> tuple[Entry, ...]:
    query = select(ReviewEntryRow).where(ReviewEntryRow.clinic_id == clinic)
    return tuple(
        Entry(row.item, row.by, row.at, row.said, row.note, row.owner_id, row.due_on)
        for row in session.exec(query.order_by(col(ReviewEntryRow.number)))
    )


def _go_lives(session: Session, clinic: ClinicId) -> tuple[GoLive, ...]:
    query = select(GoLiveRow).where(GoLiveRow.clinic_id == clinic).order_by(col(GoLiveRow.at))
    return tuple(
        GoLive(tuple(row.items), row.because, row.by, row.at) for row in session.exec(query)
    )


def _names(
    session: Session,
    clinic: ClinicId,
    now: datetime,
    entries: tuple[Entry, ...],
    passed: tuple[GoLive, ...],
) -> dict[PersonId, str]:
    staff = {one.person: one.name for one in clinic_pool_of(session, clinic, now).people}
    others = {one.by for one in entries} | {one.owner for one in entries if one.owner}
    others |= {one.by for one in passed}
    rows = session.exec(
        select(PersonRow.id, PersonRow.name).where(col(PersonRow.id).in_(others - set(staff)))
    )
    return {**staff, **{PersonId(id_): name for id_, name in rows}}
