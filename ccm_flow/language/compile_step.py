"""Compiles one step."""

from datetime import timedelta

from ccm_flow.core.deadlines import Budget, DueRule, MonthDate, Unit
from ccm_flow.core.expressions import Expr
from ccm_flow.core.ids import RoleId, StepId
from ccm_flow.core.plan import (
    Phase,
    PlanStep,
    PlaybookKind,
    Requirement,
    Responsibility,
    Trigger,
)
from ccm_flow.language.after import AfterError, all_of, parse_after
from ccm_flow.language.compile_conditions import compile_skip_if, compile_when
from ccm_flow.language.compile_ladder import compile_ladder
from ccm_flow.language.compile_outcomes import compile_attempts, compile_outcomes
from ccm_flow.language.compile_variants import compile_variants
from ccm_flow.language.names import Names, check_template, known_role, known_word, title_of
from ccm_flow.language.phrases import parse_work
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.source import DueByUrgencySource, StepSource
from ccm_flow.language.step_dates import (
    asks_for_documentation,
    documentation_border,
    read_step_due,
    refuse_date,
)
from ccm_flow.language.times import read_budget, read_date, read_phrase

_NO_DUE = Budget(1, Unit.BUSINESS_DAYS)
_ONE_WAY_TO_OPEN = (("on", "fixes"), ("on", "after"), ("on", "at"), ("on", "every"),
                    ("fixes", "after"), ("fixes", "at"), ("fixes", "every"))  # fmt: skip


def compile_step(
    source: StepSource, path: Path, names: Names, kind: PlaybookKind, report: Report
) -> PlanStep:
    """Give the compiled step; what was reported is replaced by a placeholder."""
    _check_words(source, path, names, report)
    _check_openings(source, path, kind, report)
    on = _trigger(source, path, report)  # first: the deadline's form depends on it
    due, urgent_due = _due(source, path, names, kind, report)
    return PlanStep(
        id=StepId(source.id),
        title=source.title or title_of(source.id),
        phase=_phase(source, path, report),
        owner=RoleId(source.owner),
        due=due,
        urgent_due=urgent_due,
        outcomes=compile_outcomes(source, path, names, kind, report),
        ladder=compile_ladder(source, path, names, report),
        after=_after(source, path, names, report),
        at=_at(source, path, names, report),
        on=on,
        fixes=_fixes(source, path, report),
        every=read_budget(report, (*path, "every"), source.every) if source.every else None,
        when=compile_when(source, path, report),
        skip_if=compile_skip_if(source, path, report),
        attempts=compile_attempts(source, path, report),
        expected=_expected(source, path, report),
        script=source.script,
        note=source.note,
        optional=source.optional,
        responsibility=_responsibility(source, path, report),
        variants=compile_variants(source, path, names, kind, report),
    )


def _check_words(source: StepSource, path: Path, names: Names, report: Report) -> None:
    known_role(report, (*path, "owner"), source.owner, names)
    check_template(report, (*path, "script"), source.script)
    check_template(report, (*path, "note"), source.note)


def _trigger(source: StepSource, path: Path, report: Report) -> Trigger | None:
    if source.on is None:
        return None
    return known_word(report, (*path, "on"), source.on, Trigger, "something that can happen")


def _fixes(source: StepSource, path: Path, report: Report) -> Requirement | None:
    if source.fixes is None:
        return None
    return known_word(report, (*path, "fixes"), source.fixes, Requirement, "a requirement")


def _check_openings(source: StepSource, path: Path, kind: PlaybookKind, report: Report) -> None:
    for one, other in _ONE_WAY_TO_OPEN:
        if getattr(source, one) is not None and getattr(source, other) is not None:
            hint = "Keep one; make a second step for the other."
            message = f"A step opens by `{one}` or by `{other}`, not by both."
            report.add("PB208", (*path, other), message, hint, key=True)
    if kind is not PlaybookKind.MONTHLY and source.at is not None:
        refuse_date(report, (*path, "at"))


def _phase(source: StepSource, path: Path, report: Report) -> Phase:
    if source.phase is not None:
        word = known_word(report, (*path, "phase"), source.phase, Phase, "a phase")
        return word or Phase.FOLLOW_UP
    if source.on == Trigger.ESCALATION:
        return Phase.ESCALATION
    return Phase.FOLLOW_UP if source.fixes is None else Phase.READINESS


def _responsibility(source: StepSource, path: Path, report: Report) -> Responsibility | None:
    if source.responsibility is None:
        return None
    path = (*path, "responsibility")
    return known_word(report, path, source.responsibility, Responsibility, "an organization")


def _at(source: StepSource, path: Path, names: Names, report: Report) -> MonthDate | None:
    if source.at is None:
        return None
    path = (*path, "at")
    if asks_for_documentation(source.at):
        return documentation_border(source.at, path, names, report)
    return read_date(report, path, source.at)


def _due(
    source: StepSource, path: Path, names: Names, kind: PlaybookKind, report: Report
) -> tuple[DueRule, DueRule | None]:
    path = (*path, "due")
    if isinstance(source.due, str):
        rule = read_step_due(report, path, source.due, names, kind)
        return rule or _NO_DUE, None
    if source.on != Trigger.ESCALATION and report.is_sound((*path[:-1], "on")):
        hint = "Write one deadline, or add `on: escalation`."
        report.add("PB209", path, "Only an escalation is urgent or routine.", hint, key=True)
    return _reply_clocks(source.due, path, report)


def _reply_clocks(
    source: DueByUrgencySource, path: Path, report: Report
) -> tuple[DueRule, DueRule]:
    routine = read_budget(report, (*path, "routine"), source.routine)
    urgent = read_budget(report, (*path, "urgent"), source.urgent)
    return routine or _NO_DUE, urgent or _NO_DUE


def _after(source: StepSource, path: Path, names: Names, report: Report) -> Expr:
    path = (*path, "after")
    if source.after is None:
        return None
    if isinstance(source.after, str):
        return _after_text(source.after, path, names, report)
    if not source.after:
        hint = "Name the steps it waits for, or remove the line."
        report.add("PB205", path, "This list of steps is empty.", hint, key=True)
        return None
    items = enumerate(source.after)
    parts = [_after_text(text, (*path, i), names, report) for i, text in items]
    return None if None in parts else all_of(parts)


def _after_text(text: str, path: Path, names: Names, report: Report) -> Expr:
    try:
        return parse_after(text, names.endings)
    except AfterError as error:
        where = (error.start, error.end)
        report.add(error.code, path, error.message, error.hint, within=where)
        return None


def _expected(source: StepSource, path: Path, report: Report) -> timedelta:
    if source.expected is None:
        return timedelta(0)
    work = read_phrase(report, (*path, "expected"), source.expected, parse_work)
    return timedelta(0) if work is None else work
