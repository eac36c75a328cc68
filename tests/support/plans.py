"""
Builds playbooks for tests in few words.

    plan(
        step("call", "3 business days", ladder=["when due: notify lead"]),
        step("sign", "1 business day", after="call"),
    )
"""

import re
from collections.abc import Iterable
from datetime import timedelta

from ccm_flow.core.deadlines import Anchor, Budget, DueRule, MonthDate, Unit
from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import OutcomeId, PlaybookId, RoleId, StepId
from ccm_flow.core.plan import (
    Act,
    AttemptPlan,
    Channel,
    Disposition,
    Expire,
    Notify,
    Outcome,
    Phase,
    Plan,
    PlanRole,
    PlanStep,
    PlaybookKind,
    ReadinessPlan,
    Reassign,
    Remind,
    Requirement,
    Rung,
    Trigger,
    When,
)

ROLES = ("coordinator", "nurse", "practitioner", "biller", "lead")

_UNITS = "|".join(sorted({unit.value.removesuffix("s") for unit in Unit}, key=len, reverse=True))
_BUDGET = re.compile(rf"(\d+) ({_UNITS})s?")
_DATE = re.compile(
    rf"(?:(business day|day) (-?\d+)|(month end))(?: ([+-]) (\d+) ({_UNITS})s?)?",
)


def budget(text: str) -> Budget:
    """Read `3 business days`."""
    match = _BUDGET.fullmatch(text)
    assert match is not None, text
    return Budget(int(match[1]), Unit(match[2] + "s"))


def rule(text: str) -> DueRule:
    """Read a budget, or a date: `business day -5`, `month end + 3 days`."""
    if _BUDGET.fullmatch(text):
        return budget(text)
    match = _DATE.fullmatch(text)
    assert match is not None, text
    named, number, _end, sign, count, unit = match.groups()
    return MonthDate(
        anchor=Anchor(named) if named else Anchor.MONTH_END,
        number=int(number or 0),
        offset=int(f"{sign}{count}") if sign else 0,
        offset_unit=Unit(unit + "s") if unit else Unit.BUSINESS_DAYS,
    )


def rung(text: str) -> Rung:
    """Read a line of a ladder: `2 business days late: reassign nurse`."""
    when, act = text.split(": ")
    if when == "when due":
        return Rung(When.DUE, None, _act(act))
    offset, side = when.rsplit(" ", 1)
    return Rung(When(side), budget(offset), _act(act))


def _act(text: str) -> Act:
    word, _, rest = text.partition(" ")
    match word:
        case "remind":
            return Remind()
        case "notify":
            return Notify(RoleId(rest))
        case "reassign":
            return Reassign(RoleId(rest))
        case "expire":
            return Expire(OutcomeId(rest.removeprefix("as ")) if rest else None)
    raise AssertionError(text)


def outcome(
    id_: str, *, go: str | None = None, end: str | None = None, because: str | None = None
) -> Outcome:
    """Name a way for a step to end, and what follows."""
    return Outcome(
        id=OutcomeId(id_),
        title=id_.replace("_", " ").capitalize(),
        go=StepId(go) if go else None,
        end=Disposition(end) if end else None,
        because=because,
    )


def attempts(
    number: int, every: str = "2 business days", channels: Iterable[str] = ("phone",)
) -> AttemptPlan:
    """Plan `number` tries, with `no_answer` and `left_message` to note and `unreachable` after."""
    return AttemptPlan(
        max=number,
        every=budget(every),
        channels=tuple(Channel(channel) for channel in channels),
        results=(OutcomeId("no_answer"), OutcomeId("left_message")),
        then=OutcomeId("unreachable"),
    )


def after_all(*sources: Expr) -> Expr:
    """Wait for all of them."""
    return ("and", *map(_after, sources))


def after_any(*sources: Expr) -> Expr:
    """Wait for the first of them."""
    return ("or", *map(_after, sources))


def ended(step_id: str) -> Expr:
    """Wait until a step is over, however it ended."""
    return ("ended", step_id)


def _after(source: Expr) -> Expr:
    """Read `call` (done or skipped) and `call.reached` (that outcome)."""
    if not isinstance(source, str):
        return source
    step_id, dot, ending = source.partition(".")
    return ("outcome", step_id, ending) if dot else ("done", step_id)


def fact(name: str, compare: str, value: object) -> Expr:
    """Ask about a fact: `fact("minutes", "<", 20)`."""
    return (compare, ("fact", name), value)


def step(
    id_: str,
    due: str = "2 business days",
    *outcomes: str | Outcome,
    owner: str = "coordinator",
    ladder: Iterable[str] = (),
    after: Expr = None,
    at: str | None = None,
    on: str | None = None,
    fixes: str | None = None,
    every: str | None = None,
    when: Expr = None,
    urgent: str | None = None,
    tries: AttemptPlan | None = None,
    optional: bool = False,
) -> PlanStep:
    """Describe a step; without outcomes it can only be `done`."""
    given = [each if isinstance(each, Outcome) else outcome(each) for each in outcomes]
    return PlanStep(
        id=StepId(id_),
        title=id_.replace("_", " ").capitalize(),
        phase=Phase.OUTREACH,
        owner=RoleId(owner),
        due=rule(due),
        outcomes=tuple(given or [outcome("done")]),
        ladder=tuple(map(rung, ladder)),
        after=_after(after) if after is not None else None,
        at=rule(at) if at else None,
        on=Trigger(on) if on else None,
        fixes=Requirement(fixes) if fixes else None,
        every=budget(every) if every else None,
        when=when,
        urgent_due=rule(urgent) if urgent else None,
        attempts=tries,
        expected=timedelta(minutes=10),
        optional=optional,
    )


def readiness(
    *requires: str, starts: str = "business day -5", minimum_minutes: int = 20
) -> ReadinessPlan:
    """Say from when the month is checked, and for what."""
    return ReadinessPlan(rule(starts), tuple(map(Requirement, requires)), minimum_minutes)


def plan(
    *steps: PlanStep,
    closes: str = "month end + 3 business days",
    ready: ReadinessPlan | None = None,
    kind: PlaybookKind = PlaybookKind.MONTHLY,
) -> Plan:
    """Put steps together to a playbook whose program owner is the lead."""
    return Plan(
        playbook=PlaybookId("test"),
        version=1,
        sha256="0" * 64,
        title="A playbook for a test",
        program="CCM",
        kind=kind,
        owner=RoleId("lead"),
        roles=tuple(PlanRole(RoleId(role), role.capitalize()) for role in ROLES),
        steps=steps,
        closes=rule(closes),
        readiness=ready,
    )
