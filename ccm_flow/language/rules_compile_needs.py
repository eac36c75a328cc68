"""Compiles what a program or a code asks for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from ccm_flow.core.billing.model import Basis, DecisionMaking
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
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.rules_names import basis, known, known_all, not_empty
from ccm_flow.language.rules_source import (
    AttestedSource,
    ConditionsSource,
    DecisionSource,
    NeedSource,
    NeedsSource,
    QmbSource,
    RulesSource,
    VisitSource,
)
from ccm_flow.language.suggest import did_you_mean

_SIMPLE: Final[Mapping[str, Callable[[Basis, Act], Need]]] = {
    "consent": ConsentNeed,
    "care_plan": PlanNeed,
    "care_plan_shared": SharedPlanNeed,
    "care_plan_revised": RevisedPlanNeed,
}


def compile_needs(
    source: NeedsSource, path: Path, of: str, file: RulesSource, report: Report
) -> tuple[Need, ...]:
    """Give the needs of a program or code named `of`, in the order in which they are known."""
    compiler = _NeedCompiler(of, file, report)
    found: list[Need] = []
    for name in NeedsSource.model_fields:
        body = getattr(source, name)
        if isinstance(body, NeedSource):
            found += compiler.compile(name, body, (*path, name))
    return tuple(found)


class _NeedCompiler:
    def __init__(self, of: str, file: RulesSource, report: Report) -> None:
        self._of, self._file, self._report = of, file, report

    def compile(self, name: str, body: NeedSource, path: Path) -> Iterator[Need]:
        rests_on = basis(self._report, path, body, self._file.sources, f"{self._of}.{name}")
        act = known(self._report, (*path, "act"), body.act, Act, "an act") or Act.BLOCK
        match body:
            case ConditionsSource():
                self._check_limits(body, path)
                yield ConditionsNeed(body.at_least, body.at_most, rests_on, act)
            case VisitSource():
                yield VisitNeed(body.months, rests_on, act)
            case DecisionSource():
                what = "a level of decision making"
                where: Path = (*path, "levels")
                levels = known_all(self._report, where, body.levels, DecisionMaking, what)
                yield DecisionNeed(frozenset(levels), rests_on, act)
            case QmbSource():
                yield QmbNeed(body.wanted, rests_on, act)
            case AttestedSource():
                yield from self._attested(body, path, rests_on, act)
            case _:
                yield _SIMPLE[name](rests_on, act)

    def _check_limits(self, body: ConditionsSource, path: Path) -> None:
        if body.at_most is not None and body.at_most < body.at_least:
            message = f"At least {body.at_least} and at most {body.at_most} leave nothing."
            hint = "Put the larger number here."
            self._report.add("RB506", (*path, "at_most"), message, hint)

    def _attested(
        self, body: AttestedSource, path: Path, rests_on: Basis, act: Act
    ) -> Iterator[Need]:
        not_empty(self._report, (*path, "words"), body.words)
        for i, word in enumerate(body.words):
            meaning = self._file.attestations.get(word)
            if meaning is None:
                hint = did_you_mean(word, self._file.attestations, "Statements here")
                message = f"There is no statement '{word[:40]}'."
                self._report.add("RB307", (*path, "words", i), message, hint)
            else:
                yield AttestedNeed(word, meaning, rests_on, act)
