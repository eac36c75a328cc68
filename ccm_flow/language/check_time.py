"""Checks that deadlines, ladders and attempts fit each other and the cycle."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ccm_flow.core.contact import ContactRules
from ccm_flow.core.deadlines import DueRule, MonthDate, spoken
from ccm_flow.core.plan import AttemptPlan, Expire, Plan, PlanStep, Rung, When
from ccm_flow.language.check_repetition import check_repetition
from ccm_flow.language.earliest import Opening, earliest_openings, samples_for
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.sample_months import Sample, due, earlier, later, noon_samples, welcome


@dataclass(frozen=True)
class _Cycle:
    """What the checks of a step need to know of its cycle."""

    samples: tuple[Sample, ...]
    closes: Opening | None
    """None when the closing date itself was not understood."""
    closes_text: str
    contact: ContactRules | None


def check_time(plan: Plan, report: Report) -> None:
    """Report times that contradict each other in every example month."""
    samples = samples_for(plan)
    closes = None
    if report.is_sound(("closes",)):
        closes = tuple(due(plan.closes, s.opens, s.month) for s in samples)
    contact = plan.contact if report.is_sound(("contact",)) else None
    cycle = _Cycle(samples, closes, str(plan.closes), contact)
    openings = earliest_openings(plan, samples)
    for i, step in enumerate(plan.steps):
        path: Path = ("steps", i)
        opened = openings[step.id]
        if report.is_sound((*path, "due")):
            _check_deadline(step, path, opened, cycle, report)
        if report.is_sound((*path, "due")):
            _check_attempts(step, path, opened, cycle, report)
        _check_ladder(step, path, opened, cycle, report)
        check_repetition(step, path, report)
        for variant in step.variants:
            here = (*path, "by_risk", variant.risk)
            if report.is_sound(here) and report.is_sound((*path, "due")):
                _check_variant(step, here, opened, cycle, report)


def _check_variant(
    step: PlanStep, path: Path, opened: Opening, cycle: _Cycle, report: Report
) -> None:
    """Check what a variant changes, and whether the rest of the step still fits it."""
    variant = next(variant for variant in step.variants if variant.risk == path[-1])
    varied = step.for_risk(variant.risk)
    if variant.due is not None:
        _check_deadline(varied, path, opened, cycle, report)
    if variant.attempts is not None or variant.due is not None:
        _check_attempts(varied, path, opened, cycle, report)
    if variant.ladder is not None:
        _check_ladder(varied, path, opened, cycle, report)
    elif variant.due is not None and report.is_sound((*path, "due")):
        reasons = (_why_not(varied, rung, opened, cycle) for rung in varied.ladder)
        found = next(filter(None, reasons), None)
        if found is not None:
            code, message, hint = found
            message = message.replace("This rung", "With this deadline a rung of the ladder")
            report.add(code, (*path, "due"), message, f"{hint} Or add a `ladder:` for this tier.")


def _check_deadline(
    step: PlanStep, path: Path, opened: Opening, cycle: _Cycle, report: Report
) -> None:
    path = (*path, "due")
    dues = _dues(step.due, opened, cycle)
    if isinstance(step.due, MonthDate) and _all_after(opened, dues):
        hint = "Move the deadline later, or let the step open earlier (`at:`, `after:`)."
        message = f"Step '{step.id}' cannot open before its own deadline, {step.due}."
        report.add("PB415", path, message, hint)
    elif cycle.closes is not None and _all_after(dues, cycle.closes):
        hint = "Move it earlier, or let the playbook close later (`closes:`)."
        message = f"This deadline lies after the cycle has closed ({cycle.closes_text})."
        report.add("PB410", path, message, hint)


def _dues(rule: DueRule, opened: Opening, cycle: _Cycle) -> Opening:
    pairs = zip(opened, cycle.samples, strict=True)
    return tuple(due(rule, instant, sample.month) for instant, sample in pairs)


def _check_attempts(
    step: PlanStep, path: Path, opened: Opening, cycle: _Cycle, report: Report
) -> None:
    plan = step.attempts
    sound = plan is not None and report.is_sound((*path, "attempts"))
    if plan is None or not sound or plan.max == 1:
        return
    starts, dues = _starts_and_dues(step, opened, cycle)
    if _all_after((_last_attempt(plan, start, cycle.contact) for start in starts), dues):
        gap = spoken(plan.every.count * (plan.max - 1), plan.every.unit)
        message = f"{plan.max} attempts, {plan.every} apart, take {gap}: the deadline comes first."
        hint = f"Allow more time (`due:`, now {step.due}), or plan fewer or closer attempts."
        report.add("PB414", (*path, "attempts"), message, hint, key=True)


def _last_attempt(plan: AttemptPlan, start: datetime, contact: ContactRules | None) -> datetime:
    for number in range(2, plan.max + 1):
        start = welcome(contact, plan.channel(number), later(plan.every, start))
    return start


def _check_ladder(
    step: PlanStep, path: Path, opened: Opening, cycle: _Cycle, report: Report
) -> None:
    path = (*path, "ladder")
    place = None
    withdrawn = False
    for i, (rung, key) in enumerate(zip(step.ladder, _keys(path, report), strict=False)):
        here = (*path, i, key)
        if withdrawn:
            hint = "Move it above the rung that says `expire`, or remove it."
            message = "This rung never fires: the step was withdrawn by a rung above it."
            report.add("PB413", here, message, hint, key=True)
            continue
        if not report.is_sound((*path, i)):
            continue
        last, place = place, _place(rung)
        if last is not None and place < last:
            hint = "Write the rungs in the order in which they happen."
            report.add("PB412", here, "This rung comes before the one above it.", hint, key=True)
        elif report.is_sound((*path[:-1], "due")):
            reason = _why_not(step, rung, opened, cycle)
            if reason is not None:
                code, message, hint = reason
                report.add(code, here, message, hint, key=True)
        withdrawn = isinstance(rung.act, Expire)


def _keys(path: Path, report: Report) -> Iterable[str]:
    rungs = report.document.at(path)
    for rung in rungs if isinstance(rungs, list) else ():
        yield next(iter(rung), "") if isinstance(rung, dict) else ""


def _place(rung: Rung) -> datetime:
    """Give the rung's instant for a deadline at noon on a Wednesday."""
    return _fires(rung, noon_samples()[2].opens)


def _fires(rung: Rung, deadline: datetime) -> datetime:
    if rung.offset is None:
        return deadline
    move = earlier if rung.when is When.BEFORE else later
    return move(rung.offset, deadline)


def _why_not(
    step: PlanStep, rung: Rung, opened: Opening, cycle: _Cycle
) -> tuple[str, str, str] | None:
    """Say why a rung can never fire: a code, a message and a hint."""
    if rung.when is When.BEFORE:
        starts, dues = _starts_and_dues(step, opened, cycle)
        if _all_after(starts, (_fires(rung, deadline) for deadline in dues)):
            message = "This rung lies before the step has opened, so it never fires."
            return "PB411", message, f"Choose a shorter time; the deadline is {step.due}."
    elif cycle.closes is not None:
        fires = (_fires(rung, deadline) for deadline in _dues(step.due, opened, cycle))
        # At the closing instant itself the step is withdrawn before anybody would be told.
        if all(one >= close for one, close in zip(fires, cycle.closes, strict=True)):
            message = f"This rung never fires: the cycle has closed by then ({cycle.closes_text})."
            return "PB416", message, "Choose a shorter time, or an earlier deadline."
    return None


def _starts_and_dues(step: PlanStep, opened: Opening, cycle: _Cycle) -> tuple[Opening, Opening]:
    """Give examples of opening and deadline; a budget can start on any day."""
    if isinstance(step.due, MonthDate):
        return opened, _dues(step.due, opened, cycle)
    noons = noon_samples()
    return tuple(s.opens for s in noons), tuple(due(step.due, s.opens, s.month) for s in noons)


def _all_after(instants: Iterable[datetime], others: Iterable[datetime]) -> bool:
    return all(one > other for one, other in zip(instants, others, strict=True))
