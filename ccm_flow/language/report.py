"""Gathers problems, each at its place; keeps one mistake from being reported twice."""

from ccm_flow.language.document import Document, Span
from ccm_flow.language.problems import Path, Problem
from ccm_flow.language.rules_codes import ALL_CODES


class TooManyProblems(Exception):  # noqa: N818 - not an error: the way out of a check
    """More was found than anybody would read."""


class Report:
    """The problems found so far in one document."""

    def __init__(
        self, document: Document, problems: tuple[Problem, ...] = (), limit: int | None = None
    ) -> None:
        self.document = document
        self._limit = limit
        self._problems = list(problems)
        self._broken: set[Path] = set()
        self._touched: set[Path] = set()

    def add(
        self,
        code: str,
        path: Path,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        within: tuple[int, int] | None = None,
        breaks: Path | None = None,
    ) -> None:
        """
        Report a problem at a path, unless something at or above it is known to be broken.

        Args:
            code: one of `CODES`; says how severe it is.
            path: where it lies.
            message: the sentence.
            hint: what to do.
            key: point at the key instead of the value.
            within: the characters of the value's text to point at.
            breaks: the value that nobody need look at any more; later problems there are
                consequences and are left out.

        Raises:
            TooManyProblems: the report has a limit, and this problem reached it.
        """
        if self._is_consequence(path) or (breaks is not None and self._is_consequence(breaks)):
            return
        span = self.document.locate(path, key=key)
        if within is not None:
            span = span.within(*within)
        problem = self._problem(code, path, message, hint, span)
        self._problems.append(problem)
        if problem.is_error:
            self._touch(path if breaks is None else breaks)
        if breaks is not None:
            self._broken.add(breaks)
        if self._limit is not None and len(self._problems) >= self._limit:
            raise TooManyProblems

    def give_up(self, path: Path) -> None:
        """Leave out whatever is found at or below a path from now on."""
        self._touch(path)
        self._broken.add(path)

    def is_sound(self, path: Path) -> bool:
        """Tell whether no error was found at, below or above a path."""
        return path not in self._touched and not self._is_consequence(path)

    @property
    def has_errors(self) -> bool:
        """Tell whether the playbook cannot be published."""
        return any(problem.is_error for problem in self._problems)

    def has_family(self, *families: str) -> bool:
        """Tell whether an error's code starts with one of `families`, e.g. `PB3`."""
        return any(p.is_error and p.code.startswith(families) for p in self._problems)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems in reading order, none twice."""
        unique = dict.fromkeys(self._problems)
        return tuple(sorted(unique, key=lambda p: (p.file, p.line, p.column, p.code)))

    def _problem(self, code: str, path: Path, message: str, hint: str, span: Span) -> Problem:
        return Problem(
            code=code,
            severity=ALL_CODES[code].severity,
            message=message,
            hint=hint,
            file=span.file,
            line=span.line,
            column=span.column,
            end_column=span.end_column,
            path=path,
            source_line=self.document.line(span),
        )

    def _is_consequence(self, path: Path) -> bool:
        if not self._broken:
            return False
        return any(path[:end] in self._broken for end in range(1, len(path) + 1))

    def _touch(self, path: Path) -> None:
        for end in range(len(path) + 1):
            self._touched.add(path[:end])
