"""What can be said of a condition's text before and when it does not parse."""

import re
from dataclasses import dataclass

FORM = "Write e.g. `minutes < 20 and days_left > 3`."

_MAX_LENGTH = 400
_STRANGE = re.compile(r"[^ -~]|\\|[\"']{3}|[{}\[\]@;#`]")
_STUCK = re.compile(r"(?<![A-Za-z0-9_])[0-9]+[A-Za-z_]")


@dataclass(frozen=True, slots=True)
class ConditionProblem:
    """A problem at the characters `start` to `end` of a condition."""

    code: str
    message: str
    hint: str
    start: int
    end: int


def refuse_text(text: str) -> ConditionProblem | None:
    """Refuse what no condition holds, before Python's parser sees it."""

    def at(start: int, end: int, message: str, hint: str = FORM) -> ConditionProblem:
        return ConditionProblem("PB601", message, hint, start, end)

    if len(text) > _MAX_LENGTH:
        return at(0, len(text), f"This is longer than {_MAX_LENGTH} characters.")
    if not text.strip():
        return at(0, len(text), "The condition is empty.")
    if found := _STRANGE.search(text):
        bracket = "Write a list of values in round brackets: `risk in ('high', 'standard')`."
        hint = bracket if found[0] in "[]{}" else FORM
        return at(*found.span(), f"'{found[0]}' cannot stand in a condition.", hint)
    if found := _STUCK.search(_without_texts(text)):
        return at(*found.span(), "A number runs into a word here.", "Put a space between them.")
    return None


def _without_texts(text: str) -> str:
    return re.sub(r"\"[^\"]*\"|'[^']*'", lambda m: "_" * len(m[0]), text)


def syntax_problem(text: str, error: SyntaxError) -> ConditionProblem:
    """Say in our words why a text does not parse."""
    lead = len(text) - len(text.lstrip())
    start = min(max(0, (error.offset or 1) - 1 + lead), len(text))
    single = re.search(r"(?<![<>=!])=(?!=)", text)
    if single is not None:
        return ConditionProblem(
            "PB601", "A single '=' does not compare.", "Write `==`.", *single.span()
        )
    hint = FORM
    if re.search(r"&&|\|\||!(?!=)", text):
        hint = "Write `and`, `or` and `not`."
    return ConditionProblem("PB601", "This is not a condition.", hint, start, start + 1)
