"""When something may happen: the few instants that tell one course of a month from another."""

from datetime import date, datetime, timedelta

from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.engine.ladder import rung_at
from ccm_flow.core.errors import CalendarTooShortError
from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import Expire, Reassign
from ccm_flow.core.state import StepState
from ccm_flow.proof.setting import next_open

_Asked = tuple[StepId, str | None, datetime, datetime]
"""A step with its risk, its deadline and the first instant at which it may be done."""
_MINUTE = timedelta(minutes=1)
_PAUSES = (1, 7)
"""For how many business days the month may be paused; or it stays so."""


class Moments:
    """The instants at which steps are done and things happen, on one month's calendar."""

    def __init__(self, layout: MonthPlan) -> None:
        self._layout = layout
        self._calendar = layout.calendar
        self._instants: dict[_Asked, tuple[datetime, ...]] = {}
        self._mornings: dict[datetime, datetime] = {}
        self._moving: dict[tuple[StepId, str | None], int] = {}
        self.days = self._days()
        """When events from outside may come, whatever is open."""

    def of_step(self, state: StepState, *, may_be_late: bool) -> tuple[datetime, ...]:
        """
        Give the instants at which an open step may be done, in order.

        On time, as soon as somebody is at work; and late, on the first morning after its deadline
        and after each rung that takes it away from its owner.
        """
        since = state.attempts[-1].at if state.attempts else state.opened_at
        first = self.at_work(state.not_before or since)
        if state.due_at is None or not may_be_late:
            return (first,)
        key = (state.step, state.risk, state.due_at, first)
        found = self._instants.get(key)
        if found is None:
            late = self._late_mornings(state, state.due_at)
            found = self._instants[key] = (first, *(at for at in late if at > first))
        return found

    def at_work(self, instant: datetime) -> datetime:
        """Give the first instant at which somebody is at work."""
        found = self._mornings.get(instant)
        if found is None:
            found = self._mornings[instant] = next_open(self._calendar, instant)
        return found

    def still_moves(self, state: StepState) -> bool:
        """Tell whether a rung that is still to come takes an open step from its owner."""
        key = (state.step, state.risk)
        found = self._moving.get(key)
        if found is None:
            ladder = self._layout.plan.step_of(*key).ladder
            moving = [n for n, rung in enumerate(ladder) if isinstance(rung.act, Reassign | Expire)]
            found = self._moving[key] = max(moving, default=-1)
        return state.rungs_passed <= found

    def resumptions(self, paused_at: datetime) -> tuple[datetime, ...]:
        """Give the instants at which a paused month may go on."""
        day = self._calendar.date_of(paused_at)
        found = (self._opening_after(day, count) for count in _PAUSES)
        return tuple(at for at in found if at is not None)

    def _late_mornings(self, state: StepState, due: datetime) -> tuple[datetime, ...]:
        ladder = self._layout.plan.step_of(state.step, state.risk).ladder
        taking = (rung for rung in ladder if isinstance(rung.act, Reassign | Expire))
        passed = [rung_at(rung, due, self._calendar) for rung in taking]
        late = {self.at_work(at + _MINUTE) for at in (due, *passed) if at >= due}
        return tuple(sorted(late))

    def _days(self) -> tuple[datetime, ...]:
        layout = self._layout
        days = [layout.opens_at, *layout.opening_dates.values()]
        if layout.readiness_from is not None:
            days.append(layout.readiness_from)
        close = self._calendar.date_of(layout.closes_at)
        days += [at for at in (self._opening_after(close, -n) for n in (5, 1)) if at is not None]
        found = {self.at_work(day) for day in days if day >= layout.opens_at}
        return tuple(sorted(at for at in found if at < layout.closes_at))

    def _opening_after(self, day: date, count: int) -> datetime | None:
        try:
            return self._calendar.opening(self._calendar.business_day_after(day, count))
        except CalendarTooShortError:
            return None
