"""What behaviour files and staff files share: their form, the YAML's problems, clock times."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from pydantic import BaseModel

from ccm_flow.core.staffing import DAY_MINUTES
from ccm_flow.language.problems import Path, Problem
from ccm_flow.language.report import Report, TooManyProblems
from ccm_flow.language.schema import Form, read_form
from ccm_flow.language.yaml_reader import read_yaml

MAX_PROBLEMS: Final = 500
Value = TypeVar("Value")
Root = TypeVar("Root", bound=BaseModel)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_HINTS: Final = MappingProxyType(
    {
        "SM103": "Such a file takes a few KB; split it.",
        "SM104": "Such files need about five levels; look for a bracket that is not closed.",
    }
)


@dataclass(frozen=True, slots=True)
class SimFile(Generic[Value]):
    """A file's content, unless it has errors, and every problem found."""

    name: str
    value: Value | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep it from being used."""
        return tuple(problem for problem in self.problems if problem.is_error)

    def render(self) -> str:
        """Show all problems, each with its line of the file."""
        return "\n\n".join(problem.render() for problem in self.problems)


def read_file(
    text: str, name: str, form: Form[Root], compile_: Callable[[Root, Report], Value]
) -> SimFile[Value]:
    """Read a file of settings and make something of it; never raises, whatever the text."""
    read = read_yaml(text, name)
    found = tuple(_ours(problem, form.start) for problem in read.problems)
    if read.document is None:
        return SimFile(name, None, found)
    report = Report(read.document, found, limit=MAX_PROBLEMS)
    value = None
    try:
        source = read_form(report, form)
        value = None if source is None else compile_(source, report)
    except TooManyProblems:
        pass
    return SimFile(name, None if report.has_errors else value, report.problems)


def _ours(problem: Problem, start: str) -> Problem:
    """Give a problem of the YAML text the code and hint that it has in these files."""
    code = f"SM{problem.code[2:]}"
    hint = problem.hint
    if "playbook" in hint:
        hint = _HINTS.get(code, f"Start with `{start}`.")
    message = problem.message.replace("a playbook", "such a file")
    return replace(problem, code=code, hint=hint, message=message)


def read_clock(report: Report, path: Path, text: str) -> int | None:
    """Read `16:00` as minutes after midnight; None when it was reported."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        report.add("SM401", path, f"'{text[:40]}' is not a time of day.", "Write e.g. 16:00.")
        return None
    minute = int(match[1]) * 60 + int(match[2])
    if int(match[2]) > 59 or minute > DAY_MINUTES:
        report.add(
            "SM403", path, f"'{text[:40]}' lies outside the day's 24 hours.", "Write up to 24:00."
        )
        return None
    return minute


def thing_of(what: str, named: Mapping[str, str]) -> Callable[[Path, Report], str]:
    """Give what names a path in messages: `'reached' of the file`, `Person 'maria'`."""

    def thing(path: Path, report: Report) -> str:
        if not path:
            return what
        if path[0] in named and len(path) > 1:
            id_: Any = path[1]
            if isinstance(id_, int):
                given = report.document.at((*path[:2], "id"))
                id_ = given[:40] if isinstance(given, str) else id_ + 1
            first = f"{named[str(path[0])]} '{id_}'"
            if len(path) == 2:
                return first[0].upper() + first[1:]
            return f"'{path[-1]}' of {first}"
        return f"'{path[-1]}'"

    return thing
