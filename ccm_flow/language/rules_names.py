"""The names that a file of billing rules defines, and the checks that a word is one of them."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from ccm_flow.core.billing.model import Basis, Code, RuleId, RuleStatus
from ccm_flow.language.problems import Path
from ccm_flow.language.report import Report
from ccm_flow.language.rules_source import CitedSource, RulesSource
from ccm_flow.language.suggest import did_you_mean

_CODE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")
_RANGE = re.compile(r"([0-9]{5})-([0-9]{5})")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}")
_LONGEST_RANGE = 100
_STATUSES: Mapping[str, RuleStatus] = {
    "confirmed": RuleStatus.CONFIRMED,
    "vendor": RuleStatus.VENDOR,
    "verify": RuleStatus.VERIFY,
}
Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class RuleNames:
    """What a file's rules may refer to."""

    codes: Collection[str]
    groups: Mapping[str, tuple[Code, ...]]
    """Sets of codes by name, those of others' services too."""

    def spread(self, word: str) -> tuple[Code, ...]:
        """Give the codes of a group, or the code itself."""
        return self.groups.get(word, (Code(word),))

    @property
    def known(self) -> set[str]:
        """Every word that may stand for codes."""
        return {*self.codes, *self.groups}


def gather_names(source: RulesSource, report: Report) -> RuleNames:
    """Collect the codes and groups of a file, checking how they are written."""
    for code in source.codes:
        check_code(report, ("codes", code), code)
    for part in ("programs", "families", "groups", "elsewhere", "sources", "attestations"):
        _check_names(part, getattr(source, part), report)
    groups: dict[str, tuple[Code, ...]] = {}
    for name, other in source.elsewhere.items():
        groups[name] = _spread_ranges(other.codes, ("elsewhere", name, "codes"), report)
    codes = {*source.codes, *(code for found in groups.values() for code in found)}
    for name, members in source.groups.items():
        path = ("groups", name)
        not_empty(report, path, members)
        for i, member in enumerate(members):
            known_code(report, (*path, i), member, codes)
        groups[name] = tuple(Code(member) for member in members)
    return RuleNames(codes, groups)


def check_code(report: Report, path: Path, code: str) -> None:
    """Report a name that is not written as codes are."""
    if not _CODE.fullmatch(code):
        hint = "A code has five signs, e.g. 99490 or G0506."
        report.add("RB204", path, f"'{code[:40]}' is not a code.", hint, key=True)


def _check_names(part: str, names: Iterable[str], report: Report) -> None:
    for name in names:
        if not _NAME.fullmatch(name):
            hint = "Use letters, digits and '_', starting with a letter."
            message = f"'{name[:40]}' is not written as names are."
            report.add("RB204", (part, name), message, hint, key=True)


def _spread_ranges(codes: list[str], path: Path, report: Report) -> tuple[Code, ...]:
    not_empty(report, path, codes)
    found: list[str] = []
    for i, text in enumerate(codes):
        between = _RANGE.fullmatch(text)
        if between is not None and 0 < int(between[2]) - int(between[1]) <= _LONGEST_RANGE:
            found += [f"{n:05d}" for n in range(int(between[1]), int(between[2]) + 1)]
        elif _CODE.fullmatch(text):
            found.append(text)
        else:
            hint = "Write a code, e.g. G0181, or a range, e.g. 90951-90970."
            report.add("RB204", (*path, i), f"'{text[:40]}' is not a code.", hint)
    return tuple(Code(code) for code in found)


def not_empty(report: Report, path: Path, items: Collection[object]) -> None:
    """Report a list without anything in it."""
    if not items and report.is_sound(path):
        report.add("RB205", path, f"'{path[-1]}' is empty.", "Name at least one.")


def known_code(report: Report, path: Path, word: str, codes: Collection[str]) -> bool:
    """Tell whether a word stands for codes; report it when it does not."""
    if word in codes:
        return True
    hint = did_you_mean(word, codes, "Codes and groups here")
    report.add("RB302", path, f"There is no code or group '{word[:40]}'.", hint)
    return False


def known(report: Report, path: Path, word: str, words: type[Word], what: str) -> Word | None:
    """Give the meaning of a word from a fixed list; None when it was reported as unknown."""
    try:
        return words(word)
    except ValueError:
        hint = did_you_mean(word, [item.value for item in words])
        report.add("RB304", path, f"'{word[:60]}' is not {what}.", hint)
        return None


def known_all(
    report: Report, path: Path, found: list[str], words: type[Word], what: str
) -> tuple[Word, ...]:
    """Give the meanings of a list of words, which must not be empty."""
    not_empty(report, path, found)
    meant = [known(report, (*path, i), word, words, what) for i, word in enumerate(found)]
    return tuple(word for word in meant if word is not None)


def basis(
    report: Report, path: Path, cited: CitedSource, sources: Mapping[str, str], name: str
) -> Basis:
    """Give what a rule rests on, reporting unknown sources and statuses."""
    text = sources.get(cited.source)
    if text is None:
        hint = did_you_mean(cited.source, sources, "Sources here")
        message = f"There is no source '{cited.source[:60]}'."
        report.add("RB301", (*path, "source"), message, hint)
    status = read_status(report, (*path, "status"), cited.status)
    return Basis(RuleId(name), text or "", status)


def read_status(report: Report, path: Path, word: str) -> RuleStatus:
    """Read how well a rule is founded."""
    status = _STATUSES.get(word)
    if status is None:
        hint = did_you_mean(word, _STATUSES)
        report.add("RB304", path, f"'{word[:60]}' is not a status.", hint)
    return status or RuleStatus.VERIFY
