"""What happens outside the playbook: the tables of `tests/spec/outside_the_playbook.py` hold."""

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.tables import EnrollmentRow
from tests.spec.outside_the_playbook import SCENARIOS
from tests.support.engine_flow import EngineWorld
from tests.support.happenings import Scenario, play
from tests.support.set_up import set_up_clinic


@pytest.fixture
def world(engine: Engine) -> EngineWorld:
    """Give a clinic with one patient in the program."""
    (enrollment,) = set_up_clinic(engine)
    with reading(engine) as session:
        patient = session.exec(select(EnrollmentRow.patient_id)).one()
    return EngineWorld(engine, enrollment, patient)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.promise)
async def test_scenario(scenario: Scenario, world: EngineWorld) -> None:
    await play(scenario, world)


def test_no_promise_is_made_twice() -> None:
    promises = [scenario.promise for scenario in SCENARIOS]
    assert len(set(promises)) == len(promises)


@pytest.mark.parametrize("table", ["happening", "happening_effect", "happening_answer"])
async def test_nothing_that_was_told_can_be_edited(world: EngineWorld, table: str) -> None:
    await play(SCENARIOS[0], world)
    engine = world.outside.told.engine  # type: ignore[attr-defined]
    with pytest.raises(Exception, match="append-only"), writing(engine) as session:
        session.connection().execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names
