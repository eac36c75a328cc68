"""Checks that every step can open, nothing waits in vain, and the cycle can end well."""

from collections.abc import Mapping

from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import StepId
from ccm_flow.core.plan import (
    READINESS,
    Disposition,
    Outcome,
    Plan,
    PlanStep,
    PlaybookKind,
    Requirement,
    steps_named,
)
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report

_GOOD_END = {
    PlaybookKind.MONTHLY: Disposition.READY,
    PlaybookKind.ENROLLMENT: Disposition.ENROLLED,
    PlaybookKind.EPISODE: Disposition.READY,
}


def check_flow(plan: Plan, report: Report) -> None:
    """Report what can never happen. Worth doing only once all names are right."""
    _Flow(plan, report).check()


class _Flow:
    def __init__(self, plan: Plan, report: Report) -> None:
        self._plan, self._report = plan, report
        self._paths: Mapping[StepId, Path] = {
            step.id: ("steps", i) for i, step in enumerate(plan.steps)
        }
        self._opens = self._openable()

    def check(self) -> None:
        self._check_fixes()
        stuck = [step for step in self._plan.steps if step.id not in self._opens]
        for step in stuck:
            self._explain(step, frozenset(step.id for step in stuck))
        if not stuck:
            self._check_endings()

    def _openable(self) -> set[StepId]:
        """Grow the set of steps that can open, from those that wait for nothing."""
        opens = {step.id for step in self._plan.steps if self._opens_by_itself(step)}
        queue = [*opens, READINESS]
        while queue:
            source = queue.pop()
            step = self._plan.by_id.get(source)
            reached = {o.go for o in step.outcomes if o.go is not None} if step else set()
            for follower in self._plan.followers.get(source, ()):
                if self._possible(follower.after, opens):
                    reached.add(follower.id)
            new = reached - opens
            opens |= new
            queue.extend(new)
        return opens

    def _opens_by_itself(self, step: PlanStep) -> bool:
        if step.on is not None or step.fixes is not None or self._plan.opens_at_start(step):
            return True
        if step.after is None:
            return step.at is not None
        return self._possible(step.after, set())

    def _possible(self, after: Expr, opens: set[StepId]) -> bool:
        match after[0]:
            case "and":
                return all(self._possible(part, opens) for part in after[1:])
            case "or":
                return any(self._possible(part, opens) for part in after[1:])
            case "ended":
                return True
        if after[1] == READINESS:
            return True
        return after[1] in opens and not self._ends_cycle(after)

    def _ends_cycle(self, after: Expr) -> bool:
        """Tell whether there is no cycle left by the time that `after` has happened."""
        step = self._plan.by_id[StepId(after[1])]
        if after[0] == "outcome":
            outcome = step.outcome(after[2])
            return outcome is not None and outcome.end is not None
        if step.optional or step.when is not None or step.skip_if or step.fixes is not None:
            return False
        return all(outcome.end is not None for outcome in step.outcomes)

    def _explain(self, step: PlanStep, stuck: frozenset[StepId]) -> None:
        path = self._paths[step.id]
        if step.after is None:
            self._explain_go(step, path)
            return
        if not self._possible(step.after, set(self._paths)):
            hint = "Wait for an outcome that lets the cycle go on, or for another step."
            message = f"'{step.id}' waits for something that ends the whole cycle."
            self._report.add("PB502", (*path, "after"), message, hint)
            return
        circle = self._circle(step, stuck)
        if circle and step.id == min(circle, key=self._place):
            names = " -> ".join([*circle, circle[0]])
            hint = "Remove one `after:` from the circle; to do a step again use an outcome's `go:`."
            message = f"These steps wait for each other: {names}."
            self._report.add("PB503", (*path, "after"), message, hint)

    def _explain_go(self, step: PlanStep, path: Path) -> None:
        sources = [s.id for s in self._plan.steps if any(o.go == step.id for o in s.outcomes)]
        names = ", ".join(f"'{name}'" for name in sources)
        message = f"Step '{step.id}' never opens: only {names} would open it, which never opens."
        if sources == [step.id]:
            message = f"Step '{step.id}' never opens: only its own outcome would open it."
        hint = "A step that a `go:` opens does not open by itself; add `at:` or `after:` to it."
        self._report.add("PB501", (*path, "id"), message, hint)

    def _circle(self, step: PlanStep, stuck: frozenset[StepId]) -> tuple[StepId, ...]:
        """Give a chain of waiting steps that leads from a step back to itself."""
        came_from: dict[StepId, StepId] = {}
        queue = [step.id]
        for here in queue:
            after = self._plan.by_id[here].after
            for source in sorted(steps_named(after) & stuck, key=self._place):
                if source == step.id:
                    return self._chain(here, step.id, came_from)
                if source not in came_from:
                    came_from[source] = here
                    queue.append(source)
        return ()

    @staticmethod
    def _chain(
        last: StepId, first: StepId, came_from: Mapping[StepId, StepId]
    ) -> tuple[StepId, ...]:
        chain = [last]
        while chain[-1] != first:
            chain.append(came_from[chain[-1]])
        return tuple(reversed(chain))

    def _place(self, step: StepId) -> int:
        return int(self._paths[step][1])

    def _check_fixes(self) -> None:
        readiness = self._plan.readiness
        requires: tuple[Requirement, ...] = () if readiness is None else readiness.requires
        fixed = set()
        for step in self._plan.steps:
            if step.fixes is not None and step.fixes not in requires:
                hint = f"Add '{step.fixes}' to `readiness: requires:`, or remove the step."
                message = f"The readiness check does not ask for '{step.fixes}', so this step "
                message += "never opens."
                path = (*self._paths[step.id], "fixes")
                self._report.add("PB506", path, message, hint)
            fixed.add(step.fixes)
        for i, requirement in enumerate(requires):
            if requirement is Requirement.CONTACT and not self._reaches_anybody():
                hint = "Give an outcome that means so `contact: true`."
                message = "No outcome says that the patient was reached, so this is never met."
                self._report.add("PB507", ("readiness", "requires", i), message, hint)
            elif requirement not in fixed:
                hint = f"Add a step with `fixes: {requirement}`, an owner and a deadline."
                message = f"When '{requirement}' is missing, no step puts it right."
                self._report.add("PB505", ("readiness", "requires", i), message, hint)

    def _reaches_anybody(self) -> bool:
        return any(o.contact for step in self._plan.steps for o in step.outcomes)

    def _check_endings(self) -> None:
        good = _GOOD_END[self._plan.kind]
        outcomes: list[Outcome] = [o for step in self._plan.steps for o in step.outcomes]
        if all(outcome.end is not good for outcome in outcomes):
            hint = f"Give an outcome of the last step `end: {good}`."
            message = f"No outcome ends the cycle as '{good}'."
            self._report.add("PB504", ("steps",), message, hint, key=True)
