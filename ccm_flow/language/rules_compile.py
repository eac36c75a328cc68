"""Compiles a file of billing rules to the core's rule book, reporting what it cannot."""

from collections.abc import Iterator, Mapping

from ccm_flow.core.billing.model import Basis, Code, Place, PractitionerKind, ProgramId
from ccm_flow.core.billing.need_rules import Act
from ccm_flow.core.billing.rules import (
    CodeRule,
    EachMore,
    Family,
    Minutes,
    OtherService,
    Pair,
    Payment,
    Program,
    RuleBook,
    Scope,
)
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.rules_compile_codes import CodeCompiler
from ccm_flow.language.rules_compile_needs import compile_needs
from ccm_flow.language.rules_names import (
    RuleNames,
    basis,
    gather_names,
    known,
    known_all,
    known_code,
    not_empty,
)
from ccm_flow.language.rules_source import CitedSource, PairSource, RulesSource
from ccm_flow.language.rules_values import read_period


def compile_rules(source: RulesSource, report: Report) -> RuleBook:
    """
    Give the rule book of a file.

    Whatever was reported stands in the book as a placeholder: it may be used only when the report
    has no errors.
    """
    names = gather_names(source, report)
    period = read_period(report, source.from_, source.to)
    compiler = CodeCompiler(source, period, report)
    compiled = (compiler.compile(code, body) for code, body in source.codes.items())
    codes = {rule.code: rule for rule in compiled if rule is not None}
    pairs = tuple(_pair(source, names, i, report) for i in range(len(source.concurrency)))
    _check_pairs(pairs, report)
    _check_addons(codes, report)
    _check_minutes(codes, report)
    _check_used(source, report)
    return RuleBook(
        id=source.rules,
        title=source.title,
        first_month=period[0],
        last_month=period[1],
        codes=codes,
        programs=_programs(source, report),
        families={
            name: Family(
                name,
                body.title,
                basis(report, ("families", name), body, source.sources, f"family.{name}"),
            )
            for name, body in source.families.items()
        },
        elsewhere=_elsewhere(source, names, report),
        pairs=pairs,
        payment=_payment(source, report),
        attestations=source.attestations,
    )


def _programs(source: RulesSource, report: Report) -> dict[ProgramId, Program]:
    return {
        ProgramId(name): Program(
            ProgramId(name),
            body.title,
            compile_needs(body.needs, ("programs", name, "needs"), name, source, report),
        )
        for name, body in source.programs.items()
    }


def _elsewhere(source: RulesSource, names: RuleNames, report: Report) -> tuple[OtherService, ...]:
    found = []
    for name, body in source.elsewhere.items():
        rests_on = basis(report, ("elsewhere", name), body, source.sources, f"elsewhere.{name}")
        found.append(OtherService(name, body.title, names.groups[name], rests_on))
    return tuple(found)


def _payment(source: RulesSource, report: Report) -> Payment:
    payment = source.payment

    def rests_on(name: str, cited: CitedSource) -> Basis:
        return basis(report, ("payment", name), cited, source.sources, f"payment.{name}")

    kinds = known_all(
        report,
        ("payment", "reduced", "for"),
        payment.reduced.for_,
        PractitionerKind,
        "a kind of practitioner",
    )
    places = known_all(
        report, ("payment", "whole", "places"), payment.whole.places, Place, "a place"
    )
    return Payment(
        medicare_percent=payment.medicare.percent,
        sequestration_percent=payment.sequestration.percent,
        reduced_percent=payment.reduced.percent,
        reduced_kinds=frozenset(kinds),
        flat_places=frozenset(places),
        covers_qualifying=payment.qualifying.included,
        share=rests_on("medicare", payment.medicare),
        sequestration=rests_on("sequestration", payment.sequestration),
        reduction=rests_on("reduced", payment.reduced),
        flat=rests_on("whole", payment.whole),
        qualifying=rests_on("qualifying", payment.qualifying),
    )


def _pair(source: RulesSource, names: RuleNames, i: int, report: Report) -> Pair:
    body, path = source.concurrency[i], ("concurrency", i)
    if any(other.id == body.id for other in source.concurrency[:i]):
        message = f"There is a rule '{body.id[:60]}' above already."
        report.add("RB305", (*path, "id"), message, "Give it another name, or keep one of them.")
    act = known(report, (*path, "act"), body.act, Act, "an act")
    scope = known(report, (*path, "scope"), body.scope, Scope, "a scope")
    return Pair(
        first=_side(body, "first", names, path, report),
        second=_side(body, "second", names, path, report),
        act=act or Act.BLOCK,
        scope=scope or Scope.ANY,
        why=body.why,
        basis=basis(report, path, body, source.sources, f"concurrency.{body.id}"),
    )


def _side(
    body: PairSource, side: str, names: RuleNames, path: Path, report: Report
) -> frozenset[Code]:
    words: list[str] = getattr(body, side)
    not_empty(report, (*path, side), words)
    found: set[Code] = set()
    for i, word in enumerate(words):
        if known_code(report, (*path, side, i), word, names.known):
            found.update(names.spread(word))
    return frozenset(found)


def _check_pairs(pairs: tuple[Pair, ...], report: Report) -> None:
    """Refuse to judge the same two sets in the same scope twice."""
    seen: dict[tuple[frozenset[frozenset[Code]], Scope], int] = {}
    for i, pair in enumerate(pairs):
        key = (frozenset([pair.first, pair.second]), pair.scope)
        first = seen.setdefault(key, i)
        if first != i and pair.first and pair.second:
            message = f"'{pairs[first].basis.id}' speaks about the same codes and practitioners."
            report.add("RB505", ("concurrency", i), message, "Keep one of the two.")


def _check_addons(codes: Mapping[Code, CodeRule], report: Report) -> None:
    for rule in codes.values():
        for i, base in enumerate(rule.base):
            path: Path = ("codes", rule.code, _earned_key(rule), "base", i)
            target = codes.get(base)
            if target is None:
                continue
            if target.base:
                message = f"'{base}' is an add-on itself."
                report.add("RB504", path, message, "Name the code that both are added to.")
            elif isinstance(rule.earned, EachMore) and not isinstance(target.earned, Minutes):
                message = f"'{base}' does not rest on minutes, so there are none beyond it."
                report.add("RB504", path, message, "Name a code with `minutes:`.")


def _earned_key(rule: CodeRule) -> str:
    return "each_more" if isinstance(rule.earned, EachMore) else "recorded"


def _check_minutes(codes: Mapping[Code, CodeRule], report: Report) -> None:
    """Refuse two codes that may be billed together and rest on the same minutes."""
    seen: list[tuple[CodeRule, Minutes]] = []
    for rule in codes.values():
        if not isinstance(rule.earned, Minutes):
            continue
        for other, minutes in seen:
            shared = set(rule.earned.workers) & set(minutes.workers)
            if other.program == rule.program and other.family != rule.family and shared:
                message = (
                    f"'{rule.code}' and '{other.code}' would count the same minutes, and both "
                    "could be billed."
                )
                hint = f"Put them into one family, e.g. '{other.family}'."
                report.add("RB503", ("codes", rule.code, "family"), message, hint)
                break
        seen.append((rule, rule.earned))


def _check_used(source: RulesSource, report: Report) -> None:
    if report.has_errors:
        return
    quoted = set(_quoted(source.model_dump(by_alias=True)))
    for name in source.sources:
        if name not in quoted:
            message = f"Nothing quotes the source '{name}'."
            report.add("RB308", ("sources", name), message, "Remove it, or quote it.", key=True)
    used = {body.family for body in source.codes.values()}
    for name in source.families:
        if name not in used:
            message = f"No code belongs to the family '{name}'."
            report.add("RB309", ("families", name), message, "Remove it.", key=True)


def _quoted(value: object) -> Iterator[str]:
    """Give every source that is quoted anywhere in the file."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "source" and isinstance(item, str):
                yield item
            else:
                yield from _quoted(item)
    elif isinstance(value, list):
        for item in value:
            yield from _quoted(item)
