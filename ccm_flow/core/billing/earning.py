"""What a month's facts earn, before anything is held against it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from ccm_flow.core.billing.minutes import Counted, Pool, duration
from ccm_flow.core.billing.model import BillingFacts, Discharge
from ccm_flow.core.billing.rules import (
    AfterDischarge,
    Cap,
    CodeRule,
    Days,
    EachMore,
    Instead,
    Minutes,
    Monthly,
    Recorded,
)
from ccm_flow.core.month import Month


@dataclass(frozen=True, slots=True)
class Earning:
    """Units of one code, and what they rest on."""

    units: int
    on: date
    """The first possible date of service."""
    seconds: int
    sentence: str
    discharged_on: date | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """A code that the month does not give; the sentence may be empty when it was never meant."""

    sentence: str = ""


def earn(rule: CodeRule, facts: BillingFacts, counted: Counted) -> Earning | Nothing:
    """Say how much of a code that stands alone the month gives."""
    match rule.earned:
        case Minutes():
            return _minutes(rule, rule.earned, counted.pool(rule.earned.workers))
        case Monthly(basis):
            sentence = f"{rule.code} is billed for the month whatever the minutes: 1 unit {basis}"
            return Earning(1, facts.month.last_day, 0, sentence)
        case Recorded():
            return earn_recorded(rule, facts)
        case Days():
            return _days(rule, rule.earned, facts)
        case AfterDischarge():
            return _discharge(rule, rule.earned, facts)
        case EachMore() | Instead():
            return Nothing()
        case _ as never:
            assert_never(never)


def _minutes(rule: CodeRule, earned: Minutes, pool: Pool) -> Earning | Nothing:
    whose = " and ".join(worker.replace("_", " ") for worker in earned.workers)
    floored = f", floored to {pool.minutes} min" if pool.seconds % 60 else ""
    said = f"{duration(pool.seconds)} of {whose} time{floored}; {rule.code} needs {earned.minutes}"
    if pool.minutes < earned.minutes:
        return Nothing(f"{said}: nothing {earned.basis}")
    seconds = earned.minutes * 60
    return Earning(1, pool.day_reached(seconds), seconds, f"{said}: 1 unit {earned.basis}")


def earn_more(
    rule: CodeRule, earned: EachMore, first: Minutes, counted: Counted
) -> Earning | Nothing:
    """Say how much of an add-on the minutes beyond its base give."""
    pool = counted.pool(first.workers)
    beyond = max(0, pool.minutes - first.minutes)
    full = beyond // earned.minutes
    units, capped = _capped(full, rule.most)
    said = (
        f"{beyond} min beyond the first {first.minutes}; {rule.code} is each full "
        f"{earned.minutes}: {_units(full)} {earned.basis}{capped}"
    )
    if not units:
        return Nothing(said)
    reached = pool.day_reached((first.minutes + units * earned.minutes) * 60)
    return Earning(units, reached, units * earned.minutes * 60, said)


def _capped(units: int, most: Cap) -> tuple[int, str]:
    if most.units is None or units <= most.units:
        return units, ""
    return most.units, f"; at most {_units(most.units)} {most.basis}"


def _units(number: int) -> str:
    return "1 unit" if number == 1 else f"{number or 'no'} units"


def earn_recorded(rule: CodeRule, facts: BillingFacts) -> Earning | Nothing:
    """Say how often an act was recorded in the month."""
    days = sorted(
        act.on
        for act in set(facts.performed)
        if act.code == rule.code and Month.of(act.on) == facts.month
    )
    if not days:
        return Nothing()
    units, capped = _capped(len(days), rule.most)
    said = f"{rule.code} was done on {_listed(days)}: {_units(len(days))} {rule.earned.basis}"
    return Earning(units, days[0], 0, said + capped)


def _days(rule: CodeRule, earned: Days, facts: BillingFacts) -> Earning | Nothing:
    device = facts.device
    if device is None or Month.of(device.ends_on) != facts.month:
        return Nothing()
    said = (
        f"{device.days} days with readings; {rule.code} needs {earned.at_least} to {earned.at_most}"
    )
    if not earned.at_least <= device.days <= earned.at_most:
        return Nothing(f"{said}: nothing {earned.basis}")
    return Earning(1, device.ends_on, 0, f"{said}: 1 unit {earned.basis}")


def _discharge(rule: CodeRule, earned: AfterDischarge, facts: BillingFacts) -> Earning | Nothing:
    said = ""
    for discharge in sorted(set(facts.discharges), key=lambda discharge: discharge.on):
        visit = discharge.visit_on
        if visit is None or Month.of(visit) != facts.month:
            continue
        wrong = _unfit(discharge, earned, visit)
        said = f"Discharged on {discharge.on}, seen on {visit}"
        if wrong is None:
            sentence = f"{said}; {rule.code}: 1 unit {earned.basis}"
            return Earning(1, visit, 0, sentence, discharge.on)
        said = f"{said}; {rule.code}: nothing, as {wrong} {earned.basis}"
    return Nothing(said)


def _unfit(discharge: Discharge, earned: AfterDischarge, visit: date) -> str | None:
    days = (visit - discharge.on).days
    if not discharge.contacted_in_time:
        return "nobody was in contact within two business days"
    if not 0 <= days <= earned.visit_within:
        return f"the visit was not within {earned.visit_within} days"
    if discharge.decision_making not in earned.decision_making:
        return f"the medical decision making was {discharge.decision_making or 'not recorded'}"
    return None


def _listed(days: Iterable[date]) -> str:
    return ", ".join(str(day) for day in days)
