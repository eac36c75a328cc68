"""Closing a clinic's month, approving its lines, opening it again."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ccm_flow.app.billing import (
    BillingRules,
    BillingStore,
    Done,
    Judged,
    KeptLine,
    LineView,
    MonthOf,
    NewLine,
    NotADecisionError,
    judge_months,
    line_views,
)
from ccm_flow.core.canonical import canonical
from ccm_flow.core.errors import CcmError
from ccm_flow.core.handoff import Decision, LineAct, LineState, MonthAct, is_closed
from ccm_flow.core.ids import ClickId, ClinicId, EnrollmentId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.readiness import find_blockers
from ccm_flow.core.state import CycleStatus, StepStatus

_WAITS = {
    CycleStatus.RUNNING: "nothing is open now, its next step opens later",
    CycleStatus.PAUSED: "paused",
    CycleStatus.ENDED: "ended",
}


class NotSettledError(CcmError):
    """Something of the month is still open."""

    exit_code = 4
    hint = (
        "Settle it first, or close all the same with --anyway --because TEXT; who did and why "
        "is kept for good."
    )

    def __init__(self, month: Month, unsettled: Sequence[str]) -> None:
        self.unsettled = tuple(unsettled)
        listed = "".join(f"\n  - {sentence}" for sentence in unsettled)
        super().__init__(f"{month} is not settled: {len(unsettled)} open.{listed}")


class MonthNotOverError(CcmError):
    """A month is closed only once its last day is over."""

    exit_code = 4
    hint = "See how it stands with `ccm readiness`."

    def __init__(self, month: Month) -> None:
        super().__init__(f"{month} is not over at the clinic.")


class AlreadyClosedError(CcmError):
    """A month is closed already."""

    exit_code = 4
    hint = "See its lines with `ccm lines`, or open it again with `ccm reopen --because TEXT`."

    def __init__(self, month: Month, by: str) -> None:
        super().__init__(f"{month} is closed already, by {by}.")


class NotClosedError(CcmError):
    """Something needs a closed month."""

    exit_code = 4
    hint = "Close it with `ccm close`."

    def __init__(self, month: Month) -> None:
        super().__init__(f"{month} is not closed.")


@dataclass(frozen=True, slots=True)
class Closing:
    """Who closes which month."""

    clinic: ClinicId
    month: Month
    by: PersonId
    today: date
    """The clinic's date."""
    anyway: str | None = None
    """Why the month is closed although something is not settled; None refuses that."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What came of closing a month."""

    month: Month
    made: int
    """Lines that were made now."""
    kept: int
    """Lines of an earlier closing that stay as they are."""
    not_ready: int
    unsettled: tuple[str, ...]
    """What was not settled and is now on record as such."""


def close_month(
    store: BillingStore, rules: BillingRules, closing: Closing, now: datetime
) -> Closed:
    """
    Close a month: keep one line for every patient who is ready.

    After a reopening, a line stays as it is unless the record says something else now; then a
    new revision is made beside it. Nothing is ever edited.

    Raises:
        MonthNotOverError: its last day is not over.
        AlreadyClosedError: the month is closed.
        NotSettledError: something is still open and `anyway` gives no reason.
    """
    if closing.today <= closing.month.last_day:
        raise MonthNotOverError(closing.month)
    history = store.history(closing.clinic, closing.month)
    if is_closed([done.act for done in history]):
        raise AlreadyClosedError(closing.month, history[-1].by)
    months = store.months(closing.clinic, closing.month, now)
    unsettled = what_is_open(store, closing.clinic, closing.month, months)
    if unsettled and closing.anyway is None:
        raise NotSettledError(closing.month, unsettled)
    ready = [one for one in months if is_ready(one)]
    before = {line.enrollment: line for line in store.lines(closing.clinic, closing.month)}
    judged = judge_months(store, rules, ready, closing.month)
    new = [
        _new_line(enrollment, found, before.get(enrollment))
        for enrollment, found in judged.items()
        if not _stands(before.get(enrollment), found)
    ]
    reason = closing.anyway if unsettled else None
    done = Done(uuid.uuid4().hex, MonthAct.CLOSED, closing.by, now, reason, unsettled)
    store.close(closing.clinic, closing.month, done, new)
    kept = len(judged) - len(new)
    return Closed(closing.month, len(new), kept, len(months) - len(ready), unsettled)


def what_is_open(
    store: BillingStore, clinic: ClinicId, month: Month, months: Sequence[MonthOf]
) -> tuple[str, ...]:
    """Say what of a month is not settled, in sentences; `months` are what the store has of it."""
    return (*_still_running(months), *store.unsettled(clinic, month))


def is_ready(one: MonthOf) -> bool:
    """
    Tell whether a patient's month can be billed: taken over, or waiting only for that.

    It ended as ready; or nothing stops it on the live facts and the hand-off was reached.
    """
    if one.status is CycleStatus.ENDED:
        return one.disposition == "ready"
    return one.handoff is not None and not find_blockers(one.plan.readiness, one.facts)


def _still_running(months: Sequence[MonthOf]) -> list[str]:
    """Name the months that run, apart from those that only wait for the biller."""
    found = []
    for one in months:
        if one.status is CycleStatus.ENDED or _only_waits_for_biller(one):
            continue
        missing = [blocker.detail for blocker in find_blockers(one.plan.readiness, one.facts)]
        what = "; ".join([*one.open_steps, *missing]) or _WAITS[one.status]
        found.append(f"{one.handle} {one.patient_name}: the month is running ({what})")
    return found


def _only_waits_for_biller(one: MonthOf) -> bool:
    waits = one.handoff is not None and one.handoff.status is StepStatus.OPEN
    return waits and is_ready(one) and not one.open_steps


def _stands(line: KeptLine | None, judged: Judged) -> bool:
    """Tell whether a line of an earlier closing still says what the record says."""
    return line is not None and canonical(line.facts) == canonical(judged.facts)


def _new_line(enrollment: EnrollmentId, judged: Judged, before: KeptLine | None) -> NewLine:
    revision = 1 if before is None else before.revision + 1
    return NewLine(enrollment, judged, None if before is None else before.id, revision)


def reopen_month(
    store: BillingStore,
    clinic: ClinicId,
    month: Month,
    *,
    by: PersonId,
    because: str,
    now: datetime,
) -> None:
    """Open a closed month again, with a reason; raises `NotClosedError`."""
    if not is_closed([done.act for done in store.history(clinic, month)]):
        raise NotClosedError(month)
    done = Done(uuid.uuid4().hex, MonthAct.REOPENED, by, now, because, ())
    store.reopen(clinic, month, done)


@dataclass(frozen=True, slots=True)
class Approval:
    """What came of approving."""

    approved: tuple[LineView, ...]
    held: tuple[LineView, ...]
    """Not approved: the record changed since the line was made, or it gives no code."""
    already: int


def approve_lines(
    store: BillingStore,
    clinic: ClinicId,
    month: Month,
    *,
    by: PersonId,
    now: datetime,
    only: EnrollmentId | None = None,
    click: ClickId | None = None,
) -> Approval:
    """
    Approve the lines of a closed month, or one patient's.

    A line on which the record has changed since is held back: open the month again and close it,
    so that a new revision can be looked at.

    Raises:
        NotClosedError: the month is not closed.
        NotADecisionError: the one patient has no line.
    """
    if not is_closed([done.act for done in store.history(clinic, month)]):
        raise NotClosedError(month)
    views = line_views(store, clinic, month, now, only)
    if only is not None and not views:
        raise NotADecisionError(
            f"There is no line of {month} for this patient.", "The month was not ready."
        )
    drafts = [view for view in views if view.line.state is LineState.DRAFT]
    good = [view for view in drafts if not view.changed and view.line.result.lines]
    decision = Decision(LineAct.APPROVED, by, now)
    if good:
        store.decide(clinic, month, {view.enrollment: decision for view in good}, click)
    held = tuple(view for view in drafts if view not in good)
    return Approval(tuple(good), held, len(views) - len(drafts))
