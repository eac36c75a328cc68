"""A simulated patient's care record: the facts that playbooks ask about, as work changes them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from ccm_flow.core.activities import ACTIVITIES, activity_of
from ccm_flow.core.assumptions import Chart
from ccm_flow.core.behaviour import Dice
from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.credentials import Credential, StaffKind, staff_kind
from ccm_flow.core.facts import DEFAULTS, Facts, FactValue
from ccm_flow.core.ids import OutcomeId
from ccm_flow.core.month import Month
from ccm_flow.core.plan import Plan, PlanStep, Recorded, Requirement

_RECORDED: Final[Mapping[Recorded, tuple[str, FactValue]]] = {
    Recorded.CONSENT: ("consent", True),
    Recorded.CARE_PLAN_SHARED: ("care_plan", True),
    Recorded.INITIATING_VISIT: ("initiating_visit", True),
}
"""What an outcome puts into the record."""
_FIXED: Final[Mapping[Requirement, tuple[str, FactValue]]] = {
    Requirement.CONDITIONS: ("conditions", 99),
    Requirement.COVERAGE: ("coverage", True),
    Requirement.NO_CONFLICTS: ("conflicts", 0),
}
"""What a fixing step puts right when it ends as it ordinarily does."""


class Record:
    """
    What is on file for one patient in one month.

    Minutes count as the real record counts them: by the worker's credential, the kind of work, the
    month in which it began, and only with a consent in force.
    """

    def __init__(self, facts: Facts, month: Month, calendar: WorkCalendar) -> None:
        self._facts: dict[str, FactValue] = {**DEFAULTS, **facts}
        self._first = calendar.start_of(month.first_day)
        self._end = calendar.start_of(month.next.first_day)
        self._seconds = {StaffKind.CLINICAL: 0, StaffKind.PRACTITIONER: 0}
        self._known = {name: value for name, value in self._facts.items() if name not in _LIVE}

    def facts(self) -> Facts:
        """Give the facts as they stand; never those that the engine itself counts."""
        practitioner = self._seconds[StaffKind.PRACTITIONER]
        return {
            **self._known,
            "minutes": (self._seconds[StaffKind.CLINICAL] + practitioner) // 60,
            "practitioner_minutes": practitioner // 60,
        }

    def standing(self) -> Facts:
        """Give what stays from month to month: all but the month's own minutes and contacts."""
        return dict(self._known)

    def worked(
        self,
        step: PlanStep,
        result: OutcomeId,
        credential: Credential | None,
        *,
        began: datetime,
        takes: timedelta,
    ) -> None:
        """Write down work on a step, whether the step took the result or not."""
        if credential is None or not self._known["consent"]:
            return
        kind = staff_kind(credential)
        counts = ACTIVITIES[activity_of(step, result)].counts
        if counts and kind in self._seconds and self._first <= began < self._end:
            self._seconds[kind] += int(takes.total_seconds())

    def ended(self, step: PlanStep, result: OutcomeId) -> None:
        """Write down what an outcome records, and what a fixing step put right."""
        outcome = step.outcome(result)
        if outcome is None:
            return
        for recorded in outcome.records:
            if recorded in _RECORDED:
                name, value = _RECORDED[recorded]
                self._known[name] = value
        fixed = _FIXED.get(step.fixes) if step.fixes is not None else None
        if fixed is not None and outcome is step.outcomes[0]:
            self._known[fixed[0]] = fixed[1]


_LIVE: Final = frozenset(
    ["minutes", "practitioner_minutes", "contacts", "days_left", "business_day"]
)


def starting_facts(plan: Plan, chart: Chart, key: str) -> dict[str, FactValue]:
    """Draw what a patient has on file as a month begins; `key` names seed and patient."""
    dice = Dice(f"{key}|chart")
    wanted = plan.readiness.minimum_conditions if plan.readiness else 2
    return {
        "consent": dice.roll("consent") < chart.consent,
        "care_plan": dice.roll("care_plan") < chart.care_plan,
        "conditions": wanted if dice.roll("conditions") < chart.conditions else wanted - 1,
        "coverage": dice.roll("coverage") < chart.coverage,
        "initiating_visit": True,
        "risk": "high" if dice.roll("risk") < chart.high_risk else "standard",
    }
