"""What is wrong with a playbook, where, and what to do about it: one value per problem."""

from dataclasses import dataclass
from enum import StrEnum

MESSAGES_PAGE = "docs/messages.md"
RULE_MESSAGES_PAGE = "docs/rule-messages.md"
SIM_MESSAGES_PAGE = "docs/simulation.md"
_PAGES = {"RB": RULE_MESSAGES_PAGE, "SM": SIM_MESSAGES_PAGE}
Path = tuple[str | int, ...]
"""Where in the YAML something lies: `("steps", 3, "due")`."""


class Severity(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    """The playbook cannot be published."""
    WARNING = "warning"
    """The playbook runs, but probably not as meant."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem, complete enough to be shown without the file at hand."""

    code: str
    """Stable, e.g. `PB302`; documented and searchable."""
    severity: Severity
    message: str
    """A sentence for somebody who does not program."""
    hint: str
    """What to do."""
    file: str
    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    end_column: int
    """The first column after the marked text."""
    path: Path
    source_line: str = ""
    """The line of the file, for showing."""

    @property
    def is_error(self) -> bool:
        """Tell whether the playbook cannot be published because of it."""
        return self.severity is Severity.ERROR

    @property
    def doc(self) -> str:
        """Give where this kind of problem is explained, from the top of the project."""
        return self.doc_of(self.code)

    @staticmethod
    def doc_of(code: str) -> str:
        """Give where a kind of problem is explained."""
        return f"{_PAGES.get(code[:2], MESSAGES_PAGE)}#{code.lower()}"

    @property
    def place(self) -> str:
        """Give `file:line:column`, which editors make clickable."""
        return f"{self.file}:{self.line}:{self.column}"

    def render(self) -> str:
        """Show the problem with its source line, a caret below and the hint."""
        lines = [f"{self.place}: {self.severity} {self.code}: {self.message}"]
        if self.source_line:
            gutter = f"{self.line:>5} | "
            carets = "^" * max(1, self.end_column - self.column)
            indent = "".join("\t" if c == "\t" else " " for c in self._before())
            lines += [gutter + self.source_line, " " * (len(gutter) - 2) + "| " + indent + carets]
        if self.hint:
            lines.append(f"        {self.hint}")
        return "\n".join(lines)

    def _before(self) -> str:
        return self.source_line[: self.column - 1].ljust(self.column - 1)


def path_text(path: Path) -> str:
    """Write a path as people know it: `steps[3].due`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")
