"""A code's rules in plain sentences, each with what it rests on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from ccm_flow.core.billing.model import Basis, Code, DecisionMaking
from ccm_flow.core.billing.need_rules import (
    Act,
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
from ccm_flow.core.billing.rules import (
    AfterDischarge,
    Cap,
    CodeRule,
    Days,
    EachMore,
    Earned,
    Instead,
    Minutes,
    Monthly,
    Pair,
    Rate,
    Recorded,
    RuleBook,
)

_MOST_LISTED: Final = 4


@dataclass(frozen=True, slots=True)
class Said:
    """One rule in words."""

    sentence: str
    basis: Basis


def explain_code(book: RuleBook, code: Code) -> tuple[Said, ...]:
    """Say everything a rule file holds about a code; nothing when it does not know it."""
    rule = book.codes.get(code)
    found = [] if rule is None else list(_own(book, rule))
    for other in book.elsewhere:
        if code in other.codes:
            found.append(Said(f"Not worked out here: {other.title}.", other.basis))
    found += [
        Said(_pair(book, pair, code), pair.basis) for pair in book.pairs if _names(pair, code)
    ]
    return tuple(found)


def _own(book: RuleBook, rule: CodeRule) -> Iterator[Said]:
    yield Said(earned_words(rule.earned), rule.earned.basis)
    yield Said(most_words(rule.most), rule.most.basis)
    for need in rule.when:
        yield Said(f"Fits only with {_need(need)}.", need.basis)
    program = book.programs[rule.program] if rule.program is not None else None
    for need in (*(program.needs if program else ()), *rule.needs):
        if need.act is not Act.ALLOW:
            verb = "Needs" if need.act is Act.BLOCK else "Warns without"
            yield Said(f"{verb} {_need(need)}.", need.basis)
    places = ", ".join(sorted(rule.payable.places))
    days = f"from {rule.payable.first_day} to {rule.payable.last_day}"
    yield Said(f"Is payable {days} at: {places}.", rule.payable.basis)
    family = book.families[rule.family]
    others = [r.code for r in book.codes.values() if r.family == rule.family and not r.base]
    if len(others) > 1:
        said = f"One of {', '.join(others)} is billed in a month: {family.title}."
        yield Said(said, family.basis)
    for rate in rule.rates:
        yield Said(_rate(rate), rate.basis)


def earned_words(earned: Earned) -> str:
    """Say how a code is earned."""
    match earned:
        case Minutes(minutes, workers):
            whose = " and ".join(worker.replace("_", " ") for worker in workers)
            return f"Takes {minutes} whole minutes of {whose} time in the month."
        case EachMore(minutes, base):
            return f"Is added for each full {minutes} minutes more than {_or(base)} takes."
        case Monthly():
            return "Is billed for the month, whatever the minutes."
        case Recorded(base):
            added = f", and is added to {_or(base)}" if base else ""
            return f"Takes a record that it was done{added}."
        case Days(at_least, at_most):
            return f"Takes readings on {at_least} to {at_most} days of a 30-day period."
        case AfterDischarge(visit_within, levels, covers):
            decisions = _levels(levels)
            return (
                f"Takes contact within two business days of a discharge, a visit within "
                f"{visit_within} days and {decisions} decision making; covers {covers} days."
            )
        case Instead(of):
            return f"Stands in for {_or(of)}."
        case _ as never:
            assert_never(never)


def most_words(most: Cap) -> str:
    """Say how many units there may be."""
    if most.units is None:
        return "Has no cap of units."
    units = "1 unit" if most.units == 1 else f"{most.units} units"
    return f"At most {units} per {most.period}." if most.period != "ever" else f"{units}, ever."


def _need(need: Need) -> str:
    match need:
        case ConsentNeed():
            return "a consent in force for this practitioner; work before it does not count"
        case PlanNeed():
            return "a care plan"
        case SharedPlanNeed():
            return "a copy of the care plan given to the patient"
        case RevisedPlanNeed():
            return "a care plan established or substantially revised this month"
        case ConditionsNeed(at_least, at_most):
            return _conditions(at_least, at_most)
        case VisitNeed(months):
            return f"a starting visit, at most {months} months before enrolling"
        case DecisionNeed(levels):
            return f"{_levels(levels)} medical decision making"
        case QmbNeed(wanted):
            return f"{'' if wanted else 'no '}status as a qualified Medicare beneficiary"
        case AttestedNeed(_, meaning):
            return f"the statement that {meaning}"
        case _ as never:
            assert_never(never)


def _conditions(at_least: int, at_most: int | None) -> str:
    if at_most is None:
        return f"evidence of {at_least} or more chronic condition groups"
    return f"evidence of {at_least} to {at_most} chronic condition groups"


def _levels(levels: frozenset[DecisionMaking]) -> str:
    return " or ".join(level for level in DecisionMaking if level in levels)


def _or(codes: tuple[Code, ...]) -> str:
    return codes[0] if len(codes) == 1 else f"{', '.join(codes[:-1])} or {codes[-1]}"


def _rate(rate: Rate) -> str:
    about = "about " if rate.approximate else ""
    amount = "an amount that is not known" if rate.amount is None else f"{about}${rate.amount}"
    facility = "" if rate.facility is None else f", in a facility ${rate.facility}"
    return f"Medicare allows {amount} from {rate.first_day} on{facility}."


def _names(pair: Pair, code: Code) -> bool:
    return code in pair.first or code in pair.second


def _pair(book: RuleBook, pair: Pair, code: Code) -> str:
    others = pair.second if code in pair.first else pair.first
    listed: list[str] = [other for other in book.codes if other in others]
    for group in book.elsewhere:
        if others.issuperset(group.codes):
            short = len(group.codes) <= _MOST_LISTED
            listed += group.codes if short else [f"{group.codes[0]} to {group.codes[-1]}"]
    verb = {Act.BLOCK: "Not beside", Act.WARN: "With care beside", Act.ALLOW: "Goes beside"}
    return f"{verb[pair.act]} {', '.join(listed)} ({pair.scope}): {pair.why}"
