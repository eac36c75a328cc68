"""What people have typed and not sent yet."""

from datetime import datetime

from sqlalchemy import Engine

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import NoteDraftRow
from ccm_flow.app.notes import NoteDraft
from ccm_flow.core.ids import CycleId, PersonId, StepKey


def keep_draft(
    engine: Engine,
    place: tuple[CycleId, StepKey, PersonId],
    draft: NoteDraft,
    now: datetime,
) -> None:
    """Keep what a person has typed so far, in place of what was there."""
    with writing(engine) as session:
        session.merge(
            NoteDraftRow(
                cycle_id=place[0],
                step_key=place[1],
                person_id=place[2],
                fields=dict(draft.fields),
                text=draft.text,
                updated_at=now,
            )
        )


def get_draft(engine: Engine, cycle: CycleId, step: StepKey, person: PersonId) -> NoteDraft | None:
    """Give a draft; nobody but its author is given it."""
    with reading(engine) as session:
        row = session.get(NoteDraftRow, (cycle, step, person))
        return None if row is None else NoteDraft(row.fields, row.text, row.updated_at)


def drop_draft(engine: Engine, cycle: CycleId, step: StepKey, person: PersonId) -> None:
    """Forget a draft; nothing happens when there is none."""
    with writing(engine) as session:
        row = session.get(NoteDraftRow, (cycle, step, person))
        if row is not None:
            session.delete(row)
