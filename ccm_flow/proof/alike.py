"""Outcomes that lead to the same: one of them is tried for all."""

from collections.abc import Hashable

from ccm_flow.core.ids import OutcomeId, StepId
from ccm_flow.core.plan import Outcome, Plan, PlanStep
from ccm_flow.proof.record import recorded
from ccm_flow.proof.ways import atoms


class Alike:
    """
    Knows the outcomes of a plan that nothing tells apart.

    They open and end the same, put the same into the record, and no `after` asks for one of them.
    """

    def __init__(self, plan: Plan) -> None:
        asked = {atom for step in plan.steps for atom in atoms(step.after)}
        self._asked = {atom[1:] for atom in asked if atom[0] == "outcome"}
        self._tried: dict[StepId, dict[Hashable, list[Outcome]]] = {}

    def tried(self, step: PlanStep) -> list[Outcome]:
        """Give one outcome of each sort; not the one that only failed attempts lead to."""
        given_up = step.attempts.then if step.attempts else None
        return [alike[0] for alike in self._sorts(step).values() if alike[0].id != given_up]

    def of(self, step: PlanStep, id_: OutcomeId) -> list[OutcomeId]:
        """Give the outcomes that are seen to be possible when one of them is."""
        for alike in self._sorts(step).values():
            if alike[0].id == id_:
                return [outcome.id for outcome in alike]
        return [id_]

    def _sorts(self, step: PlanStep) -> dict[Hashable, list[Outcome]]:
        if step.id not in self._tried:
            sorts: dict[Hashable, list[Outcome]] = {}
            for outcome in step.outcomes:
                sorts.setdefault(self._sort(step, outcome), []).append(outcome)
            self._tried[step.id] = sorts
        return self._tried[step.id]

    def _sort(self, step: PlanStep, outcome: Outcome) -> Hashable:
        given_up = step.attempts.then if step.attempts else None
        special = outcome.id == given_up or (step.id, outcome.id) in self._asked
        return (
            outcome.id if special else None,
            outcome.go,
            outcome.end,
            outcome.because,
            outcome.contact,
            frozenset(recorded(outcome).items()),
        )
