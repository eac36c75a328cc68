"""What the care record may say: the facts at the start, and those that come with an event."""

from collections.abc import Iterable, Mapping
from itertools import product
from types import MappingProxyType

from ccm_flow.core.deadlines import Anchor, MonthDate
from ccm_flow.core.expressions import Expr, facts_used, holds
from ccm_flow.core.facts import DEFAULTS, FACTS, Facts, FactType, FactValue
from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import (
    Outcome,
    Plan,
    PlanStep,
    PlaybookKind,
    ReadinessPlan,
    Recorded,
    Requirement,
)

_CALENDAR_FACTS = ("days_left", "business_day")
_MOST_DAYS = 23
_MOST_VALUES = 64
"""Combinations of values looked at for one thread."""
_STANDARD = "standard"
ADDED = ("minutes", "practitioner_minutes")
"""Facts that only grow in a month."""
_NO_CHECK = ReadinessPlan(MonthDate(Anchor.MONTH_END), (), 0)
_COUNTED_AGAINST = MappingProxyType(
    {Requirement.SIGNED_NOTES: "unsigned_notes", Requirement.NO_CONFLICTS: "conflicts"}
)
"""Requirements that there be none of something, with the fact that counts it."""

_RECORDED: Mapping[Recorded, Mapping[str, FactValue]] = MappingProxyType(
    {
        Recorded.CONSENT: {"consent": True},
        Recorded.REFUSAL: {"consent": False},
        Recorded.CARE_PLAN_SHARED: {"care_plan": True},
        Recorded.INITIATING_VISIT: {"initiating_visit": True},
        Recorded.SIGNATURE: {"unsigned_notes": 0},
    }
)


def met(requirement: Requirement, plan: Plan) -> Facts:
    """Give facts with which a requirement is met; nothing for contact, which the flow counts."""
    least = _least(requirement, plan)
    if least is not None:
        return {requirement.value: least}
    name = _COUNTED_AGAINST.get(requirement)
    if name is not None:
        return {name: 0}
    return {} if requirement is Requirement.CONTACT else {requirement.value: True}


def unmet(requirement: Requirement, plan: Plan) -> Facts:
    """Give facts with which a requirement is just not met."""
    least = _least(requirement, plan)
    if least is not None:
        return {requirement.value: max(0, least - 1)}
    name = _COUNTED_AGAINST.get(requirement)
    if name is not None:
        return {name: 1}
    return {} if requirement is Requirement.CONTACT else {requirement.value: False}


def _least(requirement: Requirement, plan: Plan) -> int | None:
    """Give how much a month needs of what is counted; the fact is named as the requirement."""
    ready = plan.readiness or _NO_CHECK
    least = {
        Requirement.MINUTES: ready.minimum_minutes,
        Requirement.PRACTITIONER_MINUTES: ready.minimum_practitioner_minutes,
        Requirement.CONDITIONS: ready.minimum_conditions,
    }
    return least.get(requirement)


def facts_at_start(plan: Plan, missing: Iterable[Requirement]) -> dict[str, FactValue]:
    """Give the record of a month in which all is well but for what is missing."""
    if plan.kind is PlaybookKind.ENROLLMENT:
        return {"conditions": _NO_CHECK.minimum_conditions, "coverage": True}
    facts: dict[str, FactValue] = {}
    for requirement in Requirement:
        facts.update(met(requirement, plan))
    for requirement in missing:
        facts.update(unmet(requirement, plan))
    return facts


def recorded(outcome: Outcome) -> dict[str, FactValue]:
    """Give what the record says once an outcome has written into it."""
    facts: dict[str, FactValue] = {}
    for entry in outcome.records:
        facts.update(_RECORDED.get(entry, {}))
    return facts


def results(plan: Plan, step: PlanStep, outcome: Outcome) -> list[dict[str, FactValue]]:
    """
    Give the ways in which the record may look after an outcome.

    Work that should put something right may not have done so, unless the outcome itself writes
    into the record.
    """
    facts = recorded(outcome)
    if step.fixes is None or outcome.end is not None or outcome.go is not None:
        return [facts]
    cleared = met(step.fixes, plan)
    if not cleared or all(facts.get(name) == value for name, value in cleared.items()):
        return [facts]
    return [{**facts, **cleared}, facts]


# --- conditions ---


def conditions(plan: Plan, steps: Iterable[StepId]) -> tuple[Expr, ...]:
    """Give every condition on which one of these steps opens."""
    found: list[Expr] = []
    for step in map(plan.by_id.__getitem__, sorted(steps)):
        found += [] if step.when is None else [step.when]
        found += [rule.when for rule in step.skip_if]
    return tuple(found)


def choices(exprs: tuple[Expr, ...], facts: Facts) -> tuple[Facts, ...]:
    """
    Give values for the facts that conditions ask about: one set for each way they can hold.

    Only values around a condition's own numbers make a difference.
    """
    names = sorted({name for expr in exprs for name in facts_used(expr)} - set(_CALENDAR_FACTS))
    if not names:
        return ()
    values = [_values(name, exprs, facts) for name in names]
    found: dict[tuple[bool, ...], Facts] = {}
    for number, picked in enumerate(product(*values)):
        if number >= _MOST_VALUES:
            break
        chosen = dict(zip(names, picked, strict=True))
        found.setdefault(_truths(exprs, {**DEFAULTS, **facts, **chosen}), chosen)
    return tuple(found.values())


def loose(plan: Plan, chosen: Iterable[Facts]) -> frozenset[str]:
    """
    Name the facts that only conditions ask about, so that what they were once is of no account.

    Minutes are not such, for they are only ever added; nor what the readiness check asks about.
    """
    names = {name for facts in chosen for name in facts}
    ready = plan.readiness.requires if plan.readiness else ()
    checked = {name for requirement in ready for name in unmet(requirement, plan)}
    asked_by_check = {
        name
        for step in plan.fixing
        for expr in conditions(plan, [step.id])
        for name in facts_used(expr)
    }
    return frozenset(names - checked - asked_by_check - {"contacts", *ADDED})


def judging(plan: Plan, names: frozenset[str]) -> frozenset[StepId]:
    """Give the steps for which these facts make a difference when they come up."""
    return frozenset(
        step.id
        for step in plan.steps
        if step.when is not None
        or step.skip_if
        or (step.variants and "risk" in names)
        or (step.attempts is not None and "preferred_channel" in names)
    )


def _truths(exprs: tuple[Expr, ...], facts: Facts) -> tuple[bool, ...]:
    """Say when conditions hold, on each day of a month."""
    days = ({"days_left": _MOST_DAYS - day, "business_day": day} for day in range(_MOST_DAYS + 1))
    return tuple(holds(expr, {**facts, **day}) for day in days for expr in exprs)


def _values(name: str, exprs: tuple[Expr, ...], facts: Facts) -> list[FactValue]:
    now = facts.get(name, DEFAULTS[name])
    if FACTS[name].type is FactType.YES_NO:
        return [now, not now]
    literals = list(dict.fromkeys(value for expr in exprs for value in _literals(expr)))
    if FACTS[name].type is FactType.TEXT:
        return list(dict.fromkeys([now, *(text for text in literals if isinstance(text, str))]))
    numbers = [number for number in literals if isinstance(number, int)]
    around = {number + by for number in numbers for by in (-1, 0, 1)}
    return list(dict.fromkeys([now, *sorted(number for number in around if number >= 0)]))


def _literals(expr: Expr) -> list[FactValue]:
    """Give the numbers and texts a condition compares with."""
    if isinstance(expr, tuple):
        parts = () if expr[0] == "fact" else expr[1:]
        return [value for part in parts for value in _literals(part)]
    return [] if isinstance(expr, bool) else [expr]


def risks(plan: Plan, steps: Iterable[StepId]) -> tuple[str, ...]:
    """Give the risk tiers for which one of these steps differs, the ordinary one first."""
    variants = {variant.risk for step in steps for variant in plan.by_id[step].variants}
    return (_STANDARD, *sorted(variants - {_STANDARD})) if variants else ()
