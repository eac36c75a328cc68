"""Tests that a playbook's author writes: what a file of them says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any

from ccm_flow.core.calendar import WorkCalendar
from ccm_flow.core.events import PersonEvent
from ccm_flow.core.facts import Facts
from ccm_flow.core.month import Month
from ccm_flow.core.plan import PlaybookKind
from ccm_flow.core.state import CycleState
from ccm_flow.language import CheckResult, Problem
from ccm_flow.language.document import Document
from ccm_flow.language.problems import Path, Severity

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")


@dataclass(frozen=True, slots=True)
class TestClinic:
    """The clinic a test takes place at."""

    __test__ = False

    time_zone: str = "America/New_York"
    opens: time = time(9)
    closes: time = time(17)
    working_days: tuple[str, ...] = WEEKDAYS
    closures: tuple[date, ...] = ()


LoadPlaybook = Callable[[str], CheckResult]
"""Reads the playbook a test file names, relative to that file."""
BuildCalendar = Callable[[TestClinic, Month, PlaybookKind], WorkCalendar]


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happens, to be made an event once it is known who has the step."""

    text: str
    event: Callable[["View"], PersonEvent | str]
    """The event; or, when it cannot happen, a sentence that says why."""
    facts: Facts = field(default_factory=lambda: MappingProxyType({}))
    refused: str | None = None
    """The refusal that is expected; any when empty."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something that must be so."""

    text: str
    found: Callable[["View"], str | None]
    """What is so instead; None when it is as expected."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a test: it is a certain time, something happens, something is expected."""

    path: Path
    at: datetime | None
    act: Act | None
    expected: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One test."""

    name: str
    path: Path
    facts: Facts
    team: Mapping[str, str]
    opens_at: datetime | None
    lines: tuple[Line, ...]


@dataclass(slots=True)
class View:
    """What can be seen of the cycle now."""

    state: CycleState
    now: datetime
    told: list[tuple[str, str, str]]
    """Who was told what since the start: `("reminded", "coordinator", "outreach")`."""
    refusal: str | None = None
    """The code of the last refusal, when the last thing was refused."""


class Complaints:
    """Gathers what is wrong with a test file, each with its place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.problems: list[Problem] = []

    def add(
        self,
        code: str,
        path: Path,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        within: tuple[int, int] | None = None,
    ) -> None:
        """Report a problem."""
        span = self.document.locate(path, key=key)
        if within is not None:
            span = span.within(*within)
        place = (span.file, span.line, span.column, span.end_column)
        line = self.document.line(span)
        self.problems.append(Problem(code, Severity.ERROR, message, hint, *place, path, line))

    def at(self, path: Path) -> Any:
        """Give what the file says at a path."""
        return self.document.at(path)


class CaseError(ValueError):
    """A text in a test that cannot be understood."""

    def __init__(self, code: str, message: str, hint: str, word: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.word = code, message, hint, word

    def within(self, text: str) -> tuple[int, int]:
        """Give the characters of `text` that are meant."""
        start = text.find(self.word) if self.word else 0
        return (start, start + len(self.word)) if self.word and start >= 0 else (0, len(text))
