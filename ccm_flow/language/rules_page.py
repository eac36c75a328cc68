"""The pages made from the billing rules: their messages, and the table of codes."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Final

from ccm_flow.core.billing.explain import earned_words
from ccm_flow.core.billing.model import RuleStatus
from ccm_flow.core.billing.rules import CodeRule, Rate, RuleBook
from ccm_flow.language.messages_page import messages_page
from ccm_flow.language.problems import Problem
from ccm_flow.language.rules_check import RuleFile, check_rule_files, check_rule_text
from ccm_flow.language.rules_codes import RULE_CODES

_INTRODUCTION: Final = """
# Messages of `ccm rules check`

This page is made from the program and its seeded mistakes (`tests/spec/rule_mistakes`) by
`python -m ccm_flow.language.reference`; a test fails when they differ.

An *error* keeps the rules from being used; a *warning* does not, but look at it. Codes never change
their meaning. The first digit is the kind: 1 the YAML text, 2 the form of the settings, 3 names,
4 days and amounts, 5 rules that do not go together.
"""
_BEGIN: Final = "<!-- made from rules/billing: begin -->"
_END: Final = "<!-- made from rules/billing: end -->"
_SURE: Final = {RuleStatus.CONFIRMED: "", RuleStatus.VENDOR: " v", RuleStatus.VERIFY: " ?"}
_EXPECTED: Final = re.compile(r"# expect: (RB[0-9]{3}) ")


def rule_messages_page(mistakes: FilePath) -> str:
    """Give the page of messages, with the seeded mistakes as examples."""
    small = mistakes / "beside" / "small.yaml"
    examples: dict[str, list[Problem]] = {code: [] for code in RULE_CODES}
    for file in sorted(mistakes.glob("*.yaml")):
        _keep(examples, file, check_rule_text(_text(file), "rules.yaml"))
    for file in sorted(mistakes.glob("beside/*.yaml")):
        both = [(_text(small), small.name), (_text(file), "rules.yaml")]
        if file != small:
            _keep(examples, file, check_rule_files(both).files[1])
    return messages_page(examples, RULE_CODES, _INTRODUCTION)


def _keep(examples: dict[str, list[Problem]], file: FilePath, read: RuleFile) -> None:
    match = _EXPECTED.match(_text(file))
    for problem in read.problems:
        if match is not None and problem.code == match[1]:
            # A line too long to be read is no example.
            examples[problem.code].append(replace(problem, source_line=problem.source_line[:110]))


def _text(file: FilePath) -> str:
    return file.read_bytes().decode(errors="surrogateescape")


def with_codes(page: str, books: Sequence[RuleBook]) -> str:
    """Give a page with the table of codes put in anew."""
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}\n\n{codes_table(books)}\n{_END}{after}"


def codes_table(books: Sequence[RuleBook]) -> str:
    """Give every code with its amounts by year, and how well each is founded."""
    years = [book.title.rpartition(", ")[2] for book in books]
    lines = [
        f"| Code | What it is | How it is earned | {' | '.join(years)} |",
        f"|---|---|---|{'---:|' * len(years)}",
    ]
    for code in dict.fromkeys(code for book in books for code in book.codes):
        rules = [book.codes.get(code) for book in books]
        latest = next(rule for rule in reversed(rules) if rule is not None)
        amounts = " | ".join(_amounts(rule) for rule in rules)
        sure = _SURE[latest.earned.basis.status]
        earned = earned_words(latest.earned).rstrip(".")
        lines.append(f"| {code} | {latest.title} | {earned}{sure} | {amounts} |")
    return "\n".join(lines) + "\n"


def _amounts(rule: CodeRule | None) -> str:
    return "—" if rule is None else _amount(rule.rates[-1])


def _amount(rate: Rate) -> str:
    if rate.amount is None:
        return "unknown ?"
    about = "about " if rate.approximate else ""
    return f"{about}{rate.amount}{_SURE[rate.basis.status]}"
