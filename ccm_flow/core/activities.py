"""
Kinds of work that time is entered for, and whether its minutes count.

Counted: talk with patient and caregiver, care-plan work, medication, results, coordination,
transitions, charting. Not counted: clerical work, prior authorisation (unsettled), what belongs
to a visit, trying to reach somebody without reaching them (medicare-rules, section 2; AAFP FPM
CCM Q&A; Noridian CCM questions and answers).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ccm_flow.core.ids import OutcomeId
from ccm_flow.core.plan_steps import PlanStep
from ccm_flow.core.words import Phase, Recorded, Requirement, Trigger


class Activity(StrEnum):
    """What somebody worked on."""

    CALL = "monthly_call"
    REVIEW = "review"
    CARE_PLAN = "care_plan"
    MEDICATION = "medication"
    RESULTS = "results"
    COORDINATION = "coordination"
    TRANSITION = "transition"
    REFILL = "refill"
    SPECIALIST = "specialist"
    FOLLOW_UP = "follow_up"
    CLINICAL_QUESTION = "clinical_question"
    EDUCATION = "education"
    DOCUMENTATION = "documentation"
    ATTEMPT = "attempt"
    VISIT = "visit"
    PRIOR_AUTHORIZATION = "prior_authorization"
    ADMINISTRATION = "administration"


@dataclass(frozen=True, slots=True)
class ActivitySpec:
    """An activity's words, and why its minutes do not count if they do not."""

    title: str
    not_counted_because: str = ""

    @property
    def counts(self) -> bool:
        """Whether its minutes count at all."""
        return not self.not_counted_because


ACTIVITIES: Mapping[Activity, ActivitySpec] = MappingProxyType(
    {
        Activity.CALL: ActivitySpec("Call or message with the patient or caregiver"),
        Activity.REVIEW: ActivitySpec("Chart review and planning"),
        Activity.CARE_PLAN: ActivitySpec("Care-plan work"),
        Activity.MEDICATION: ActivitySpec("Medication reconciliation"),
        Activity.RESULTS: ActivitySpec("Results looked at and acted on"),
        Activity.COORDINATION: ActivitySpec("Coordination with other providers and services"),
        Activity.TRANSITION: ActivitySpec("Transition between settings"),
        Activity.REFILL: ActivitySpec("Refill"),
        Activity.SPECIALIST: ActivitySpec("Specialist's report or referral"),
        Activity.FOLLOW_UP: ActivitySpec("Follow-up on care"),
        Activity.CLINICAL_QUESTION: ActivitySpec("Clinical question"),
        Activity.EDUCATION: ActivitySpec("Teaching the patient or caregiver"),
        Activity.DOCUMENTATION: ActivitySpec("Charting"),
        Activity.ATTEMPT: ActivitySpec("Tried to reach the patient", "nobody was reached"),
        Activity.VISIT: ActivitySpec("Part of a visit", "it is part of a visit"),
        Activity.PRIOR_AUTHORIZATION: ActivitySpec(
            "Prior authorization", "whether prior authorization counts is not settled"
        ),
        Activity.ADMINISTRATION: ActivitySpec(
            "Scheduling, billing and paperwork", "clerical work does not count"
        ),
    }
)

_BY_PHASE: Mapping[Phase, Activity] = MappingProxyType(
    {
        Phase.OUTREACH: Activity.REVIEW,
        Phase.FOLLOW_UP: Activity.FOLLOW_UP,
        Phase.ESCALATION: Activity.CLINICAL_QUESTION,
        Phase.DOCUMENTATION: Activity.DOCUMENTATION,
        Phase.READINESS: Activity.ADMINISTRATION,
        Phase.REPORTING: Activity.ADMINISTRATION,
    }
)
_BY_TRIGGER: Mapping[Trigger, Activity] = MappingProxyType(
    {
        Trigger.ESCALATION: Activity.CLINICAL_QUESTION,
        Trigger.ADMISSION: Activity.TRANSITION,
        Trigger.DISCHARGE: Activity.TRANSITION,
        Trigger.LAB_RESULT: Activity.RESULTS,
        Trigger.CALLBACK: Activity.CALL,
    }
)
_BY_FIX: Mapping[Requirement, Activity] = MappingProxyType(
    {
        Requirement.MINUTES: Activity.CALL,
        Requirement.CONTACT: Activity.CALL,
        Requirement.CARE_PLAN: Activity.CARE_PLAN,
        Requirement.SIGNED_NOTES: Activity.DOCUMENTATION,
    }
)
_PLAN_RECORDS = frozenset({Recorded.CARE_PLAN, Recorded.CARE_PLAN_SHARED})


def activity_of(step: PlanStep, result: OutcomeId | None) -> Activity:
    """
    Say what work on a step is, when nobody says so: by what opened it, how it ended, its phase.

    `result` is None while the step is open. A try that reached nobody is never a call.
    """
    if result is not None and step.takes_result(result):
        return Activity.ATTEMPT
    if step.on is not None:
        return _BY_TRIGGER.get(step.on, Activity.FOLLOW_UP)
    outcome = step.outcome(result) if result is not None else None
    if step.attempts is not None or (outcome is not None and outcome.contact):
        return Activity.CALL
    if _PLAN_RECORDS & {record for one in step.outcomes for record in one.records}:
        return Activity.CARE_PLAN
    if step.fixes is not None:
        return _BY_FIX.get(step.fixes, Activity.ADMINISTRATION)
    return _BY_PHASE[step.phase]
