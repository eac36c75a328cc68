"""Reads the billing rules that travel with the program, and a set-up's own in their place."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from ccm_flow.adapters.shipped import shipped
from ccm_flow.core.billing.shelf import RuleShelf
from ccm_flow.core.errors import CcmError
from ccm_flow.language.rules_check import RulesResult, check_rule_files
from ccm_flow.language.yaml_reader import MAX_CHARACTERS

OWN_FOLDER = "rules"
"""Below a set-up's folder: a file there replaces the shipped one of the same name."""


class BrokenRulesError(CcmError):
    """The rules of a set-up have errors."""

    exit_code = 2

    def __init__(self, result: RulesResult) -> None:
        errors = [problem for problem in result.problems if problem.is_error]
        more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
        super().__init__(f"The billing rules have errors: {errors[0].place}{more}.")
        self.hint = f"Run `ccm rules check {errors[0].file}`."
        self.result = result


def rule_paths(home: Path | None = None) -> list[Path]:
    """List the rule files in force: the shipped ones, and those of a set-up's folder."""
    found = {path.name: path for path in sorted((shipped("rules") / "billing").glob("*.yaml"))}
    if home is not None:
        found |= {path.name: path for path in sorted((home / OWN_FOLDER).glob("*.yaml"))}
    return [found[name] for name in sorted(found)]


def read_rules(paths: Sequence[Path]) -> RulesResult:
    """
    Read and check rule files, each alone and all together.

    Raises:
        OSError: a file cannot be opened.
    """
    return check_rule_files([(_read(path), str(path)) for path in paths])


def load_shelf(home: Path | None = None) -> RuleShelf:
    """
    Give the rules in force; files are read again only when they changed.

    Raises:
        BrokenRulesError: they have errors.
    """
    paths = rule_paths(home)
    return _load(tuple((path, path.stat().st_mtime_ns, path.stat().st_size) for path in paths))


@lru_cache(maxsize=4)
def _load(files: tuple[tuple[Path, int, int], ...]) -> RuleShelf:
    result = read_rules([path for path, _, _ in files])
    if result.shelf is None:
        raise BrokenRulesError(result)
    return result.shelf


def _read(path: Path) -> str:
    with path.open("rb") as file:
        # One more than fits, so that a larger file is refused without being read whole.
        data = file.read(4 * MAX_CHARACTERS + 1)
    return data.decode("utf-8", errors="surrogateescape")
