"""What happens outside the playbook: the tables of `tests/spec/outside_the_playbook.py` hold."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from ccm_flow.adapters.db.engine import reading, writing
from ccm_flow.adapters.db.happening_store import SqlHappenings
from ccm_flow.adapters.db.migrate import downgrade, upgrade
from ccm_flow.adapters.db.patient_store import SqlPatientStore
from ccm_flow.adapters.db.tables import ConsentRow, CycleRow, EnrollmentRow, LedgerEventRow, StepRow
from ccm_flow.adapters.db.views_happenings import suggestions_of
from ccm_flow.app.deaths import NewDeath, tell_imported_deaths
from ccm_flow.app.happen import tell
from ccm_flow.app.happenings import Happening, HappensLaterError, NotInProgramError
from ccm_flow.app.records import DIED_AT_UNKNOWN_TIME, EncounterRecord, PatientRecord
from ccm_flow.app.statuses import ConsentKind, EnrollmentStatus
from ccm_flow.core.happening import HappeningKind
from ccm_flow.core.ids import HappeningId
from tests.spec.outside_the_playbook import SCENARIOS
from tests.support.engine_flow import EngineWorld
from tests.support.happenings import Scenario, play
from tests.support.set_up import CLINIC, NOW, person, set_up_clinic


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


async def test_a_changed_table_keeps_what_refers_to_it(engine: Engine, world: EngineWorld) -> None:
    """SQLite makes the table of cycles anew; the steps keep theirs."""
    await play(SCENARIOS[0], world)
    with reading(engine) as session:
        before = [(row.cycle_id, row.key) for row in session.exec(select(StepRow))]
    downgrade(engine, "0007")
    upgrade(engine)
    with reading(engine) as session:
        assert [(row.cycle_id, row.key) for row in session.exec(select(StepRow))] == before
        assert {row.number for row in session.exec(select(CycleRow))} == {1}


def import_again(engine: Engine, **changes: Any) -> None:
    """Import the patient anew, as the record system has them now."""
    record = replace(PatientRecord("test", "0", "MRN0", "Family0", "Given"), **changes)
    SqlPatientStore(engine).save(CLINIC, record, NOW)


def tell_deaths(engine: Engine) -> list[NewDeath]:
    return tell_imported_deaths(SqlHappenings(engine), CLINIC, "import of export.json", NOW)


def enrollment(engine: Engine) -> EnrollmentRow:
    with reading(engine) as session:
        return session.exec(select(EnrollmentRow)).one()


DIED = datetime(2037, 11, 18, 4, tzinfo=UTC)


def test_a_death_that_an_import_shows_ends_the_enrollment_and_names_the_import(
    engine: Engine, world: EngineWorld
) -> None:
    import_again(engine, deceased_at=DIED)
    (death,) = tell_deaths(engine)
    assert (death.told.at, death.told.source) == (DIED, "import of export.json")
    row = enrollment(engine)
    assert (row.status, row.ended_at) == (EnrollmentStatus.ENDED, DIED)
    with reading(engine) as session:
        line = session.exec(select(LedgerEventRow)).one()
    assert (line.kind, line.actor) == ("enrollment_ended", "system")
    assert line.detail["source"] == "import of export.json"


def test_an_imported_death_is_told_once_and_not_again_after_it_was_taken_back(
    engine: Engine, world: EngineWorld
) -> None:
    import_again(engine, deceased_at=DIED)
    (death,) = tell_deaths(engine)
    assert tell_deaths(engine) == []
    wrong = replace(
        death.told,
        id=HappeningId("v1"),
        told_by=person("ann"),
        source="",
        detail="alive",
        voids=death.told.id,
    )
    tell(SqlHappenings(engine), wrong, NOW)
    assert enrollment(engine).status is EnrollmentStatus.ACTIVE
    assert tell_deaths(engine) == []
    import_again(engine, deceased_at=DIED + timedelta(days=1))
    assert len(tell_deaths(engine)) == 1, "another date is other news"


def test_a_death_without_a_date_counts_from_when_it_was_told(
    engine: Engine, world: EngineWorld
) -> None:
    import_again(engine, deceased_at=DIED_AT_UNKNOWN_TIME)
    (death,) = tell_deaths(engine)
    assert not death.date_known
    assert death.told.at == NOW


def suggested(engine: Engine) -> list[tuple[str, datetime]]:
    with reading(engine) as session:
        found = suggestions_of(session, CLINIC, now=NOW)
    return [(one.kind.value, one.at) for one in found]


@pytest.mark.parametrize(
    ("kind", "status", "days_ago", "ended", "listed"),
    [
        ("inpatient", "in-progress", 2, False, True),
        ("inpatient", "unknown", 2, False, True),
        ("inpatient", "in-progress", 2, True, False),
        ("inpatient", "finished", 2, False, False),
        ("inpatient", "in-progress", 40, False, False),
        ("emergency", "in-progress", 2, False, False),
    ],
)
def test_a_stay_that_has_begun_is_suggested_and_changes_nothing(
    engine: Engine,
    world: EngineWorld,
    *,
    kind: str,
    status: str,
    days_ago: int,
    ended: bool,
    listed: bool,
) -> None:
    begun = NOW - timedelta(days=days_ago)
    stay = EncounterRecord("s1", kind, status, "Stay", begun, NOW if ended else None)
    import_again(engine, encounters=(stay,))
    assert suggested(engine) == ([("admission", begun)] if listed else [])
    assert enrollment(engine).status is EnrollmentStatus.ACTIVE
    assert world.outside.told.stays(world.patient) == ()


def test_a_stay_that_was_told_is_not_suggested_any_more(engine: Engine, world: EngineWorld) -> None:
    begun = NOW - timedelta(days=2)
    stay = EncounterRecord("s1", "inpatient", "in-progress", "Stay", begun, None)
    import_again(engine, encounters=(stay,))
    told = Happening(
        id=HappeningId("a1"),
        clinic=CLINIC,
        patient=world.patient,
        kind=HappeningKind.ADMISSION,
        at=begun - timedelta(hours=9),
        told_by=person("ann"),
    )
    tell(SqlHappenings(engine), told, NOW)
    assert suggested(engine) == []


def test_what_lies_ahead_is_refused_and_not_kept(engine: Engine, world: EngineWorld) -> None:
    ahead = Happening(
        id=HappeningId("a1"),
        clinic=CLINIC,
        patient=world.patient,
        kind=HappeningKind.DEATH,
        at=NOW + timedelta(days=1),
        told_by=person("ann"),
    )
    with pytest.raises(HappensLaterError):
        tell(SqlHappenings(engine), ahead, NOW)
    assert not world.outside.told.was_told(ahead.id)


def test_withdrawing_takes_the_consent_back_at_the_end_of_the_month(
    engine: Engine, world: EngineWorld
) -> None:
    left = Happening(
        id=HappeningId("w1"),
        clinic=CLINIC,
        patient=world.patient,
        kind=HappeningKind.WITHDRAWAL,
        at=NOW,
        told_by=person("ann"),
        enrollment=world.enrollment,
        detail="Moves away",
    )
    record = SqlHappenings(engine)
    tell(record, left, NOW)
    tell(record, left, NOW)
    with reading(engine) as session:
        consent = session.exec(select(ConsentRow)).one()
    assert (consent.kind, consent.note) == (ConsentKind.REVOKED, "Moves away")
    assert consent.revoked_effective == date(2037, 11, 30)
    assert enrollment(engine).ended_because == "Moves away"
    with pytest.raises(NotInProgramError):
        tell(record, replace(left, id=HappeningId("w2")), NOW)
