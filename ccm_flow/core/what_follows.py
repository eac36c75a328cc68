"""
What an outcome leads to, told before it is chosen.

It is read from the playbook and the steps as they stand; the engine decides when the time comes.
Steps that wait for a date or for the readiness check are not foretold.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import OutcomeId, RoleId, StepId
from ccm_flow.core.plan import Disposition, Plan, PlanStep, Recorded
from ccm_flow.core.state import StepStatus


@dataclass(frozen=True, slots=True)
class Settled:
    """How the newest opening of a step stands."""

    status: StepStatus
    outcome: OutcomeId | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A step that opens."""

    step: StepId
    title: str
    owner: RoleId
    if_needed: bool = False
    """It has a condition that is looked at when it would open."""


@dataclass(frozen=True, slots=True)
class Following:
    """Everything that an outcome leads to at once."""

    opens: tuple[Opening, ...] = ()
    ends: Disposition | None = None
    because: str | None = None
    records: tuple[Recorded, ...] = ()


def what_follows(
    plan: Plan,
    step: PlanStep,
    outcome: OutcomeId,
    known: Mapping[StepId, Settled],
    *,
    risk: str | None = None,
    again: bool = False,
) -> Following:
    """
    Say what ending a step with an outcome leads to; `known` are the cycle's steps.

    `again` says that the step was opened before, so that what follows it opens again as well.
    """
    chosen = step.outcome(outcome)
    records = chosen.records if chosen else ()
    if chosen is not None and chosen.end is not None:
        return Following((), chosen.end, chosen.because, records)
    then = {**known, step.id: Settled(StepStatus.DONE, outcome)}
    target = plan.by_id[chosen.go] if chosen is not None and chosen.go else None
    opens = [target] if target is not None and not _is_open(target, known) else []
    again = again or step.on is not None
    opens += [
        one
        for one in plan.followers.get(step.id, ())
        if one.at is None and one not in opens and _holds(one.after, then)
        if one.id not in known or (again and not _is_open(one, known))
    ]
    return Following(tuple(_opening(plan, one, risk) for one in opens), None, None, records)


def _is_open(step: PlanStep, known: Mapping[StepId, Settled]) -> bool:
    """Tell whether a step is open and takes no second opening beside it."""
    newest = known.get(step.id)
    return step.on is None and newest is not None and newest.status is StepStatus.OPEN


def _opening(plan: Plan, step: PlanStep, risk: str | None) -> Opening:
    varied = plan.step_of(step.id, risk)
    return Opening(step.id, step.title, varied.owner, bool(step.when or step.skip_if))


def _holds(after: Expr, known: Mapping[StepId, Settled]) -> bool:
    match after[0]:
        case "and":
            return all(_holds(part, known) for part in after[1:])
        case "or":
            return any(_holds(part, known) for part in after[1:])
    settled = known.get(StepId(after[1]))
    if settled is None or settled.status is StepStatus.OPEN:
        return False
    match after[0]:
        case "ended":
            return True
        case "done":
            return settled.status in (StepStatus.DONE, StepStatus.SKIPPED)
    return after[2] in (settled.outcome, settled.status)
