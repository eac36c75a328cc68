"""What cycles ask of the outside: write a transition, gather facts, open a month."""

import asyncio
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from temporalio import activity
from temporalio.exceptions import ApplicationError

from ccm_flow.adapters.calendars import clinic_zone, month_calendar
from ccm_flow.adapters.db.eligibility_store import SqlEligibilityStore
from ccm_flow.adapters.db.engine import writing
from ccm_flow.adapters.db.enrollment_changes import end_revoked
from ccm_flow.adapters.db.projection import write_transition
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups
from ccm_flow.adapters.temporal.messages import (
    FactsInput,
    FactsResult,
    OpeningInput,
    OpeningResult,
)
from ccm_flow.adapters.temporal.names import FACTS_ACTIVITY, OPEN_ACTIVITY, PROJECT_ACTIVITY
from ccm_flow.app.act import Desk
from ccm_flow.app.eligible import review_month
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.app.open_month import open_cycles
from ccm_flow.core.errors import CcmError
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.transition import Transition

_HEARTBEAT_SECONDS = 10
_TELL_EVERY = 20
"""Cycles started between two signs of life."""


class FlowActivities:
    """Each is safe to run again."""

    def __init__(self, engine: Engine, desk: Desk) -> None:
        self._engine = engine
        self._desk = desk

    @activity.defn(name=PROJECT_ACTIVITY)
    async def project(self, done: Transition) -> None:
        """Write a transition into the record."""
        await asyncio.to_thread(write_transition, self._engine, done)

    @activity.defn(name=FACTS_ACTIVITY)
    async def gather_facts(self, wanted: FactsInput) -> FactsResult:
        """Collect fresh facts for a decision that falls due, and who may get its steps."""
        return await asyncio.to_thread(self._known, wanted)

    def _known(self, wanted: FactsInput) -> FactsResult:
        record, now = self._desk.record, self._desk.clock.now()
        facts = record.facts(wanted.enrollment, wanted.month, now)
        return FactsResult(facts, record.pool(wanted.enrollment, now))

    @activity.defn(name=OPEN_ACTIVITY)
    async def open_month(self, wanted: OpeningInput) -> OpeningResult:
        """Start every cycle that is missing in a clinic's month."""
        try:
            month = wanted.month or self._month_at(wanted)
            return await self._open(wanted, month)
        except FlowUnavailableError:
            raise  # comes back, and starts only what is missing then
        except CcmError as error:
            raise ApplicationError(
                f"{error} {error.hint}", type=type(error).__name__, non_retryable=True
            ) from error

    async def _open(self, wanted: OpeningInput, month: Month) -> OpeningResult:
        started = already = 0
        await asyncio.to_thread(self._end_revoked, wanted)
        async for new in open_cycles(
            self._desk, wanted.clinic, PlaybookKind.MONTHLY, month, month_calendar
        ):
            started, already = (started + 1, already) if new else (started, already + 1)
            if (started + already) % _TELL_EVERY == 0:
                activity.heartbeat(started, already)
        await self._review(wanted, month)
        return OpeningResult(started, already)

    def _end_revoked(self, wanted: OpeningInput) -> None:
        """Let go of those whose revoked consent has run out."""
        now, today = self._desk.clock.now(), self._today(wanted)
        with writing(self._engine) as session:
            end_revoked(session, wanted.clinic, today, now)

    async def _review(self, wanted: OpeningInput, month: Month) -> None:
        """Keep the month's verdicts on who is eligible; those who have one already keep it."""
        now, zone = self._desk.clock.now(), self._zone(wanted)
        if now.astimezone(zone).date() < month.first_day:
            return  # a month that lies ahead is judged once it has begun
        reviewing = asyncio.create_task(
            asyncio.to_thread(
                review_month,
                SqlEligibilityStore(self._engine),
                wanted.clinic,
                month,
                load_condition_groups(),
                on=now.astimezone(zone).date(),
                zone=zone,
                now=now,
            )
        )
        while not (await asyncio.wait({reviewing}, timeout=_HEARTBEAT_SECONDS))[0]:
            activity.heartbeat("reviewing who is eligible")
        await reviewing

    def _month_at(self, wanted: OpeningInput) -> Month:
        """Give the month now running at the clinic."""
        return Month.of(self._today(wanted))

    def _today(self, wanted: OpeningInput) -> date:
        return self._desk.clock.now().astimezone(self._zone(wanted)).date()

    def _zone(self, wanted: OpeningInput) -> ZoneInfo:
        return clinic_zone(self._desk.record.clinic(wanted.clinic).hours.time_zone)
