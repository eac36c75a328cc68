"""
Conditions: a small typed language over declared facts.

`minutes < 20 and days_left > 3` is parsed with Python's `ast`, held to a white list, checked
against the types of the facts, and compiled to the core's expressions. A typo is a problem with
a suggestion, never a condition that silently always holds.
"""

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from ccm_flow.core.expressions import Expr
from ccm_flow.core.facts import FACTS, FactType
from ccm_flow.core.plan import Channel
from ccm_flow.language.condition_text import (
    FORM,
    ConditionProblem,
    refuse_text,
    syntax_problem,
)
from ccm_flow.language.suggest import did_you_mean, nearest

KNOWN_VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"risk": ("standard", "high"), "preferred_channel": (*Channel, "any")}
)
"""Texts that a fact can have; facts that are not here can have any."""

_MAX_DEPTH = 12
_LARGEST = 1_000_000
_COMPARISONS: Mapping[type[ast.cmpop], str] = MappingProxyType(
    {
        ast.Lt: "<",
        ast.LtE: "<=",
        ast.Gt: ">",
        ast.GtE: ">=",
        ast.Eq: "==",
        ast.NotEq: "!=",
        ast.In: "in",
        ast.NotIn: "not in",
    }
)
_ARITHMETIC: Mapping[type[ast.operator], str] = MappingProxyType(
    {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
)
_FUNCTIONS = MappingProxyType({"min": (2, 9), "max": (2, 9), "abs": (1, 1)})
_TRUTH = MappingProxyType({"true": True, "false": False, "True": True, "False": False})


@dataclass(frozen=True, slots=True)
class Part:
    """A comparison or a fact that stands between `and`, `or` and `not`."""

    expr: Expr
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Condition:
    """What a text means; `expr` is to be used only when there are no problems."""

    expr: Expr
    parts: tuple[Part, ...]
    problems: tuple[ConditionProblem, ...]


@dataclass(frozen=True, slots=True)
class _Typed:
    expr: Expr
    type: FactType | None
    """None when a problem was reported already."""
    node: ast.expr


@lru_cache(maxsize=512)
def parse_condition(text: str) -> Condition:
    """Read a condition; all problems come in the result."""
    refused = refuse_text(text)
    if refused is not None:
        return Condition(None, (), (refused,))
    try:
        with warnings.catch_warnings():
            # Doubtful Python, e.g. `is` with a number, is refused below in our own words.
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        return Condition(None, (), (syntax_problem(text, error),))
    except (ValueError, RecursionError, MemoryError):
        problem = ConditionProblem("PB601", "This cannot be read.", FORM, 0, len(text))
        return Condition(None, (), (problem,))
    checker = _Checker(len(text) - len(text.lstrip()))
    expr = checker.yes_no(tree.body, 0)
    return Condition(expr, tuple(checker.parts), tuple(checker.problems))


class _Checker:
    """Walks the tree once; gathers problems and the parts worth a look of their own."""

    def __init__(self, lead: int) -> None:
        self._lead = lead
        self.problems: list[ConditionProblem] = []
        self.parts: list[Part] = []

    def yes_no(self, node: ast.expr, depth: int) -> Expr:
        """Check something that must hold or not."""
        if depth > _MAX_DEPTH:
            return self._refuse("PB601", node, "This is nested too deep.", FORM).expr
        match node:
            case ast.BoolOp(op=op, values=values):
                word = "and" if isinstance(op, ast.And) else "or"
                return (word, *(self.yes_no(value, depth + 1) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return ("not", self.yes_no(operand, depth + 1))
        typed = self._value(node, depth)
        if typed.type not in (None, FactType.YES_NO):
            self._refuse("PB603", node, *_not_a_question(typed))
        self.parts.append(Part(typed.expr, *self._where(node)))
        return typed.expr

    def _value(self, node: ast.expr, depth: int) -> _Typed:
        if depth > _MAX_DEPTH:
            return self._refuse("PB601", node, "This is nested too deep.", FORM)
        match node:
            case ast.Constant(value=value):
                return self._literal(node, value)
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return _Typed(self.yes_no(node, depth + 1), FactType.YES_NO, node)
            case ast.Compare():
                return self._comparison(node, depth)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return _Typed(("neg", self._number(operand, depth)), FactType.NUMBER, node)
            case ast.BinOp(op=op) if type(op) in _ARITHMETIC:
                sides = (self._number(node.left, depth), self._number(node.right, depth))
                return _Typed((_ARITHMETIC[type(op)], *sides), FactType.NUMBER, node)
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                return self._call(node, name, depth)
        hint = "Conditions know numbers, texts, facts, comparisons, in, and, or, not, + - *."
        return self._refuse("PB602", node, "Conditions cannot do this.", hint)

    def _literal(self, node: ast.expr, value: object) -> _Typed:
        if isinstance(value, bool):
            return _Typed(value, FactType.YES_NO, node)
        if isinstance(value, int):
            if value <= _LARGEST:
                return _Typed(value, FactType.NUMBER, node)
            return self._refuse("PB602", node, "This number is too large.", f"At most {_LARGEST}.")
        if isinstance(value, str):
            return _Typed(value, FactType.TEXT, node)
        hint = "Write whole numbers, texts in quotes, true or false."
        return self._refuse("PB602", node, "Conditions do not know this kind of value.", hint)

    def _name(self, node: ast.expr, name: str) -> _Typed:
        if name in _TRUTH:
            return _Typed(_TRUTH[name], FactType.YES_NO, node)
        spec = FACTS.get(name)
        if spec is not None:
            return _Typed(("fact", name), spec.type, node)
        values = [value for values in KNOWN_VALUES.values() for value in values]
        value = nearest(name, values)
        if value is not None:
            hint = f"Put a text in quotes: '{value}'."
        else:
            hint = did_you_mean(name, FACTS, "Facts")
        return self._refuse("PB306", node, f"There is no fact '{name[:60]}'.", hint)

    def _comparison(self, node: ast.Compare, depth: int) -> _Typed:
        sides = [node.left, *node.comparators]
        links = [
            self._link(left, op, right, depth)
            for left, op, right in zip(sides, node.ops, sides[1:], strict=False)
        ]
        expr = links[0] if len(links) == 1 else ("and", *links)
        return _Typed(expr, FactType.YES_NO, node)

    def _link(self, left: ast.expr, op: ast.cmpop, right: ast.expr, depth: int) -> Expr:
        sign = _COMPARISONS.get(type(op))
        a = self._value(left, depth + 1)
        if sign is None:
            hint = "Write `==`, or the fact alone."
            return self._refuse("PB602", right, "Conditions cannot compare with 'is'.", hint).expr
        if sign in ("in", "not in"):
            inside = ("in", a.expr, *self._choices(a, right))
            return inside if sign == "in" else ("not", inside)
        b = self._value(right, depth + 1)
        self._check_pair(a, b, sign)
        return (sign, a.expr, b.expr)

    def _choices(self, a: _Typed, right: ast.expr) -> list[Expr]:
        if not isinstance(right, ast.Tuple) or not right.elts:
            hint = "Write a list of values in round brackets: `risk in ('high', 'standard')`."
            self._refuse("PB603", right, "After 'in' comes a list of values.", hint)
            return []
        choices = []
        for item in right.elts:
            if isinstance(item, ast.Constant):
                typed = self._literal(item, item.value)
                self._check_pair(a, typed, "==")
                choices.append(typed.expr)
            else:
                hint = "Write numbers, or texts in quotes."
                self._refuse("PB603", item, "The list after 'in' holds plain values only.", hint)
        return choices

    def _check_pair(self, a: _Typed, b: _Typed, sign: str) -> None:
        if a.type is None or b.type is None:
            return
        if a.type is not b.type:
            message = f"A {_kind(a)} cannot be compared with a {_kind(b)}."
            self._refuse("PB603", b.node, message, _quote_hint(a, b))
        elif sign not in ("==", "!=") and a.type is not FactType.NUMBER:
            hint = "Use `==` or `!=`."
            self._refuse("PB603", b.node, f"'{sign}' compares numbers only.", hint)
        elif a.type is FactType.TEXT:
            self._check_known_value(a, b)
            self._check_known_value(b, a)

    def _check_known_value(self, fact: _Typed, literal: _Typed) -> None:
        if not isinstance(fact.expr, tuple) or not isinstance(literal.expr, str):
            return
        name = fact.expr[1]
        known = KNOWN_VALUES.get(name)
        if known is not None and literal.expr not in known:
            message = f"'{name}' is never '{literal.expr[:40]}'."
            hint = did_you_mean(literal.expr, known, f"Values of {name}")
            self._refuse("PB605", literal.node, message, hint)

    def _number(self, node: ast.expr, depth: int) -> Expr:
        typed = self._value(node, depth + 1)
        if typed.type not in (None, FactType.NUMBER):
            hint = "Calculate with numbers and number facts."
            self._refuse("PB603", node, f"A {_kind(typed)} is not a number.", hint)
        return typed.expr

    def _call(self, node: ast.Call, name: str, depth: int) -> _Typed:
        limits = _FUNCTIONS.get(name)
        if limits is None:
            hint = did_you_mean(name, _FUNCTIONS, "Functions")
            return self._refuse("PB602", node, f"There is no function '{name[:40]}'.", hint)
        if not limits[0] <= len(node.args) <= limits[1]:
            hint = "Write `abs(number)`, `min(one, other)`, `max(one, other)`."
            return self._refuse("PB602", node, f"'{name}' takes other values.", hint)
        values = (self._number(arg, depth) for arg in node.args)
        return _Typed((name, *values), FactType.NUMBER, node)

    def _refuse(self, code: str, node: ast.expr, message: str, hint: str) -> _Typed:
        self.problems.append(ConditionProblem(code, message, hint, *self._where(node)))
        return _Typed(False, None, node)

    def _where(self, node: ast.expr) -> tuple[int, int]:
        end = node.end_col_offset or node.col_offset + 1
        return node.col_offset + self._lead, end + self._lead


def _kind(typed: _Typed) -> str:
    return {
        FactType.NUMBER: "number",
        FactType.TEXT: "text",
        FactType.YES_NO: "yes-or-no fact",
    }[typed.type or FactType.NUMBER]


def _not_a_question(typed: _Typed) -> tuple[str, str]:
    name = typed.expr[1] if isinstance(typed.expr, tuple) and typed.expr[0] == "fact" else None
    if name is None:
        return "This does not say yes or no.", "Compare it with something: `minutes + 5 < 20`."
    example = "< 20" if typed.type is FactType.NUMBER else "== 'high'"
    return f"'{name}' alone does not say yes or no.", f"Compare it: `{name} {example}`."


def _quote_hint(a: _Typed, b: _Typed) -> str:
    if FactType.NUMBER in (a.type, b.type) and isinstance(b.expr, str) and b.expr.isdigit():
        return f"Write the number without quotes: {b.expr}."
    if FactType.YES_NO in (a.type, b.type):
        return "Write the fact alone, or `not` in front of it."
    return "Compare numbers with numbers and texts with texts."
