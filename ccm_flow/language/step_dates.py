"""Reads the deadlines and opening dates of steps."""

from ccm_flow.core.deadlines import DueRule, MonthDate
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.language.names import Names
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.suggest import did_you_mean
from ccm_flow.language.times import read_due

_BORDERS = ("documentation start", "documentation end")


def read_step_due(
    report: Report, path: Path, text: str, names: Names, kind: PlaybookKind
) -> DueRule | None:
    """Read a step's deadline; None when it was reported."""
    if asks_for_documentation(text):
        return documentation_border(text, path, names, report)
    rule = read_due(report, path, text)
    if isinstance(rule, MonthDate) and kind is not PlaybookKind.MONTHLY:
        refuse_date(report, path)
    return rule


def refuse_date(report: Report, path: Path) -> None:
    """Report a date in the month where there may be none."""
    hint = "Write an amount of time, e.g. `3 business days`; or `after:` another step."
    report.add("PB209", path, "This may start on any day: it has no such date.", hint)


def asks_for_documentation(text: str) -> bool:
    """Tell whether a date is a border of the documentation window."""
    return text.strip().lower().startswith("documentation")


def documentation_border(text: str, path: Path, names: Names, report: Report) -> MonthDate | None:
    """Give the date of the documentation window's border; None when it was reported."""
    words = " ".join(text.lower().split())
    if words not in _BORDERS:
        hint = did_you_mean(words, _BORDERS).replace("_", " ")
        report.add("PB402", path, f"'{text[:60]}' is not a date in the month.", hint)
    elif names.documentation is None and report.is_sound(("documentation",)):
        hint = "Add e.g. `documentation: {window: last 3 business days}`."
        report.add("PB402", path, "This playbook has no documentation window.", hint)
    elif names.documentation is not None:
        start = words == _BORDERS[0]
        return names.documentation.first if start else names.documentation.last
    return None
