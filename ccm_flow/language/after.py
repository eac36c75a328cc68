"""
What a step waits for: `outreach`, `outreach.reached`, `ended(outreach)`, `and`, `or`.

The text becomes an expression over steps that the engine evaluates: `("done", step)` when a step
was done or skipped, `("outcome", step, outcome)`, and `("ended", step)` when it is over in
whatever way, also when it can no longer happen.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ccm_flow.core.expressions import Expr
from ccm_flow.core.plan import READINESS
from ccm_flow.language.suggest import did_you_mean

FORM = "Write `step`, `step.outcome` or `ended(step)`, joined by `and` or `or`."
READINESS_OUTCOMES = ("ready", "not_ready")
RESERVED = frozenset(["and", "or", "not", "ended", str(READINESS)])

_TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_-]*)|(?P<sign>[().])|(?P<other>\S))")
_MAX_LENGTH = 500
_MAX_DEPTH = 10

Outcomes = Mapping[str, Collection[str]]
"""The outcomes of every step that `after:` may name."""


class AfterError(ValueError):
    """A text that `after:` cannot hold."""

    def __init__(self, code: str, message: str, hint: str, start: int, end: int) -> None:
        super().__init__(message)
        self.code, self.message, self.hint, self.start, self.end = code, message, hint, start, end


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


def parse_after(text: str, outcomes: Outcomes) -> Expr:
    """
    Read one `after:` text.

    Raises:
        AfterError: not of the form (PB310), an unknown step (PB302) or outcome (PB303).
    """
    if len(text) > _MAX_LENGTH:
        raise AfterError("PB310", "This is too long.", "Write it as a list.", 0, len(text))
    return _Parser(text, outcomes).parse()


def all_of(parts: list[Expr]) -> Expr:
    """Join expressions that must all hold."""
    return parts[0] if len(parts) == 1 else ("and", *parts)


class _Parser:
    def __init__(self, text: str, outcomes: Outcomes) -> None:
        self._outcomes = outcomes
        self._tokens = [_token(m) for m in _TOKEN.finditer(text)]
        self._end = _Token("", len(text), len(text) + 1)
        self._next = 0

    def parse(self) -> Expr:
        expr = self._either(0)
        if self._peek().text:
            token = self._peek()
            known = "Put `and` or `or` between two steps." if token.text != ")" else FORM
            raise AfterError(
                "PB310", f"'{token.text[:40]}' does not fit here.", known, token.start, token.end
            )
        return expr

    def _either(self, depth: int) -> Expr:
        parts = [self._both(depth)]
        while self._takes("or"):
            parts.append(self._both(depth))
        return parts[0] if len(parts) == 1 else ("or", *parts)

    def _both(self, depth: int) -> Expr:
        parts = [self._single(depth)]
        while self._takes("and"):
            parts.append(self._single(depth))
        return all_of(parts)

    def _single(self, depth: int) -> Expr:
        token = self._take()
        if token.text == "(" and depth < _MAX_DEPTH:
            expr = self._either(depth + 1)
            self._expect(")")
            return expr
        if token.text == "ended":
            return self._ended()
        if not token.text[:1].isidentifier() or token.text in ("and", "or", "not"):
            raise self._misplaced(token)
        if self._takes("."):
            return self._outcome(token)
        if token.text == READINESS:
            hint = "Write `readiness.ready` or `readiness.not_ready`."
            raise AfterError("PB310", "Ready, or not ready?", hint, token.start, token.end)
        return ("done", self._step(token))

    def _misplaced(self, token: _Token) -> AfterError:
        if token.text == "not":
            hint = "Wait for an outcome instead, as in `step.outcome`, or use `when:`."
            message = "`after:` cannot wait for something not to happen."
            return AfterError("PB310", message, hint, token.start, token.end)
        said = f"'{token.text[:40]}' does not fit here." if token.text else "Something is missing."
        return AfterError("PB310", said, FORM, token.start, token.end)

    def _ended(self) -> Expr:
        self._expect("(")
        token = self._take()
        if token.text == READINESS:
            hint = "Write `readiness.ready` or `readiness.not_ready`."
            raise AfterError("PB310", "The check goes on all month.", hint, token.start, token.end)
        step = self._step(token)
        self._expect(")")
        return ("ended", step)

    def _step(self, token: _Token) -> str:
        if token.text not in self._outcomes or token.text == READINESS:
            if not token.text[:1].isidentifier():
                raise self._misplaced(token)
            steps = [step for step in self._outcomes if step != READINESS]
            hint = did_you_mean(token.text, steps, "Steps")
            message = f"There is no step '{token.text[:60]}'."
            raise AfterError("PB302", message, hint, token.start, token.end)
        return token.text

    def _outcome(self, step: _Token) -> Expr:
        if step.text == READINESS and READINESS not in self._outcomes:
            hint = "Add a `readiness:` section that says what the month requires."
            message = "This playbook has no readiness check."
            raise AfterError("PB302", message, hint, step.start, step.end)
        known = self._outcomes[READINESS if step.text == READINESS else self._step(step)]
        token = self._take()
        if token.text not in known:
            hint = did_you_mean(token.text, known, f"Outcomes of {step.text}")
            message = f"'{step.text}' has no outcome '{token.text[:60]}'."
            raise AfterError("PB303", message, hint, token.start, token.end)
        return ("outcome", step.text, token.text)

    def _peek(self) -> _Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else self._end

    def _take(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _takes(self, text: str) -> bool:
        if self._peek().text != text:
            return False
        self._next += 1
        return True

    def _expect(self, text: str) -> None:
        token = self._take()
        if token.text != text:
            raise AfterError("PB310", f"A '{text}' is missing here.", FORM, token.start, token.end)


def _token(match: re.Match[str]) -> _Token:
    group = match.lastgroup or "other"
    return _Token(match[group], *match.span(group))
