"""When each step can open at the earliest, in each example month."""

from collections.abc import Mapping
from datetime import datetime

from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import READINESS, Plan, PlanStep, PlaybookKind
from ccm_flow.language.sample_months import Sample, due, month_samples, noon_samples

Opening = tuple[datetime, ...]
"""An instant in each sample."""

_PASSES = 4
"""Each pass gives a valid lower bound; playbooks are written about in order, so few suffice."""


def samples_for(plan: Plan) -> tuple[Sample, ...]:
    """Give the examples that fit a playbook's kind."""
    return month_samples() if plan.kind is PlaybookKind.MONTHLY else noon_samples()


def earliest_openings(plan: Plan, samples: tuple[Sample, ...]) -> Mapping[StepId, Opening]:
    """Give the earliest instant at which each step can open; never later than the truth."""
    start = tuple(sample.opens for sample in samples)
    ready = start
    if plan.readiness is not None:
        rule = plan.readiness.from_
        ready = tuple(due(rule, s.opens, s.month).replace(hour=0, minute=0) for s in samples)
    sources: dict[StepId, list[StepId]] = {}
    for step in plan.steps:
        for outcome in step.outcomes:
            if outcome.go is not None:
                sources.setdefault(outcome.go, []).append(step.id)
    found: dict[StepId, Opening] = dict.fromkeys((step.id for step in plan.steps), start)
    for _ in range(_PASSES):
        before = dict(found)
        for step in plan.steps:
            opening = _own(step, found, start, ready, samples)
            ways = [found.get(source, start) for source in sources.get(step.id, ())]
            if ways and step.after is None and step.at is None:
                opening = ways[0]
            found[step.id] = tuple(map(min, opening, *ways)) if ways else opening
        if found == before:
            break
    return found


def _own(
    step: PlanStep,
    found: Mapping[StepId, Opening],
    start: Opening,
    ready: Opening,
    samples: tuple[Sample, ...],
) -> Opening:
    """Give the earliest opening by the step's own settings."""
    opening = _of(step.after, found, start, ready)
    if step.fixes is not None:
        opening = ready
    if step.at is not None:
        days = (due(step.at, s.opens, s.month).replace(hour=0, minute=0) for s in samples)
        opening = tuple(map(max, opening, days))
    return opening


def _of(after: Expr, found: Mapping[StepId, Opening], start: Opening, ready: Opening) -> Opening:
    if after is None or after[0] == "ended":
        # Also over when it can no longer happen, which may be at once.
        return start
    if after[0] in ("done", "outcome"):
        return ready if after[1] == READINESS else found.get(StepId(after[1]), start)
    pick = max if after[0] == "and" else min
    parts = [_of(part, found, start, ready) for part in after[1:]]
    return tuple(pick(instants) for instants in zip(*parts, strict=True))
