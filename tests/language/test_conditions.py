"""Conditions: what they mean, what is refused, and that they agree with Python's own."""

import celpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ccm_flow.core.expressions import Expr, holds
from ccm_flow.core.facts import DEFAULTS, FACTS, FactType
from ccm_flow.language.always import only_value
from ccm_flow.language.conditions import parse_condition

MEANINGS: list[tuple[str, Expr]] = [
    ("minutes < 20", ("<", ("fact", "minutes"), 20)),
    (
        "minutes < 20 and days_left > 3",
        ("and", ("<", ("fact", "minutes"), 20), (">", ("fact", "days_left"), 3)),
    ),
    ("not initiating_visit", ("not", ("fact", "initiating_visit"))),
    (
        "10 <= minutes < 20",
        ("and", ("<=", 10, ("fact", "minutes")), ("<", ("fact", "minutes"), 20)),
    ),
    ("risk == 'high'", ("==", ("fact", "risk"), "high")),
    ("language in ('es', 'pt')", ("in", ("fact", "language"), "es", "pt")),
    ("minutes not in (1, 2)", ("not", ("in", ("fact", "minutes"), 1, 2))),
    ("consent == true", ("==", ("fact", "consent"), True)),
    ("minutes + 5 * 2 >= 20", (">=", ("+", ("fact", "minutes"), ("*", 5, 2)), 20)),
    ("max(minutes, 3) > -1", (">", ("max", ("fact", "minutes"), 3), ("neg", 1))),
    ("  minutes == 0 ", ("==", ("fact", "minutes"), 0)),
]
REFUSED = [
    ("minuts < 20", "PB306", "minuts", "Did you mean 'minutes'?"),
    ("risk == high", "PB306", "high", "Put a text in quotes: 'high'."),
    ("risk == 'hihg'", "PB605", "'hihg'", "Did you mean 'high'?"),
    ("minutes", "PB603", "minutes", "Compare it"),
    ("minutes + 1", "PB603", "minutes + 1", "Compare it"),
    ("minutes < '20'", "PB603", "'20'", "without quotes"),
    ("risk < 'high'", "PB603", "'high'", "Use `==`"),
    ("consent == 1", "PB603", "1", "Write the fact alone"),
    ("consent + 1 > 2", "PB603", "consent", "Calculate with numbers"),
    ("minutes in 20", "PB603", "20", "round brackets"),
    ("minutes in (20, days_left)", "PB603", "days_left", "texts in quotes"),
    ("minutes = 20", "PB601", "=", "Write `==`."),
    ("minutes < 20 && consent", "PB601", None, "`and`, `or` and `not`"),
    ("minutes <", "PB601", None, "Write e.g."),
    ("", "PB601", None, "Write e.g."),
    ("minutes < 20and consent", "PB601", "20a", "Put a space"),
    ("risk in ['high']", "PB601", "[", "round brackets"),
    ("minutes / 2 > 1", "PB602", "minutes / 2", "Conditions know"),
    ("minutes ** 9 > 1", "PB602", "minutes ** 9", "Conditions know"),
    ("minutes is 20", "PB602", "20", "`==`"),
    ("minutes.real > 1", "PB602", "minutes.real", "Conditions know"),
    ("__import__('os') == 1", "PB602", "__import__('os')", "Functions: abs, max, min."),
    ("mni(minutes, 2) > 1", "PB602", "mni(minutes, 2)", "Did you mean 'min'?"),
    ("min(minutes) > 1", "PB602", "min(minutes)", "abs(number)"),
    ("(lambda: 1)() == 1", "PB602", "lambda: 1)(", "Conditions know"),
    ("minutes > 1.5", "PB602", "1.5", "whole numbers"),
    ("minutes > 99999999", "PB602", "99999999", "At most"),
    ("None", "PB602", "None", "whole numbers"),
    ("minutes < 20 if consent else consent", "PB602", None, "Conditions know"),
    ("\uff4dinutes < 20", "PB601", "\uff4d", "Write e.g."),
    ("not " * 50 + "consent", "PB601", None, "Write e.g."),
    ("-" * 300 + "1 < 2", "PB601", None, "Write e.g."),
    ("consent and " * 400 + "consent", "PB601", None, "Write e.g."),
]
ONE_VALUE = [
    ("minutes >= 0", True),
    ("minutes < 0", False),
    ("days_left > 40", False),
    ("minutes < 20 and minutes > 30", False),
    ("minutes < 20 or minutes > 10", True),
    ("risk in ('standard', 'high')", True),
    ("consent or not consent", True),
    ("minutes < minutes", False),
    ("true", True),
    ("minutes < 20", None),
    ("minutes > contacts and contacts > days_left", None),
    ("language == 'es'", None),
    ("minutes * 2 == 40", None),
    ("business_day == 23", None),
]


@pytest.mark.parametrize(("text", "expr"), MEANINGS)
def test_a_condition_compiles_to_an_expression(text: str, expr: Expr) -> None:
    condition = parse_condition(text)
    assert condition.problems == ()
    assert condition.expr == expr


@pytest.mark.parametrize(("text", "code", "marked", "hint"), REFUSED)
def test_what_is_refused_is_marked_and_explained(
    text: str, code: str, marked: str | None, hint: str
) -> None:
    problem = parse_condition(text).problems[0]
    assert problem.code == code
    assert hint in problem.hint
    if marked is not None and "lambda" not in marked:
        assert text[problem.start : problem.end] == marked


def test_all_problems_of_a_condition_come_together() -> None:
    problems = parse_condition("minuts < 20 and risk == high and contacts").problems
    assert [problem.code for problem in problems] == ["PB306", "PB306", "PB603"]


@pytest.mark.parametrize(("text", "value"), ONE_VALUE)
def test_a_condition_with_only_one_value_is_found(text: str, value: bool | None) -> None:
    assert only_value(parse_condition(text).expr) is value


FACT_VALUES = st.fixed_dictionaries(
    {
        name: {
            FactType.NUMBER: st.integers(0, 40),
            FactType.YES_NO: st.booleans(),
            FactType.TEXT: st.sampled_from(["standard", "high", "en", "es"]),
        }[spec.type]
        for name, spec in FACTS.items()
    }
)
NUMBER_FACTS = st.sampled_from([n for n, s in FACTS.items() if s.type is FactType.NUMBER])
YES_NO_FACTS = st.sampled_from([n for n, s in FACTS.items() if s.type is FactType.YES_NO])


def bigger_number(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("abs({})".format, inner),
        st.builds("-{}".format, inner),
    )


NUMBERS = st.recursive(NUMBER_FACTS | st.integers(0, 40).map(str), bigger_number, max_leaves=4)
SIGNS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
COMPARISONS = st.one_of(
    st.builds("{} {} {}".format, NUMBERS, SIGNS, NUMBERS),
    st.builds("{} {} {} {} {}".format, NUMBERS, SIGNS, NUMBERS, SIGNS, NUMBERS),
    st.builds("{} in ({}, {})".format, NUMBERS, st.integers(0, 40), st.integers(0, 40)),
    st.builds("{} not in ({},)".format, NUMBERS, st.integers(0, 40)),
    st.builds("risk {} '{}'".format, st.sampled_from(["==", "!="]), st.just("high")),
    st.builds("language {} ('{}', 'es')".format, st.sampled_from(["in", "not in"]), st.just("en")),
    YES_NO_FACTS,
)


def bigger_condition(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("({})".format, inner),
        st.builds("not ({})".format, inner),
    )


CONDITIONS = st.recursive(COMPARISONS, bigger_condition, max_leaves=6)


@given(CONDITIONS, FACT_VALUES)
def test_conditions_mean_what_python_means(text: str, facts: dict[str, int | bool | str]) -> None:
    condition = parse_condition(text)
    if not condition.problems:
        functions = {"min": min, "max": max, "abs": abs}
        expected = eval(text, {"__builtins__": functions}, facts)  # noqa: S307 - made above
        assert holds(condition.expr, facts) is bool(expected)
    else:
        assert {problem.code for problem in condition.problems} == {"PB601"}  # too long or deep


@given(CONDITIONS, FACT_VALUES)
def test_only_value_is_never_wrong(text: str, facts: dict[str, int | bool | str]) -> None:
    condition = parse_condition(text)
    value = None if condition.problems else only_value(condition.expr)
    known_risk = {**facts, "risk": "high" if facts["risk"] == "high" else "standard"}
    within = {**known_risk, "days_left": int(facts["days_left"]) % 24}
    within["business_day"] = int(facts["business_day"]) % 24
    if value is not None:
        assert holds(condition.expr, within) is value


@given(st.text(max_size=80))
def test_any_text_ends_in_a_condition_or_problems(text: str) -> None:
    condition = parse_condition(text)
    if not condition.problems:
        assert isinstance(holds(condition.expr, DEFAULTS), bool)


def in_cel(expr: Expr) -> str:
    """Write a compiled condition in the Common Expression Language."""
    if isinstance(expr, bool):
        return str(expr).lower()
    if not isinstance(expr, tuple):
        return repr(expr)
    op, *parts = expr
    if op == "fact":
        return str(parts[0])
    written = [in_cel(part) for part in parts]
    if op == "in":
        return f"({written[0]} in [{', '.join(written[1:])}])"
    if op in ("min", "max"):
        sign = "<" if op == "min" else ">"
        return f"({written[0]} {sign} {written[1]} ? {written[0]} : {written[1]})"
    if op == "abs":
        return f"({written[0]} < 0 ? -({written[0]}) : {written[0]})"
    if op in ("not", "neg"):
        return f"{'!' if op == 'not' else '-'}({written[0]})"
    return "(" + f" {CEL_SIGNS.get(op, op)} ".join(written) + ")"


CEL_SIGNS = {"and": "&&", "or": "||"}
CEL = celpy.Environment()


@settings(max_examples=60)
@given(CONDITIONS, FACT_VALUES)
def test_conditions_agree_with_cel(text: str, facts: dict[str, int | bool | str]) -> None:
    """An implementation of another language by other people gives the same answers."""
    condition = parse_condition(text)
    assume(not condition.problems)
    program = CEL.program(CEL.compile(in_cel(condition.expr)))
    answer = program.evaluate({name: celpy.json_to_cel(value) for name, value in facts.items()})
    assert bool(answer) is holds(condition.expr, facts)
