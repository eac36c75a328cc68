"""The YAML parser's complaints, in words for people who do not know YAML."""

from typing import Any

from ccm_flow.language.document import Span

_PLAIN_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "found a tab character",
        "This line is indented with a tab.",
        "Use spaces to indent.",
    ),
    (
        "mapping values are not allowed",
        "There is a ':' here that does not fit.",
        "Check that the line is indented like its neighbours; put a text that contains ': ' "
        "in quotes.",
    ),
    (
        "did not find expected key",
        "This line is not indented like the lines above it.",
        "Line it up, with spaces, with the line it belongs to; and check for an unclosed quote.",
    ),
    (
        "did not find expected '-' indicator",
        "This line is not indented like the list above it.",
        "Line the '-' up with the other '-' of the list.",
    ),
    (
        "cannot start any token",
        "A text cannot start with this character.",
        "Use spaces, not tabs, to indent; put a text that starts with @, ` or % in quotes.",
    ),
    (
        "could not find expected ':'",
        "A ':' is missing after the name in the line above.",
        "Write `name: value`, with a space after the ':'.",
    ),
    (
        "while scanning a quoted scalar",
        "A quote is opened and never closed.",
        "Close it with the same quote on the same line.",
    ),
    (
        "did not find expected ',' or ']'",
        "A list in [brackets] is not closed, or a comma is missing.",
        "Write it as [one, two, three].",
    ),
    (
        "did not find expected ',' or '}'",
        "A group in {braces} is not closed, or a comma is missing.",
        "Write it as {name: value, other: value}.",
    ),
    (
        "found duplicate anchor",
        "The same '&name' is used twice.",
        "Write the text out where it is needed.",
    ),
    (
        "found undefined tag handle",
        "Words that start with '!' are not allowed.",
        "Remove it, or put the text in quotes.",
    ),
    (
        "block sequence entries are not allowed",
        "A list cannot start here.",
        "Put the '-' on a line of its own, indented under the name it belongs to.",
    ),
)


def explain(error: Any, file: str, lines: tuple[str, ...]) -> tuple[Span, str, str]:
    """Give the place, a sentence and a hint for an error of the parser."""
    said = f"{getattr(error, 'context', '') or ''} {getattr(error, 'problem', '') or ''}"
    mark = getattr(error, "problem_mark", None)
    if "quoted scalar" in said or mark is None:
        mark = getattr(error, "context_mark", None) or mark
    span = _span(mark, file, lines)
    for words, message, hint in _PLAIN_WORDS:
        if words in said:
            return span, message, hint
    problem = (getattr(error, "problem", None) or "it cannot be read").strip()
    return span, f"This is not valid YAML: {problem[:200]}.", "Compare with the lines around it."


def _span(mark: Any, file: str, lines: tuple[str, ...]) -> Span:
    if mark is None:
        return Span(file, 1, 1, 2)
    line = min(mark.line + 1, max(1, len(lines)))
    column = mark.column + 1 if line == mark.line + 1 else len(lines[line - 1]) + 1
    return Span(file, line, column, column + 1)
