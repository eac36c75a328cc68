"""The whole way from the text of rule files to rule books, or to everything that is wrong."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from ccm_flow.core.billing.model import Basis, Code, LocalityId, RuleId
from ccm_flow.core.billing.rules import LocalityRates, RuleBook
from ccm_flow.core.billing.shelf import RuleShelf
from ccm_flow.language.document import Document
from ccm_flow.language.problems import Problem
from ccm_flow.language.report import Report, TooManyProblems
from ccm_flow.language.rules_compile import compile_rules
from ccm_flow.language.rules_form import LOCALITY_FORM, RULES_FORM
from ccm_flow.language.rules_names import check_code, read_status
from ccm_flow.language.rules_values import read_amount, read_period
from ccm_flow.language.schema import read_form
from ccm_flow.language.yaml_reader import read_yaml

MAX_PROBLEMS: Final = 500
_HINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PB103": "A year of rules takes about 40 KB; split the file.",
        "PB104": "Rules need about six levels; look for a bracket that is not closed.",
        "PB111": "Keep one year of rules per file; start with `rules: medicare-2027`.",
    }
)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file: the rules or the locality in it, and every problem found."""

    name: str
    book: RuleBook | None
    locality: LocalityRates | None
    problems: tuple[Problem, ...]
    report: Report | None = None
    """For problems that show only beside other files."""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep it from being used."""
        return tuple(problem for problem in self.problems if problem.is_error)


@dataclass(frozen=True, slots=True)
class RulesResult:
    """A shelf when there are no errors, and every problem of every file."""

    shelf: RuleShelf | None
    files: tuple[RuleFile, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem, file by file."""
        return tuple(problem for file in self.files for problem in file.problems)

    def render(self) -> str:
        """Show all problems, each with its line of the file."""
        return "\n\n".join(problem.render() for problem in self.problems)


def check_rule_files(texts: Sequence[tuple[str, str]]) -> RulesResult:
    """
    Check rule files, each alone and all together; never raises, whatever the texts.

    Args:
        texts: the YAML and the name of each file.
    """
    files = _beside_each_other([check_rule_text(text, name) for text, name in texts])
    if any(file.errors for file in files):
        return RulesResult(None, files)
    localities = tuple(file.locality for file in files if file.locality)
    books = [replace(file.book, localities=localities) for file in files if file.book]
    return RulesResult(RuleShelf(tuple(sorted(books, key=lambda b: b.first_month))), files)


def check_rule_text(text: str, name: str) -> RuleFile:
    """Check one file of rules, or of a locality's amounts; never raises."""
    read = read_yaml(text, name)
    found = tuple(_ours(problem) for problem in read.problems)
    if read.document is None:
        return RuleFile(name, None, None, found)
    report = Report(read.document, found, limit=MAX_PROBLEMS)
    book, locality = None, None
    try:
        if _is_locality(read.document):
            locality = _locality(report)
        else:
            source = read_form(report, RULES_FORM)
            book = None if source is None else compile_rules(source, report)
    except TooManyProblems:
        pass
    good = not report.has_errors
    return RuleFile(
        name, book if good else None, locality if good else None, report.problems, report
    )


def _ours(problem: Problem) -> Problem:
    """Give a problem of the YAML text the code and hint that it has in rule files."""
    speaks_of_others = "playbook" in problem.hint
    hint = _HINTS.get(problem.code, problem.hint) if speaks_of_others else problem.hint
    message = problem.message.replace("a playbook", "such a file")
    return replace(problem, code=f"RB{problem.code[2:]}", hint=hint, message=message)


def _is_locality(document: Document) -> bool:
    return isinstance(document.value, dict) and "locality" in document.value


def _locality(report: Report) -> LocalityRates | None:
    source = read_form(report, LOCALITY_FORM)
    if source is None:
        return None
    first, last = read_period(report, source.from_, source.to)
    amounts = {}
    for code, text in source.amounts.items():
        check_code(report, ("amounts", code), code)
        amount, _ = read_amount(report, ("amounts", code), text)
        if amount is not None:
            amounts[Code(code)] = amount
    status = read_status(report, ("status",), source.status)
    basis = Basis(RuleId(f"locality.{source.locality}"), source.source, status)
    id_ = LocalityId(source.locality)
    return LocalityRates(id_, source.title, first, last, amounts, basis)


def _beside_each_other(files: Iterable[RuleFile]) -> tuple[RuleFile, ...]:
    """Look for overlaps and gaps between the files that are good by themselves."""
    listed = list(files)
    order = [i for i, file in enumerate(listed) if file.book is not None]
    order.sort(key=lambda i: (_book(listed[i]).first_month, i))
    for before, after in itertools.pairwise(order):
        listed[after] = _next_to(listed[before], listed[after])
    for earlier, later in itertools.combinations(range(len(listed)), 2):
        listed[later] = _one_locality(listed[earlier], listed[later])
    return tuple(listed)


def _one_locality(before: RuleFile, after: RuleFile) -> RuleFile:
    """Refuse two sets of amounts for one locality and month."""
    one, other, report = before.locality, after.locality, after.report
    if one is None or other is None or report is None or one.id != other.id:
        return after
    if one.last_month < other.first_month or other.last_month < one.first_month:
        return after
    message = f"'{before.name}' has amounts of this locality for some of these months too."
    report.add("RB501", ("from",), message, "Keep one file for each month of a locality.")
    return replace(after, problems=report.problems)


def _book(file: RuleFile) -> RuleBook:
    if file.book is None:
        msg = f"{file.name} holds no rules"
        raise ValueError(msg)
    return file.book


def _next_to(before: RuleFile, after: RuleFile) -> RuleFile:
    earlier, later, report = _book(before), _book(after), after.report
    if report is None or later.first_month == earlier.last_month.next:
        return after
    if later.first_month <= earlier.last_month:
        message = f"These months are in '{earlier.id}' too, which ends in {earlier.last_month}."
        hint = f"Begin in {earlier.last_month.next}, or end '{earlier.id}' earlier."
        report.add("RB501", ("from",), message, hint)
    else:
        message = f"No file covers {earlier.last_month.next} to {later.first_month.previous}."
        hint = f"Begin in {earlier.last_month.next}, or add a file for these months."
        report.add("RB502", ("from",), message, hint)
    return replace(after, problems=report.problems)
