"""What may be billed for a patient's month, and the lines of a closed month as people see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ccm_flow.core.billing.model import BillingFacts, BillingResult
from ccm_flow.core.canonical import Plain, canonical, fingerprint, plain
from ccm_flow.core.changes import differences
from ccm_flow.core.errors import CcmError
from ccm_flow.core.facts import Facts
from ccm_flow.core.handoff import (
    Decision,
    HandoffStep,
    LineAct,
    LineState,
    MonthAct,
    line_state,
)
from ccm_flow.core.ids import ClickId, ClinicId, CycleId, EnrollmentId, PersonId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan
from ccm_flow.core.state import CycleStatus

_TELLING = ("consent", "care_plan", "conditions", "conflicts", "coverage", "unsigned_notes")
"""Facts of the record that speak about a bill beside what the codes are worked out from."""


class NotADecisionError(CcmError):
    """A line cannot be approved, accepted or returned as it stands."""

    exit_code = 4


class NoLineError(CcmError):
    """Nothing was closed for a patient in a month."""

    exit_code = 4
    hint = "Lines are made when the month is closed: `ccm close --month MONTH --by PERSON`."

    def __init__(self, who: str, month: Month) -> None:
        super().__init__(f"There is no billing line for '{who}' in {month}.")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rule file that a month was judged by."""

    name: str
    sha256: str
    """Of the file's bytes."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A month's codes and everything that they rest on."""

    facts: Plain
    result: BillingResult
    rules: Rules


class BillingRules(Protocol):
    """The port to the dated billing rules."""

    def judge(self, facts: BillingFacts) -> tuple[BillingResult, Rules]:
        """Say what may be billed, by the rules in force for the month."""
        ...


@dataclass(frozen=True, slots=True)
class MonthOf:
    """One patient's month, as far as closing it needs to know."""

    enrollment: EnrollmentId
    handle: str
    patient_name: str
    mrn: str
    cycle: CycleId
    status: CycleStatus
    disposition: str | None
    plan: Plan
    facts: Facts
    """The record's live facts."""
    handoff: HandoffStep | None
    open_steps: tuple[str, ...]
    """Titles of the steps that somebody still has to do, without the hand-off."""


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done to a clinic's month."""

    id: str
    act: MonthAct
    by: PersonId
    at: datetime
    because: str | None
    unsettled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line about to be kept."""

    enrollment: EnrollmentId
    judged: Judged
    replaces: str | None
    revision: int


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line as it was kept, and what was decided about it since."""

    id: str
    enrollment: EnrollmentId
    month: Month
    revision: int
    made_at: datetime
    facts: Plain
    facts_sha256: str
    result: BillingResult
    rules: Rules
    decisions: tuple[Decision, ...]
    handoff: HandoffStep | None

    @property
    def state(self) -> LineState:
        """How it stands."""
        return line_state(self.decisions, self.handoff)

    @property
    def is_approved(self) -> bool:
        """Tell whether a person approved this very line."""
        return any(one.act is LineAct.APPROVED for one in self.decisions)


class BillingStore(Protocol):
    """The port to closed months and their lines. Every write is one transaction."""

    def months(
        self, clinic: ClinicId, month: Month, now: datetime, only: EnrollmentId | None = None
    ) -> Sequence[MonthOf]:
        """Give every monthly cycle of a month with its live facts, or one enrollment's."""
        ...

    def facts(
        self, month: Month, live: Mapping[EnrollmentId, Facts]
    ) -> Mapping[EnrollmentId, BillingFacts]:
        """Give everything that billing patients' months depends on, as of now."""
        ...

    def history(self, clinic: ClinicId, month: Month) -> Sequence[Done]:
        """Give what was done to a month, oldest first."""
        ...

    def lines(self, clinic: ClinicId, month: Month) -> Sequence[KeptLine]:
        """Give the newest line of every patient."""
        ...

    def unsettled(self, clinic: ClinicId, month: Month) -> Sequence[str]:
        """Say which notes, timers and clicks of a month are still open, in sentences."""
        ...

    def close(self, clinic: ClinicId, month: Month, done: Done, lines: Sequence[NewLine]) -> None:
        """Keep that a month was closed, with its lines."""
        ...

    def reopen(self, clinic: ClinicId, month: Month, done: Done) -> None:
        """Keep that a month was opened again."""
        ...

    def decide(
        self,
        clinic: ClinicId,
        month: Month,
        decisions: Mapping[EnrollmentId, Decision],
        click: ClickId | None = None,
    ) -> None:
        """Keep what was decided about patients' newest lines; the same click counts once."""
        ...


@dataclass(frozen=True, slots=True)
class LineView:
    """One patient's line."""

    handle: str
    enrollment: EnrollmentId
    patient_name: str
    mrn: str
    line: KeptLine
    changed: tuple[str, ...]
    """What the record says differently now than when the line was made; empty when nothing."""


def judge_month(store: BillingStore, rules: BillingRules, one: MonthOf, month: Month) -> Judged:
    """Work out a patient's codes on the record as it is now."""
    return judge_months(store, rules, [one], month)[one.enrollment]


def judge_months(
    store: BillingStore, rules: BillingRules, months: Sequence[MonthOf], month: Month
) -> dict[EnrollmentId, Judged]:
    """Do the same for several patients at once."""
    live = {one.enrollment: one.facts for one in months}
    said = store.facts(month, live)
    judged = {}
    for one in months:
        result, used = rules.judge(said[one.enrollment])
        judged[one.enrollment] = Judged(snapshot(said[one.enrollment], one.facts), result, used)
    return judged


def snapshot(facts: BillingFacts, live: Facts) -> Plain:
    """Give what a line rests on as plain data, to be kept with it and compared later."""
    told = {name: live[name] for name in _TELLING if name in live}
    return {"billing": plain(facts), "record": plain(told)}


def line_views(
    store: BillingStore,
    clinic: ClinicId,
    month: Month,
    now: datetime,
    only: EnrollmentId | None = None,
) -> list[LineView]:
    """
    Give the newest line of every patient of a month, by name, with what changed since.

    `only` asks for one patient's, which reads no more than that.

    A line is never worked out again here: the record as it is now is only compared with it.
    """
    months = {one.enrollment: one for one in store.months(clinic, month, now, only)}
    lines = [line for line in store.lines(clinic, month) if only in (None, line.enrollment)]
    now_said = store.facts(
        month, {line.enrollment: months[line.enrollment].facts for line in lines}
    )
    views = []
    for line in lines:
        one = months[line.enrollment]
        live = snapshot(now_said[line.enrollment], one.facts)
        changed = _changed(line.facts, live)
        views.append(LineView(one.handle, one.enrollment, one.patient_name, one.mrn, line, changed))
    return sorted(views, key=lambda view: (view.patient_name, view.enrollment))


def _changed(kept: Plain, live: Plain) -> tuple[str, ...]:
    if canonical(kept) == canonical(live):
        return ()
    return tuple(
        sentence
        for part in ("record", "billing")
        for sentence in differences(kept[part], live[part])
    )


def facts_sha256(judged: Judged) -> str:
    """Sum up what a line rests on."""
    return fingerprint(judged.facts)
