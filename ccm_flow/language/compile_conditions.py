"""Compiles the conditions of a step: `when` and `skip_if`."""

from ccm_flow.core.expressions import Expr
from ccm_flow.core.plan import SkipRule
from ccm_flow.language.always import only_value
from ccm_flow.language.conditions import Part, parse_condition
from ccm_flow.language.names import check_id
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.source import StepSource

_NOT_NEEDED = "not_needed"
_NEVER_OPENS = "Compare with another value; as it stands the step never opens for this."
_NEVER_SKIPS = "Compare with another value; as it stands this never skips the step."


def compile_when(source: StepSource, path: Path, report: Report) -> Expr:
    """Give the condition for which a step is opened."""
    if source.when is None:
        return None
    return _condition(source.when, (*path, "when"), _NEVER_OPENS, report)


def compile_skip_if(source: StepSource, path: Path, report: Report) -> tuple[SkipRule, ...]:
    """Give the reasons for which a step is skipped by itself."""
    path = (*path, "skip_if")
    if source.skip_if is None:
        return ()
    if isinstance(source.skip_if, str):
        rule = SkipRule(_NOT_NEEDED, _condition(source.skip_if, path, _NEVER_SKIPS, report))
        return (rule,)
    if not source.skip_if:
        hint = "Name a reason and its condition, e.g. `called_already: contacts > 0`."
        report.add("PB205", path, "This list of reasons is empty.", hint, key=True)
    for reason in source.skip_if:
        check_id(report, (*path, reason), reason, key=True)
    return tuple(
        SkipRule(reason, _condition(text, (*path, reason), _NEVER_SKIPS, report))
        for reason, text in source.skip_if.items()
    )


def _condition(text: str, path: Path, never: str, report: Report) -> Expr:
    condition = parse_condition(text)
    for problem in condition.problems:
        where = (problem.start, problem.end)
        report.add(problem.code, path, problem.message, problem.hint, within=where)
    if condition.problems:
        return None
    whole = Part(condition.expr, 0, len(text))
    checked = [_check_varies(part, path, never, report) for part in condition.parts]
    if not any(checked):
        _check_varies(whole, path, never, report)
    return condition.expr


def _check_varies(part: Part, path: Path, never: str, report: Report) -> bool:
    """Report a part that has only one value; tell whether it was."""
    value = only_value(part.expr)
    if value is None:
        return False
    where = (part.start, part.end)
    if value:
        hint = "Remove it, or compare with another value."
        report.add("PB604", path, "This always holds.", hint, within=where)
    else:
        report.add("PB605", path, "This never holds.", never, within=where)
    return True
