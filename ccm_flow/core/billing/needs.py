"""What a program or a code asks for, held against the facts of a month."""

from datetime import date
from typing import assert_never

from ccm_flow.core.billing.model import BillingFacts, DecisionMaking
from ccm_flow.core.billing.need_rules import (
    AttestedNeed,
    ConditionsNeed,
    ConsentNeed,
    DecisionNeed,
    Need,
    PlanNeed,
    QmbNeed,
    RevisedPlanNeed,
    SharedPlanNeed,
    VisitNeed,
)
from ccm_flow.core.month import Month


def missing(need: Need, facts: BillingFacts, on: date) -> str | None:
    """Say in a sentence what is missing for a date of service; None when the need is met."""
    match need:
        case ConsentNeed():
            return _consent(facts)
        case PlanNeed() | SharedPlanNeed() | RevisedPlanNeed():
            return _plan(need, facts)
        case ConditionsNeed():
            return _conditions(need, facts.condition_groups)
        case VisitNeed():
            return _visit(need, facts, on)
        case DecisionNeed():
            return _decisions(need, facts)
        case QmbNeed():
            if facts.qmb is need.wanted:
                return None
            return f"The patient is {'' if facts.qmb else 'not '}a qualified Medicare beneficiary."
        case AttestedNeed():
            stated = need.word in facts.attested
            return None if stated else f"Nobody has stated this: {need.meaning}."
        case _ as never:
            assert_never(never)


def _consent(facts: BillingFacts) -> str | None:
    consent = facts.consent
    if consent is None:
        return "There is no consent on record."
    if not consent.accepted:
        return f"The patient declined on {consent.taken_at.date()}."
    if consent.practitioner != facts.practitioner.id:
        return "The consent was given for another practitioner's services."
    if Month.of(consent.taken_at.date()) > facts.month:
        return f"The consent was taken after the month, on {consent.taken_at.date()}."
    # A patient may stop at the end of any calendar month; the last month is still billed.
    if consent.last_day is not None and Month.of(consent.last_day) < facts.month:
        return f"The consent was revoked; its last day was {consent.last_day}."
    return None


def _plan(need: PlanNeed | SharedPlanNeed | RevisedPlanNeed, facts: BillingFacts) -> str | None:
    plan, end = facts.care_plan, facts.month.last_day
    if plan is None or plan.established_on > end:
        return "There is no care plan."
    if isinstance(need, SharedPlanNeed) and (plan.shared_on is None or plan.shared_on > end):
        return "The patient has no copy of the care plan."
    if isinstance(need, RevisedPlanNeed):
        days = [day for day in (plan.established_on, plan.revised_on) if day is not None]
        if all(Month.of(day) != facts.month for day in days):
            return "The care plan was neither established nor substantially revised this month."
    return None


def _conditions(need: ConditionsNeed, groups: int) -> str | None:
    counted = f"{groups} chronic condition group{'' if groups == 1 else 's'}"
    if groups < need.at_least:
        return f"{counted} on file; at least {need.at_least} are needed."
    if need.at_most is not None and groups > need.at_most:
        return f"{counted} on file; at most {need.at_most} fit."
    return None


def _visit(need: VisitNeed, facts: BillingFacts, on: date) -> str | None:
    visit = facts.initiating_visit_on
    if visit is None:
        return "There is no initiating visit on record."
    if visit > on:
        return f"The initiating visit on {visit} came after the services."
    if visit < _months_before(facts.enrolled_on, need.months):
        since = f"more than {need.months} months before enrolling on {facts.enrolled_on}"
        return f"The latest visit on {visit} was {since}."
    return None


def _months_before(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    month = Month(number // 12, number % 12 + 1)
    return month.first_day.replace(day=min(day.day, month.last_day.day))


def _decisions(need: DecisionNeed, facts: BillingFacts) -> str | None:
    wanted = " or ".join(level for level in DecisionMaking if level in need.levels)
    if facts.decision_making is None:
        return f"No medical decision making is recorded; {wanted} is needed."
    if facts.decision_making not in need.levels:
        return f"The medical decision making was {facts.decision_making}; {wanted} is needed."
    return None
