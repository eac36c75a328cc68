"""
Overlays: a playbook that says only what it does differently.

A file with `extends:` is laid over the playbook it names, which may extend another one in turn.
What gets published is the merged text: it stands alone, and its hash identifies every file of
the chain.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ccm_flow.language.check import CheckResult, check_document
from ccm_flow.language.document import Span
from ccm_flow.language.overlay_merge import Merger
from ccm_flow.language.overlay_tree import Tree, from_tree, to_tree
from ccm_flow.language.overlay_write import MergedLine, write_tree
from ccm_flow.language.problems import Problem
from ccm_flow.language.report import Report
from ccm_flow.language.templates import Templates
from ccm_flow.language.yaml_reader import read_yaml

MAX_LEVELS = 5
LoadParent = Callable[[str], tuple[str, str] | None]
"""Gives the text and the name of what `extends:` names, or nothing."""

_VERSIONED = re.compile(r"([a-z][a-z0-9-]*)@([0-9]+)")
_NAMES_MISSING = frozenset(["PB301", "PB302", "PB303", "PB502"])
_FORM = "Write a version, `extends: ccm-monthly@1`, or a file, `extends: ../ccm_monthly.yaml`."


@dataclass(frozen=True, slots=True)
class Resolved(CheckResult):
    """A checked playbook, with the text that stands alone and the origin of its lines."""

    merged_text: str = ""
    """What to publish; empty when the chain is broken."""
    lines: tuple[MergedLine, ...] = ()
    files: tuple[str, ...] = ()
    """The files of the chain: the one that was asked for first, the last parent at the end."""
    removed: tuple[tuple[str, Span], ...] = ()
    """What overlays took out, and where they say so."""


def resolve_playbook(
    text: str, file_name: str, load_parent: LoadParent, templates: Templates | None = None
) -> Resolved:
    """
    Check a playbook that may extend another one, and compile it.

    Never raises for what the texts hold; errors point into the file of the chain they are in.

    Args:
        text: the YAML.
        file_name: how problems name the file.
        load_parent: finds what `extends:` names; the name it gives identifies the file.
        templates: the scripts and notes that there are; None leaves their names unchecked.
    """
    chain = _Chain(load_parent)
    tree = chain.resolve(text, file_name)
    if tree is None:
        return Resolved(None, _in_order(chain.problems), files=tuple(chain.lines))
    if len(chain.lines) == 1:
        merged = text
        lines = write_tree(tree, _names_of(tree)) if tree.is_group else ()
    else:
        lines = write_tree(tree, " over ".join(reversed(chain.names)))
        merged = "\n".join(line.text for line in lines) + "\n"
    sha256 = hashlib.sha256(merged.encode("utf-8", "surrogateescape")).hexdigest()
    document = from_tree(tree, chain.lines)
    result = check_document(document, sha256, tuple(chain.problems), templates)
    problems = tuple(_with_removal(problem, chain.removed) for problem in result.problems)
    removed = tuple(chain.removed.items())
    return Resolved(result.plan, problems, merged, lines, tuple(chain.lines), removed)


class _Chain:
    """Reads a file and all that it extends, and merges them from the far end."""

    def __init__(self, load_parent: LoadParent) -> None:
        self._load = load_parent
        self.lines: dict[str, tuple[str, ...]] = {}
        self.names: list[str] = []
        self.problems: list[Problem] = []
        self.removed: dict[str, Span] = {}

    def resolve(self, text: str, file: str) -> Tree | None:
        """Give the merged tree of a file and its parents; None when it cannot be had."""
        read = read_yaml(text, file)
        self.problems += read.problems
        if read.document is None:
            self.lines.setdefault(file, ())
            return None
        self.lines |= read.document.lines
        tree = to_tree(read.document)
        report = Report(read.document)
        merged = self._over_parent(tree, report) if tree.is_group else tree
        if merged is not None:
            self.names.append(_names_of(tree))
        self.problems += report.problems
        return merged

    def _over_parent(self, tree: Tree, report: Report) -> Tree | None:
        wanted = tree.value.get("extends")
        if wanted is None:
            _refuse_overlay_words(tree, report)
            return tree
        for name in ("playbook", "version"):
            if name not in tree.value:
                hint = (
                    f"Add a line `{name}: ...`; months name the overlay they run, not its parent."
                )
                report.add("PB709", ("extends",), f"The overlay has no '{name}' of its own.", hint)
        parent = self._parent(wanted, report)
        if parent is None or not parent.is_group:
            return None
        merger = Merger(report)
        merged = merger.merge(parent, tree)
        self.removed |= merger.removed
        return merged

    def _parent(self, wanted: Tree, report: Report) -> Tree | None:
        path = ("extends",)
        reference = wanted.value
        found = self._load(reference) if isinstance(reference, str) and reference else None
        if found is None:
            message = f"There is no playbook '{str(reference)[:80]}' to extend."
            report.add("PB701", path, message, _FORM)
            return None
        text, name = found
        if name in self.lines:
            hint = "Let the last one stand alone, without `extends:`."
            circle = " -> ".join([*self.lines, name])
            report.add("PB702", path, f"The files extend each other: {circle}.", hint)
            return None
        if len(self.lines) >= MAX_LEVELS:
            hint = "Put several of them together."
            report.add("PB703", path, f"More than {MAX_LEVELS} files extend each other.", hint)
            return None
        parent = self.resolve(text, name)
        if parent is not None and _VERSIONED.fullmatch(reference) and self.names[-1] != reference:
            hint = f"Look at what changed since, then write `extends: {self.names[-1]}`."
            message = f"This was written for {reference}; what was found is {self.names[-1]}."
            report.add("PB710", path, message, hint)
        return parent


def _refuse_overlay_words(tree: Tree, report: Report) -> None:
    for name in ("remove", "insert"):
        if name in tree.value:
            hint = "Add `extends:`, or write the playbook as it should be."
            message = f"'{name}' is for playbooks that extend another one."
            report.add("PB707", (name,), message, hint, key=True)
            del tree.value[name]


def _names_of(tree: Tree) -> str:
    values: Mapping[str, Tree] = tree.value if tree.is_group else {}
    found = [str(values[name].value) for name in ("playbook", "version") if name in values]
    return "@".join(found)


def _with_removal(problem: Problem, removed: Mapping[str, Span]) -> Problem:
    """Say which line took out the name that a problem misses."""
    if problem.code not in _NAMES_MISSING:
        return problem
    for path, span in removed.items():
        if f"'{path.split('.')[-1]}'" in problem.message:
            hint = f"{span.file}:{span.line} removes it: change this line there too."
            return replace(problem, hint=hint)
    return problem


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column, p.code)))
