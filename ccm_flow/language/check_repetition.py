"""Checks that a repeated step (`every`) comes round when it seems to."""

from ccm_flow.core.deadlines import Budget
from ccm_flow.core.plan import PlanStep
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.sample_months import due, later, month_samples, noon_samples


def check_repetition(step: PlanStep, path: Path, report: Report) -> None:
    """Report a repetition longer than a month, or shorter than the step's own deadline."""
    path = (*path, "every")
    if step.every is None or not report.is_sound(path):
        return
    if all(later(step.every, s.opens).date() > s.month.last_day for s in month_samples()):
        hint = "Choose a shorter time, or remove the line."
        report.add("PB417", path, "This is longer than a month: it never comes round.", hint)
    elif isinstance(step.due, Budget) and _is_shorter(step.every, step.due):
        message = f"It comes round before its own deadline ({step.due}) has passed; while it is "
        message += "still open it does not open again."
        report.add("PB417", path, message, "Choose a longer time, or an earlier deadline.")


def _is_shorter(every: Budget, deadline: Budget) -> bool:
    return all(later(every, s.opens) < due(deadline, s.opens, s.month) for s in noon_samples())
