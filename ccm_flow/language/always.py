"""
Finds conditions that always or never hold, by trying the values that could matter.

For comparisons of facts with numbers and texts, the values at and beside each number decide
everything; with arithmetic they do not, so such conditions are left alone.
"""

import itertools
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from ccm_flow.core.expressions import Expr, facts_used, holds
from ccm_flow.core.facts import FACTS, Facts, FactType, FactValue
from ccm_flow.language.conditions import KNOWN_VALUES

_MOST_TRIES = 600
_UNSURE = frozenset(["+", "-", "*", "neg", "min", "max", "abs"])
_LARGEST: Mapping[str, int] = MappingProxyType({"days_left": 23, "business_day": 23})
"""Facts about the calendar cannot grow beyond a month."""
_MUCH = 100_000


@lru_cache(maxsize=512)
def only_value(expr: Expr) -> bool | None:
    """Give the one value that a condition can have; None when it can have both."""
    literals, signs = set[FactValue](), set[str]()
    _gather(expr, literals, signs)
    names = sorted(facts_used(expr))
    if signs & _UNSURE:
        return None
    choices = [_values(name, literals, len(names)) for name in names]
    total = 1
    for values in choices:
        total *= len(values)
    if total > _MOST_TRIES:
        return None
    found = {holds(expr, facts) for facts in _tries(names, choices)}
    return found.pop() if len(found) == 1 else None


def _tries(names: list[str], choices: list[list[FactValue]]) -> Iterator[Facts]:
    for values in itertools.product(*choices):
        yield dict(zip(names, values, strict=True))


def _gather(expr: Expr, literals: set[FactValue], signs: set[str]) -> None:
    if not isinstance(expr, tuple):
        literals.add(expr)
    elif expr[0] != "fact":
        signs.add(expr[0])
        for part in expr[1:]:
            _gather(part, literals, signs)


def _values(name: str, literals: set[FactValue], facts: int) -> list[FactValue]:
    kind = FACTS[name].type
    if kind is FactType.YES_NO:
        return [False, True]
    if kind is FactType.TEXT:
        texts = {value for value in literals if isinstance(value, str)}
        return [*KNOWN_VALUES.get(name, sorted(texts | {"?"}))]
    most = _LARGEST.get(name, _MUCH)
    numbers = {value for value in literals if isinstance(value, int)} | {0, most}
    near = {number + step for number in numbers for step in range(-facts, facts + 1)}
    return [number for number in sorted(near) if 0 <= number <= most]
