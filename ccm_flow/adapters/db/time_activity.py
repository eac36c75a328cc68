"""What work on a step usually is."""

from sqlalchemy import Engine

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.keep_time import step_activity
from ccm_flow.adapters.db.tables import CycleRow
from ccm_flow.app.time import About
from ccm_flow.core.activities import Activity


def activity_for(engine: Engine, about: About) -> Activity | None:
    """Give a step's kind of work; None for work on a patient without a step."""
    if about.cycle is None:
        return None
    with reading(engine) as session:
        return step_activity(session, session.get_one(CycleRow, about.cycle), about.step)
