"""Compiles a step's outcomes and its attempts at contact."""

from dataclasses import dataclass

from ccm_flow.core.deadlines import Budget, Unit
from ccm_flow.core.ids import OutcomeId, StepId
from ccm_flow.core.plan import AttemptPlan, Channel, Disposition, Outcome, PlaybookKind, Recorded
from ccm_flow.language.names import (
    RESERVED_OUTCOMES,
    Names,
    check_id,
    check_once,
    known_word,
    title_of,
)
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.source import AttemptsSource, OutcomeSource, StepSource
from ccm_flow.language.suggest import did_you_mean
from ccm_flow.language.times import read_budget

_ENDINGS = {
    PlaybookKind.MONTHLY: (
        Disposition.READY,
        Disposition.NOT_READY,
        Disposition.WITHDRAWN,
        Disposition.DECEASED,
    ),
    PlaybookKind.EPISODE: (
        Disposition.READY,
        Disposition.NOT_READY,
        Disposition.WITHDRAWN,
        Disposition.DECEASED,
    ),
    PlaybookKind.ENROLLMENT: (
        Disposition.ENROLLED,
        Disposition.NOT_ENROLLED,
        Disposition.WITHDRAWN,
        Disposition.DECEASED,
    ),
}
_NEED_A_REASON = frozenset([Disposition.NOT_READY, Disposition.NOT_ENROLLED])
_DAILY = Budget(1, Unit.BUSINESS_DAYS)


@dataclass(frozen=True)
class _Scope:
    names: Names
    kind: PlaybookKind
    report: Report


def compile_outcomes(
    source: StepSource, path: Path, names: Names, kind: PlaybookKind, report: Report
) -> tuple[Outcome, ...]:
    """Give the ways a step can end."""
    scope = _Scope(names, kind, report)
    path = (*path, "outcomes")
    if not source.outcomes:
        hint = "Name at least one, or remove the line to have one outcome, `done`."
        report.add("PB205", path, f"Step '{source.id}' has no way to end.", hint, key=True)
    check_once(report, path, report.document.at(path), "outcome")
    return tuple(
        _outcome(id_, body or OutcomeSource(), (*path, id_), scope)
        for id_, body in source.outcomes.items()
    )


def _outcome(id_: str, body: OutcomeSource, path: Path, scope: _Scope) -> Outcome:
    names, report = scope.names, scope.report
    check_id(report, path, id_, key=True)
    if id_ in RESERVED_OUTCOMES:
        message = f"An outcome cannot be called '{id_}'."
        report.add("PB307", path, message, "Choose another name; the engine uses it.", key=True)
    if body.go is not None and body.go not in names.steps:
        hint = did_you_mean(body.go, names.steps, "Steps")
        report.add("PB302", (*path, "go"), f"There is no step '{body.go[:60]}'.", hint)
    if body.because is not None:
        check_id(report, (*path, "because"), body.because)
    return Outcome(
        id=OutcomeId(id_),
        title=body.title or title_of(id_),
        go=None if body.go is None else StepId(body.go),
        end=_ending(body, path, scope.kind, report),
        because=body.because,
        contact=body.contact,
        records=_records(body, (*path, "records"), report),
    )


def _records(body: OutcomeSource, path: Path, report: Report) -> tuple[Recorded, ...]:
    check_once(report, path, body.records, "record")
    known = (
        known_word(report, (*path, i), word, Recorded, "something that can be recorded")
        for i, word in enumerate(body.records)
    )
    return tuple(word for word in known if word is not None)


def _ending(
    body: OutcomeSource, path: Path, kind: PlaybookKind, report: Report
) -> Disposition | None:
    if body.end is None:
        if body.because is not None:
            hint = "Add `end:`, or remove it."
            message = "`because` is the reason of an ending."
            report.add("PB208", (*path, "because"), message, hint, key=True)
        return None
    if body.go is not None:
        hint = "Keep one of the two."
        message = "An outcome opens a step (`go`) or ends the cycle (`end`), not both."
        report.add("PB208", (*path, "end"), message, hint, key=True)
    end = known_word(report, (*path, "end"), body.end, Disposition, "a way for a cycle to end")
    if end is not None and end not in _ENDINGS[kind]:
        known = ", ".join(_ENDINGS[kind])
        message = f"A playbook of the kind '{kind}' does not end as '{end}'."
        report.add("PB209", (*path, "end"), message, f"It ends as one of: {known}.")
    elif end in _NEED_A_REASON and body.because is None:
        hint = "Add `because:` with a word for the reason, e.g. `because: unreachable`."
        message = f"An ending as '{end}' needs a named reason."
        report.add("PB203", (*path, "end"), message, hint)
    return end


def compile_attempts(source: StepSource, path: Path, report: Report) -> AttemptPlan | None:
    """Give the plan of attempts, when the step has one."""
    attempts = source.attempts
    if attempts is None:
        return None
    path = (*path, "attempts")
    _check_results(source, attempts, path, report)
    if not attempts.channels:
        hint = "Name the channel of each attempt, e.g. [phone, phone, letter]."
        report.add("PB205", (*path, "channels"), "No channel is named.", hint, key=True)
    channels = (
        known_word(report, (*path, "channels", i), word, Channel, "a channel")
        for i, word in enumerate(attempts.channels)
    )
    return AttemptPlan(
        max=attempts.max,
        every=read_budget(report, (*path, "every"), attempts.every) or _DAILY,
        channels=tuple(channel for channel in channels if channel is not None),
        results=tuple(OutcomeId(result) for result in attempts.results),
        then=OutcomeId(attempts.then),
    )


def _check_results(
    source: StepSource, attempts: AttemptsSource, path: Path, report: Report
) -> None:
    if not attempts.results:
        hint = "Name what a failed attempt can come to, e.g. [no_answer, left_message]."
        report.add("PB205", (*path, "results"), "No result of an attempt is named.", hint, key=True)
    check_once(report, (*path, "results"), attempts.results, "result")
    for i, result in enumerate(attempts.results):
        check_id(report, (*path, "results", i), result)
        if result in source.outcomes:
            hint = "A result leaves the step open; an outcome ends it. Use two words."
            message = f"'{result}' is an outcome of this step too."
            report.add("PB308", (*path, "results", i), message, hint)
    if attempts.then not in source.outcomes:
        hint = did_you_mean(attempts.then, source.outcomes, f"Outcomes of {source.id}")
        message = f"After the last attempt comes '{attempts.then[:60]}', which is no outcome here."
        report.add("PB303", (*path, "then"), message, hint)
