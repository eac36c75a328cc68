"""Compiles how a step differs by the patient's risk tier."""

from dataclasses import dataclass

from ccm_flow.core.ids import RoleId
from ccm_flow.core.plan import PlaybookKind, StepVariant
from ccm_flow.language.compile_ladder import compile_ladder
from ccm_flow.language.compile_outcomes import compile_attempts
from ccm_flow.language.conditions import KNOWN_VALUES
from ccm_flow.language.names import Names, check_template, known_role
from ccm_flow.language.phrases import parse_work
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.source import ByRiskSource, StepSource
from ccm_flow.language.step_dates import read_step_due
from ccm_flow.language.suggest import did_you_mean
from ccm_flow.language.times import read_phrase


@dataclass(frozen=True)
class _Step:
    source: StepSource
    names: Names
    kind: PlaybookKind
    report: Report


def compile_variants(
    source: StepSource, path: Path, names: Names, kind: PlaybookKind, report: Report
) -> tuple[StepVariant, ...]:
    """Give the step's variants in the order of the file."""
    path = (*path, "by_risk")
    tiers = KNOWN_VALUES["risk"]
    for risk in source.by_risk:
        if risk not in tiers:
            hint = did_you_mean(risk, tiers)
            report.add("PB304", (*path, risk), f"'{risk[:60]}' is not a risk tier.", hint, key=True)
    step = _Step(source, names, kind, report)
    return tuple(_variant(step, risk, body, (*path, risk)) for risk, body in source.by_risk.items())


def _variant(step: _Step, risk: str, body: ByRiskSource, path: Path) -> StepVariant:
    names, report = step.names, step.report
    if body.owner is not None:
        known_role(report, (*path, "owner"), body.owner, names)
    check_template(report, (*path, "script"), body.script)
    as_step = step.source.model_copy(update={"attempts": body.attempts, "ladder": body.ladder})
    due, work = body.due, body.expected
    return StepVariant(
        risk=risk,
        owner=RoleId(body.owner) if body.owner else None,
        due=read_step_due(report, (*path, "due"), due, names, step.kind) if due else None,
        expected=read_phrase(report, (*path, "expected"), work, parse_work) if work else None,
        script=body.script,
        attempts=compile_attempts(as_step, path, report),
        ladder=None if body.ladder is None else compile_ladder(as_step, path, names, report),
    )
