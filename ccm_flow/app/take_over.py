"""The biller takes a patient's closed month over, or returns it with a question."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ccm_flow.app.act import Desk, finish_step
from ccm_flow.app.billing import BillingStore, LineView, MonthOf, NotADecisionError, line_views
from ccm_flow.app.care import Work
from ccm_flow.app.flow import FlowUnavailableError
from ccm_flow.core.handoff import ACCEPTED, RETURNED, Decision, LineAct
from ccm_flow.core.ids import ClickId, ClinicId, EnrollmentId, PersonId
from ccm_flow.core.month import Month

_OUTCOMES: Final = {LineAct.ACCEPTED: ACCEPTED, LineAct.RETURNED: RETURNED}


class NotHandedOverError(NotADecisionError):
    """A month has not come to its hand-off step."""

    hint = "See what is missing with `ccm readiness`."

    def __init__(self, month: Month) -> None:
        super().__init__(f"The month {month} has not come to its hand-off.")


@dataclass(frozen=True, slots=True)
class Taking:
    """Who decides about which patient's month."""

    click: ClickId
    clinic: ClinicId
    enrollment: EnrollmentId
    month: Month
    by: PersonId
    time: timedelta = timedelta()
    """How long it took; kept as a time entry when it is more than nothing."""


async def accept_month(desk: Desk, store: BillingStore, taking: Taking) -> int:
    """
    Take an approved month over; returns the transition's sequence. The same click twice is one.

    Raises:
        NotADecisionError: nobody approved the line, or the record has changed since.
        ClickRefusedError: the hand-off step cannot be ended so.
        FlowUnavailableError: the server is away; the click is kept.
    """
    if not await asyncio.to_thread(desk.record.is_kept, taking.click):
        await asyncio.to_thread(check_approved, store, taking, desk.clock.now())
    return await _decide(desk, store, taking, LineAct.ACCEPTED)


async def return_month(desk: Desk, store: BillingStore, taking: Taking, because: str) -> int:
    """
    Return a month with a question; the fixing step goes to whom the playbook says.

    Returns the transition's sequence.

    Raises:
        NotHandedOverError: the month has not come to its hand-off.
        ClickRefusedError: the hand-off step cannot be ended so.
        FlowUnavailableError: the server is away; the click and the question are kept.
    """
    return await _decide(desk, store, taking, LineAct.RETURNED, because)


async def _decide(
    desk: Desk,
    store: BillingStore,
    taking: Taking,
    act: LineAct,
    because: str | None = None,
) -> int:
    now = desk.clock.now()
    one = await asyncio.to_thread(_month_of, desk, store, taking)
    if one.handoff is None:
        raise NotHandedOverError(taking.month)
    decision = {taking.enrollment: Decision(act, taking.by, now, because)}
    try:
        sequence = await finish_step(
            desk,
            click=taking.click,
            cycle=one.cycle,
            step=one.handoff.key,
            outcome=_OUTCOMES[act],
            by=taking.by,
            work=Work(time=taking.time),
        )
    except FlowUnavailableError:
        # The click is kept and passed on later; what the biller asked must not be lost meanwhile.
        await asyncio.to_thread(store.decide, taking.clinic, taking.month, decision, taking.click)
        raise
    await asyncio.to_thread(store.decide, taking.clinic, taking.month, decision, taking.click)
    return sequence


def _month_of(desk: Desk, store: BillingStore, taking: Taking) -> MonthOf:
    found = store.months(taking.clinic, taking.month, desk.clock.now(), taking.enrollment)
    if not found:
        raise NotHandedOverError(taking.month)
    return found[0]


def check_approved(store: BillingStore, taking: Taking, now: datetime) -> None:
    """Refuse to take over what nobody approved, or what changed since; `NotADecisionError`."""
    views = line_views(store, taking.clinic, taking.month, now, taking.enrollment)
    problem = why_not_taken_over(views[0] if views else None, taking.month)
    if problem is not None:
        raise NotADecisionError(*problem)


def why_not_taken_over(view: LineView | None, month: Month) -> tuple[str, str] | None:
    """Say why a line cannot be taken over, and what to do; None when it can."""
    if view is None:
        return (
            f"There is no billing line of {month} for this patient.",
            f"Close the month first: `ccm close --month {month} --by PERSON`.",
        )
    if not view.line.is_approved:
        return ("The line is not approved.", f"`ccm approve --month {month} --by PERSON`.")
    if view.changed:
        return (
            f"The record has changed since the line was made: {'; '.join(view.changed)}.",
            f"Open the month again with `ccm reopen --month {month}`, close and approve it, "
            "or return the month with `ccm return`.",
        )
    return None
