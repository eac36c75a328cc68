"""A clinic whose running months can be moved to an approved version."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Engine

from ccm_flow.adapters.calendars import month_calendar
from ccm_flow.adapters.db.account_store import SqlAccounts
from ccm_flow.adapters.db.care_store import SqlCareRecord
from ccm_flow.adapters.db.draft_store import SqlDrafts
from ccm_flow.adapters.db.move_store import SqlMoveOrders
from ccm_flow.adapters.db.running_cycles import SqlRunningCycles
from ccm_flow.app.act import Desk
from ccm_flow.app.drafts import Publication
from ccm_flow.app.migrate import RunningCycle
from ccm_flow.app.move_months import MoveOrder, MoveWish, sign_move
from ccm_flow.core.access import Visitor
from ccm_flow.core.ids import ClickId, CycleId, PersonId, StepId, cycle_id
from ccm_flow.core.plan import Plan, PlaybookKind
from tests.support.engine_flow import EngineFlow
from tests.support.plans import rule
from tests.support.set_up import CLINIC, MONTH, NOW, MovableClock, person, set_up_clinic

LOOK = StepId("look")


def next_version(plan: Plan, *, with_look: bool = True) -> Plan:
    """Give a version with five days for `prepare`, and a step `look` from the start on."""
    first = plan.steps[0]
    look = replace(first, id=LOOK, title="Look at the chart")
    steps = tuple(
        replace(one, due=rule("5 business days")) if one is first else one for one in plan.steps
    )
    version = plan.version + (1 if with_look else 2)
    added = (look,) if with_look else ()
    return replace(plan, steps=(*steps, *added), version=version, sha256=str(version) * 64)


class MovingClinic:
    """The clinic, its months opened on the engine, and what moves them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.record = SqlCareRecord(engine)
        self.orders = SqlMoveOrders(engine)
        self.clock = MovableClock()
        self.flow = EngineFlow(engine, self.clock)
        self.desk = Desk(self.record, self.flow, self.clock)
        self.flow.desk = self.desk
        self.cycles: list[CycleId] = []

    async def open(self, patients: int) -> Plan:
        """Open the month for some patients; gives the version it runs on."""
        enrolled = set_up_clinic(self.engine, patients)
        self.cycles = [cycle_id(one, "monthly", str(MONTH)) for one in enrolled]
        hours = self.record.clinic(CLINIC).hours
        days = month_calendar(hours, MONTH, PlaybookKind.MONTHLY)
        self.clock.instant = days.opening(MONTH.first_day)
        await self.desk.flow.open_month(CLINIC, MONTH)
        return self.record.plan_for(CLINIC, PlaybookKind.MONTHLY, MONTH)

    def publish(self, plan: Plan, approved_by: PersonId | None) -> Plan:
        """Publish a version from the next month on."""
        by = person("lee")
        made = Publication(CLINIC, plan, "text", MONTH.next, by, approved_by)
        SqlDrafts(self.engine).publish(made, NOW, None)
        return plan

    def running(self, plan: Plan) -> Sequence[RunningCycle]:
        """List what runs on another version."""
        return SqlRunningCycles(self.engine).running(CLINIC, plan)

    def visitor(self, slug: str = "lee") -> Visitor:
        """Give somebody of the staff with what they may do."""
        return SqlAccounts(self.engine).visitor(person(slug))

    def sign(self, plan: Plan, *, click: str = "k1", by: str = "lee", name: str = "") -> MoveOrder:
        """Sign for all that runs."""
        wish = MoveWish(ClickId(click), CLINIC, plan, name or by)
        return sign_move(self.orders, self.visitor(by), wish, self.running(plan), self.clock.now())
