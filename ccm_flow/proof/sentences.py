"""Says in one sentence what a finding means, and what to do about it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ccm_flow.core.engine import MonthPlan
from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import OutcomeId, StepId
from ccm_flow.core.plan import Plan, PlaybookKind
from ccm_flow.proof.evidence import Sight
from ccm_flow.proof.findings import Finding
from ccm_flow.proof.setting import Setting, local_text
from ccm_flow.proof.story import Words
from ccm_flow.proof.ways import atoms

Said = tuple[str, str]
"""A sentence and a hint."""


_PLAIN: Mapping[Finding, Said] = MappingProxyType(
    {
        Finding.NO_DEADLINE: ("{} is open without a deadline.", "Give it `due:`."),
        Finding.UNNAMED_ENDING: (
            "An outcome of {} ends the cycle, and nobody can say why.",
            "Give the outcome a reason: `because: unreachable`.",
        ),
        Finding.GOES_ROUND: (
            "{} opens again and again: nothing leads out of the circle.",
            "Give one of its steps an outcome that goes elsewhere or ends the cycle.",
        ),
        Finding.NEVER_OPENS: (
            "{} never opens: whenever it comes up, its condition does not hold.",
            "Change `when:`, or the date or step after which it comes up.",
        ),
        Finding.NEVER_FIXES: (
            "{} never opens, although what it should put right can be missing.",
            "Change `when:`, or let the readiness check start earlier.",
        ),
    }
)


class Sentences:
    """Speaks about one plan in one month."""

    def __init__(self, plan: Plan, setting: Setting) -> None:
        self._plan, self._setting, self._words = plan, setting, Words(plan)
        self._closes = MonthPlan.of(setting.start(plan, {})).closes_at

    def of(
        self,
        finding: Finding,
        step: StepId | None,
        outcome: OutcomeId | None,
        sight: Sight | None,
    ) -> Said:
        """Give the sentence and the hint."""
        if step is None:
            return self._of_cycle(finding, sight)
        name = self._words.step(step)
        said = _PLAIN.get(finding)
        if said is not None:
            return said[0].format(name), said[1]
        if finding is Finding.NO_OWNER:
            return self._no_owner(name, sight)
        if finding is Finding.WAITS_IN_VAIN:
            return self._in_vain(step, name)
        return self._outcome_never(step, name, outcome, sight)

    def _of_cycle(self, finding: Finding, sight: Sight | None) -> Said:
        monthly = self._plan.kind is PlaybookKind.MONTHLY
        if finding is Finding.NOBODY_HAS_IT and sight is not None:
            since, until = self._time(sight), local_text(self._setting.calendar, self._closes)
            close = "the month's close" if monthly else "the close"
            return (
                f"Nobody has the patient between {since} and {close} on {until}.",
                "Let every outcome, and every step that expires, lead to a next step or an end.",
            )
        if finding is Finding.NEVER_ENDS:
            return "The cycle is still running after its close.", "Report this: it is our mistake."
        if finding is Finding.UNNAMED_ENDING:
            return "The cycle ends, and nobody can say why.", "Give the outcome `because:`."
        good = "ready" if monthly else "enrolled"
        return (
            f"No course of events ends as {good}.",
            f"Give the last step's good outcome `end: {good}`, and let it be reached.",
        )

    def _time(self, sight: Sight) -> str:
        return local_text(self._setting.calendar, sight.at)

    def _no_owner(self, name: str, sight: Sight | None) -> Said:
        role = sight.role if sight is not None else None
        who = self._words.role(role) if role else "its role"
        return (
            f"Nobody is there to answer for {name}: the role '{who}' has no person.",
            "Name a person for the role, or give the step to a role that has one.",
        )

    def _in_vain(self, step: StepId, name: str) -> Said:
        waits = ", ".join(_asked(self._plan.by_id[step].after))
        reason = f"what it waits for ({waits}) never happens" if waits else "nothing opens it"
        hint = "Change `after:`, or let an outcome lead to it with `go:`."
        return f"{name} never opens: {reason}.", hint

    def _outcome_never(
        self, step: StepId, name: str, outcome: OutcomeId | None, sight: Sight | None
    ) -> Said:
        which = self._words.outcome(step, outcome) if outcome else "an outcome"
        text = f"{name} never ends as {which}"
        attempts = self._plan.by_id[step].attempts
        if sight is not None and sight.refusal is not None:
            return f"{text}: {sight.refusal.message}", "Let the step open later, or earlier work."
        if attempts is not None and attempts.then == outcome:
            return (
                f"{text}: it is over before attempt {attempts.max} is made.",
                "Plan fewer or closer attempts, or let the step stay open longer.",
            )
        return f"{text}.", "Remove the outcome, or make room for it."


def _asked(expr: Expr) -> Iterator[str]:
    for atom in atoms(expr):
        match atom:
            case ("ended", step):
                yield f"ended({step})"
            case ("outcome", step, outcome):
                yield f"{step}.{outcome}"
            case _:
                yield atom[1]
