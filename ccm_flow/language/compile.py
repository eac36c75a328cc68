"""Compiles a playbook's source model to the core's plan, reporting what it cannot."""

from dataclasses import replace

from ccm_flow.core.deadlines import Anchor, Budget, DueRule, MonthDate, Unit
from ccm_flow.core.ids import PlaybookId, RoleId
from ccm_flow.core.plan import Plan, PlanRole, PlanStep, PlaybookKind, ReadinessPlan, Requirement
from ccm_flow.language.compile_notes import compile_notes
from ccm_flow.language.compile_program import (
    compile_contact,
    compile_documentation,
    compile_protected,
)
from ccm_flow.language.compile_step import compile_step
from ccm_flow.language.compile_templates import check_scripts, compile_shared_notes
from ccm_flow.language.names import (
    Names,
    check_definitions,
    check_once,
    gather_names,
    known_role,
    known_word,
    title_of,
)
from ccm_flow.language.report import Report
from ccm_flow.language.source import PlaybookSource, ReadinessSource
from ccm_flow.language.templates import Templates
from ccm_flow.language.times import read_date, read_due

_NO_CLOSE = Budget(1, Unit.BUSINESS_DAYS)
_NO_DATE = MonthDate(Anchor.MONTH_END)


def compile_playbook(
    source: PlaybookSource, report: Report, sha256: str, templates: Templates | None = None
) -> Plan:
    """
    Give the plan of a playbook.

    Whatever was reported as an error stands in the plan as a placeholder: the plan may be run
    only when the report has no errors. Steps keep their places, so `("steps", i)` is the path of
    `plan.steps[i]`.
    """
    check_definitions(source, report)
    _check_not_empty(source, report)
    kind = known_word(report, ("kind",), source.kind, PlaybookKind, "a kind of playbook")
    kind = kind or PlaybookKind.MONTHLY
    names = gather_names(source)
    known_role(report, ("owner",), source.owner, names)
    documentation = compile_documentation(source, kind, names, report)
    names = replace(names, documentation=documentation)
    steps = tuple(
        compile_step(step, ("steps", i), names, kind, report) for i, step in enumerate(source.steps)
    )
    plan = _plan(source, kind, names, steps, report)
    _check_roles_used(source, names, report)
    if templates is not None:
        check_scripts(source, plan.contact, templates, report)
        shared = compile_shared_notes(source, templates, report)
        plan = replace(plan, notes=(*plan.notes, *shared))
    return replace(plan, sha256=sha256)


def _plan(
    source: PlaybookSource,
    kind: PlaybookKind,
    names: Names,
    steps: tuple[PlanStep, ...],
    report: Report,
) -> Plan:
    return Plan(
        playbook=PlaybookId(source.playbook),
        version=source.version,
        sha256="",
        title=source.title or title_of(source.playbook),
        program=source.program,
        kind=kind,
        owner=RoleId(source.owner),
        roles=_roles(source),
        steps=steps,
        closes=_closes(source, kind, report),
        readiness=_readiness(source.readiness, kind, report),
        contact=compile_contact(source, report),
        notes=compile_notes(source, report),
        protected_time=compile_protected(source, names, report),
        documentation=names.documentation,
    )


def _check_not_empty(source: PlaybookSource, report: Report) -> None:
    if not source.roles:
        hint = "Add e.g. `coordinator: {title: Care coordinator}`."
        report.add("PB205", ("roles",), "The playbook has no roles.", hint)
    if not source.steps:
        report.add("PB205", ("steps",), "The playbook has no steps.", "Add the first one.")


def _roles(source: PlaybookSource) -> tuple[PlanRole, ...]:
    return tuple(
        PlanRole(RoleId(id_), (body.title if body else None) or title_of(id_))
        for id_, body in source.roles.items()
    )


def _closes(source: PlaybookSource, kind: PlaybookKind, report: Report) -> DueRule:
    path = ("closes",)
    rule = read_due(report, path, source.closes)
    if rule is None:
        return _NO_CLOSE
    if kind is PlaybookKind.MONTHLY and not isinstance(rule, MonthDate):
        hint = "Write a date in the month, e.g. `month end + 3 business days`."
        report.add("PB209", path, "A monthly playbook closes on a date.", hint)
    if kind is not PlaybookKind.MONTHLY and not isinstance(rule, Budget):
        hint = "Write an amount of time, e.g. `30 business days`."
        report.add("PB209", path, "This kind of playbook closes after an amount of time.", hint)
    return rule


def _readiness(
    source: ReadinessSource | None, kind: PlaybookKind, report: Report
) -> ReadinessPlan | None:
    if source is None:
        if kind is PlaybookKind.MONTHLY and report.is_sound(("readiness",)):
            hint = "Add `readiness:` with `from:` and `requires:`."
            report.add("PB203", (), "The playbook does not say what makes a month ready.", hint)
        return None
    path = ("readiness", "requires")
    if not source.requires:
        hint = "Name what the month needs, e.g. [consent, care_plan, minutes]."
        report.add("PB205", path, "The readiness check requires nothing.", hint)
    check_once(report, path, source.requires, "requirement")
    requires = tuple(
        known
        for i, word in enumerate(source.requires)
        if (known := known_word(report, (*path, i), word, Requirement, "a requirement"))
    )
    from_ = read_date(report, ("readiness", "from"), source.from_) or _NO_DATE
    return ReadinessPlan(
        from_,
        requires,
        source.minimum_minutes,
        source.minimum_conditions,
        source.minimum_practitioner_minutes,
    )


def _check_roles_used(source: PlaybookSource, names: Names, report: Report) -> None:
    if report.has_family("PB2", "PB301"):
        return  # a misspelt role would be reported twice
    used = {source.owner, *(step.owner for step in source.steps)}
    for step in source.steps:
        used |= {variant.owner for variant in step.by_risk.values() if variant.owner}
        ladders = [step.ladder, *(variant.ladder or [] for variant in step.by_risk.values())]
        acts = (act for ladder in ladders for rung in ladder for act in rung.values())
        used |= {act.split()[-1] for act in acts if act.split()}
    for role in names.roles:
        if role not in used:
            hint = "Remove it, or give it a step."
            message = f"Nothing in this playbook is done by '{role}', and nobody tells them."
            report.add("PB309", ("roles", role), message, hint, key=True)
