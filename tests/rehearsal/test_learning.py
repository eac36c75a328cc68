"""How people act is estimated from the record: few cases move a figure little, many replace it."""

import pytest
import yaml
from sqlalchemy import Engine

from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.recorded_months import closed_cycles, recorded_months
from ccm_flow.adapters.processes.observed import closed_before, observed_behaviour
from ccm_flow.adapters.simulation_files import default_behaviour
from ccm_flow.app.learn import behaviour_of, counts_of
from ccm_flow.core.plan import Channel, PlaybookKind
from ccm_flow.language.behaviour_read import read_behaviour
from ccm_flow.rehearsal.learning import learn, share
from ccm_flow.rehearsal.observing import Sample, Seen
from tests.rehearsal.recording import STAFF, record_month
from tests.support.set_up import CLINIC, MONTH


@pytest.mark.parametrize(
    ("hits", "cases", "usual", "low", "high"),
    [
        (0, 0, 0.6, 0.6, 0.6),
        (1, 1, 0.6, 0.6, 0.63),
        (20, 20, 0.6, 0.79, 0.81),
        (4_000, 10_000, 0.6, 0.4, 0.401),
    ],
)
def test_a_share_moves_as_far_as_its_cases_carry(
    hits: int, cases: int, usual: float, low: float, high: float
) -> None:
    assert low <= share(hits, cases, usual).value <= high


def test_a_sample_stays_small_and_keeps_its_mean() -> None:
    sample = Sample()
    for value in range(10_000):
        sample.add(value)

    assert len(sample.kept) <= 512
    assert (sample.count, sample.mean) == (10_000, 4999.5)
    assert abs(sum(sample.kept) / len(sample.kept) - sample.mean) < 50


def test_what_is_estimated_is_a_behaviour_file_without_problems(engine: Engine) -> None:
    calendar = record_month(engine)
    seen = Seen()
    cycles = closed_cycles(engine, CLINIC, [MONTH], PlaybookKind.MONTHLY)
    for month in recorded_months(engine, cycles, calendar):
        seen.add(month, calendar)
    plan = SqlCareRecord(engine).plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)
    usual = default_behaviour()

    learned = learn(seen, usual.behaviour, plan)
    text = yaml.safe_dump(behaviour_of(learned, CLINIC, [MONTH]), sort_keys=False)
    read = read_behaviour(text, "estimated.yaml", usual)

    assert not read.problems
    assert read.value is not None
    phone = learned.reached[Channel.PHONE]
    assert phone.seen is not None
    assert min(phone.seen, 0.62) <= phone.value <= max(phone.seen, 0.62)
    assert abs(phone.seen - STAFF.reach) < 0.2
    assert read.value.behaviour.late > usual.behaviour.late
    assert {name for name, _ in counts_of(learned)} >= {"late", "forgotten", "reached.phone"}


def test_what_lies_ahead_rests_on_how_the_clinics_own_people_acted(engine: Engine) -> None:
    record_month(engine)
    plan = SqlCareRecord(engine).plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)
    nothing = observed_behaviour(engine, CLINIC, [], plan)
    assert nothing is default_behaviour()

    closed = closed_before(engine, CLINIC, MONTH.next)
    assert [month for month, _ in closed] == [MONTH]
    assert closed_before(engine, CLINIC, MONTH) == ()

    observed = observed_behaviour(engine, CLINIC, [MONTH], plan)
    assert observed.id == f"{CLINIC}-record"
    assert observed.behaviour != nothing.behaviour
    assert str(MONTH) in observed.basis["reached.phone"]
