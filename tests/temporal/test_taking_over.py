"""The biller takes a closed month over on the running cycle, or returns it and gets it back."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Engine
from temporalio.client import Client

from ccm_flow.adapters.db.engine import reading
from ccm_flow.adapters.db.setup_store import SqlClinicStore
from ccm_flow.adapters.db.views_returned import questions_of
from ccm_flow.adapters.temporal.time_travel import TimeTravel
from ccm_flow.app.act import Desk, finish_step
from ccm_flow.app.billing import NotADecisionError
from ccm_flow.app.close_month import Closing, approve_lines, close_month
from ccm_flow.app.hand_off import HandOff
from ccm_flow.app.take_over import Taking, accept_month, return_month
from ccm_flow.core.handoff import LineState
from ccm_flow.core.ids import ClickId, CycleId, EnrollmentId, OutcomeId, StepKey, cycle_id
from ccm_flow.core.words import Disposition
from ccm_flow.demo.run import load_playbook
from tests.support import billed
from tests.support.billed import AFTER, BEFORE, ELM, MONTH, day, person
from tests.support.set_up import MovableClock

HAND_OFF_ONLY = """\
playbook: hand-off-only
version: 1
title: A month that waits for its biller
program: CCM
kind: monthly
closes: month end + 3 business days
owner: program_lead
roles:
  nurse: {{title: Nurse}}
  biller: {{title: Biller}}
  program_lead: {{title: Program lead}}
steps:
  - id: {hand_off}
    title: Take over the month for billing
    phase: readiness
    owner: biller
    at: business day 1
    due: month end
    outcomes:
      accepted: {{title: Accepted, end: ready}}
      returned: {{title: Returned, go: {fix}}}
    ladder:
      - when due: notify program_lead
  - id: {fix}
    title: Answer the biller's question
    phase: readiness
    owner: nurse
    due: 1 business day
    outcomes:
      corrected: {{title: Corrected, go: {hand_off}}}
    ladder:
      - when due: notify program_lead
readiness:
  from: business day -5
  requires: [consent]
"""


@dataclass
class Biller:
    """A biller with one patient's December, closed and approved."""

    desk: Desk
    hand: HandOff
    enrollment: EnrollmentId
    cycle: CycleId

    def taking(self, click: str) -> Taking:
        return Taking(
            ClickId(click), ELM, self.enrollment, MONTH, person("bob"), timedelta(minutes=2)
        )

    async def accept(self, click: str) -> int:
        return await accept_month(self.desk, self.hand.store, self.taking(click))

    def approve(self) -> None:
        approve_lines(self.hand.store, ELM, MONTH, by=person("lee"), now=AFTER)

    @property
    def line(self) -> LineState:
        (line,) = self.hand.store.lines(ELM, MONTH)
        return line.state


@pytest.fixture(params=[("billing_handoff", "fix_returned"), ("ordinary_handoff", "fix_ordinary")])
def names(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Give the two pairs of steps: ordinary months have the first, complex ones both."""
    found: tuple[str, str] = request.param
    return found


@pytest.fixture
def playbook(tmp_path: Path, names: tuple[str, str]) -> Path:
    """Write the playbook with steps of these names."""
    path = tmp_path / "hand_off.yaml"
    path.write_text(HAND_OFF_ONLY.format(hand_off=names[0], fix=names[1]))
    return path


@pytest_asyncio.fixture
async def biller(
    desk: Desk, engine: Engine, own_client: Client, clock: MovableClock, playbook: Path
) -> Biller:
    """Bring a month to its hand-off, and close it."""
    (enrollment,) = billed.set_up(engine)
    SqlClinicStore(engine).publish(ELM, *load_playbook(playbook), MONTH, BEFORE)
    clock.instant = day(1)
    await desk.flow.open_month(ELM, MONTH)
    cycle = cycle_id(enrollment, "monthly", str(MONTH))
    travel = TimeTravel(own_client)
    await travel.move(cycle, clock.instant - await travel.now(cycle))
    while not (await desk.flow.state(cycle)).steps:
        await travel.move(cycle, timedelta(seconds=1))
    billed.work(engine, enrollment)
    clock.instant = AFTER
    hand = billed.hand_off(engine, "none")
    closing = Closing(ELM, MONTH, person("lee"), AFTER.date())
    close_month(hand.store, hand.rules, closing, AFTER)
    return Biller(desk, hand, enrollment, cycle)


async def test_a_month_is_taken_over_once_it_is_approved_and_its_question_is_answered(
    biller: Biller, engine: Engine, names: tuple[str, str]
) -> None:
    with pytest.raises(NotADecisionError, match="not approved"):
        await biller.accept("too early")
    biller.approve()
    await return_month(biller.desk, biller.hand.store, biller.taking("return"), "Which day?")
    assert biller.line is LineState.RETURNED
    with reading(engine) as session:
        assert questions_of(session, ELM)[biller.cycle].text == "Which day?"

    await finish_step(
        biller.desk,
        click=ClickId("answer"),
        cycle=biller.cycle,
        step=StepKey(names[1]),
        outcome=OutcomeId("corrected"),
        by=person("nat"),
    )
    assert biller.line is LineState.APPROVED
    assert await biller.accept("accept") == await biller.accept("accept")
    assert biller.line is LineState.ACCEPTED
    state = await biller.desk.flow.state(biller.cycle)
    assert state.ending is not None
    assert state.ending.disposition is Disposition.READY
