"""Keeps what people arrange on their work lists, and who has which step open."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine
from sqlmodel import col, select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import PersonRow, PresenceRow, PutOffRow
from ccm_flow.adapters.db.views_work import list_version
from ccm_flow.core.errors import CcmError
from ccm_flow.core.ids import ClinicId, CycleId, PersonId, StepKey

PRESENT_FOR: Final = timedelta(seconds=30)
"""A page that is open says so every ten seconds; after this long it is closed."""


class NotAheadError(CcmError):
    """Work is put off until a time that has passed."""

    exit_code = 2
    hint = "Choose a later time."

    def __init__(self) -> None:
        super().__init__("That time has passed.")


def put_off(
    engine: Engine,
    clinic: ClinicId,
    cycle: CycleId,
    key: StepKey,
    *,
    until: datetime,
    because: str,
    by: PersonId,
    now: datetime,
) -> None:
    """
    Put a step off until a time.

    Raises:
        NotAheadError: the time has passed.
    """
    if until <= now:
        raise NotAheadError
    with writing(engine) as session:
        session.add(
            PutOffRow(
                id=uuid.uuid4().hex,
                clinic_id=clinic,
                cycle_id=cycle,
                step_key=key,
                until=until,
                because=because,
                by=by,
                at=now,
            )
        )


def work_version(engine: Engine, clinic: ClinicId) -> str:
    """Give a mark that changes with everything that happens at a clinic."""
    with reading(engine) as session:
        return list_version(session, clinic)


def be_present(
    engine: Engine, cycle: CycleId, key: StepKey, person: PersonId, now: datetime
) -> list[str]:
    """Say that a person has a step open; gives the names of the others who have."""
    with writing(engine) as session:
        session.merge(PresenceRow(cycle_id=cycle, step_key=key, person_id=person, seen_at=now))
        others = session.exec(
            select(PersonRow.name)
            .join(PresenceRow, col(PresenceRow.person_id) == col(PersonRow.id))
            .where(
                PresenceRow.cycle_id == cycle,
                PresenceRow.step_key == key,
                PresenceRow.person_id != person,
                col(PresenceRow.seen_at) > now - PRESENT_FOR,
            )
            .order_by(col(PersonRow.name))
        )
        return list(others)
