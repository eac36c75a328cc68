"""Who wants monthly letters, and which were sent."""

import uuid
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from ccm_flow.adapters.calendars import clinic_zone
from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import (
    ClinicRow,
    CycleRow,
    LetterChoiceRow,
    PersonRow,
    ScorecardLetterRow,
)
from ccm_flow.app.letters import MOST_TRIES, Due, Reader, can_be_told
from ccm_flow.core.access import Permission
from ccm_flow.core.ids import ClinicId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleStatus

_BETWEEN = timedelta(minutes=10)
"""After a refusal of the mail server, before it is asked again."""


class SqlLetters:
    """Implements `ccm_flow.app.letters.LetterStore`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def choose(self, clinic: ClinicId, person: PersonId, *, wanted: bool, now: datetime) -> None:
        """Keep that somebody wants a clinic's letters, or no longer."""
        with writing(self._engine) as session:
            if (person in _wanted(session, clinic)) is wanted:
                return
            id_ = uuid.uuid4().hex
            session.add(
                LetterChoiceRow(id=id_, clinic_id=clinic, person_id=person, wanted=wanted, at=now)
            )

    def wants(self, clinic: ClinicId, person: PersonId) -> bool:
        """Tell whether somebody gets a clinic's letters."""
        with reading(self._engine) as session:
            return person in _wanted(session, clinic)

    def due(self, now: datetime) -> list[Due]:
        """List the clinics whose last month can be told, with who has no letter yet."""
        found = []
        with reading(self._engine) as session:
            asked = select(LetterChoiceRow.clinic_id).distinct()
            rows = session.exec(
                select(ClinicRow).where(col(ClinicRow.id).in_(asked)).order_by(col(ClinicRow.id))
            ).all()
            for row in rows:
                today = now.astimezone(clinic_zone(row.time_zone)).date()
                month = Month.of(today).previous
                cycles = _cycles(session, row.id, month)
                running = cycles.total() - cycles[CycleStatus.ENDED]
                if cycles and can_be_told(today, month, running):
                    readers = self._readers(session, row.id, month)
                    found.append(Due(row.id, month, tuple(readers)))
        return [due for due in found if due.readers]

    def _readers(self, session: Session, clinic: ClinicId, month: Month) -> list[Reader]:
        """Give who asked, has an address, may see the clinic's months and has no letter yet."""
        done = select(ScorecardLetterRow.person_id).where(
            ScorecardLetterRow.clinic_id == clinic,
            ScorecardLetterRow.month == month,
            (col(ScorecardLetterRow.refused_at).is_(None))
            | (col(ScorecardLetterRow.tries) >= MOST_TRIES),
        )
        people = session.exec(
            select(PersonRow)
            .where(
                col(PersonRow.id).in_(_wanted(session, clinic)),
                col(PersonRow.id).not_in(done),
                col(PersonRow.active).is_(True),
                col(PersonRow.email).is_not(None),
            )
            .order_by(col(PersonRow.id))
        ).all()
        accounts = SqlAccounts(self._engine)
        return [
            Reader(row.id, row.name, row.email or "")
            for row in people
            if accounts.is_active(row.id)
            and accounts.visitor(row.id).may(Permission.SEE_MONTH, clinic)
        ]

    def claim(self, clinic: ClinicId, person: PersonId, month: Month, now: datetime) -> bool:
        """Take a letter on."""
        key = (clinic, person, month)
        with writing(self._engine) as session:
            row = session.get(ScorecardLetterRow, key, with_for_update=True)
            if row is None:
                session.add(
                    ScorecardLetterRow(
                        clinic_id=clinic, person_id=person, month=month, claimed_at=now
                    )
                )
                return True
            if not _may_try(row, now):
                return False
            row.refused_at, row.claimed_at, row.tries = None, now, row.tries + 1
            return True

    def settle(
        self, clinic: ClinicId, person: PersonId, month: Month, now: datetime, *, sent: bool
    ) -> None:
        """Note that it went out, or that the mail server did not take it."""
        with writing(self._engine) as session:
            row = session.get_one(ScorecardLetterRow, (clinic, person, month))
            if sent:
                row.sent_at = now
            else:
                row.refused_at = now


def _wanted(session: Session, clinic: ClinicId) -> set[PersonId]:
    query = (
        select(LetterChoiceRow.person_id, LetterChoiceRow.wanted)
        .where(LetterChoiceRow.clinic_id == clinic)
        .order_by(col(LetterChoiceRow.at))
    )
    newest = {PersonId(person): wanted for person, wanted in session.exec(query)}
    return {person for person, wanted in newest.items() if wanted}


def _cycles(session: Session, clinic: ClinicId, month: Month) -> Counter[CycleStatus]:
    query = (
        select(col(CycleRow.status), func.count())
        .where(
            CycleRow.clinic_id == clinic,
            CycleRow.month == month,
            CycleRow.kind == PlaybookKind.MONTHLY,
        )
        .group_by(col(CycleRow.status))
    )
    return Counter({status: int(count) for status, count in session.exec(query)})


def _may_try(row: ScorecardLetterRow, now: datetime) -> bool:
    """Tell whether the mail server may be asked again."""
    if row.sent_at is not None or row.refused_at is None or row.tries >= MOST_TRIES:
        return False
    return now - row.refused_at >= _BETWEEN
