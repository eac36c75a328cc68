"""From text to plan: meanings, defaults, and all problems in one pass."""

import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccm_flow.core.deadlines import Anchor, Budget, MonthDate, Unit
from ccm_flow.core.plan import (
    Disposition,
    Expire,
    Phase,
    Plan,
    Reassign,
    Remind,
    Requirement,
    When,
    plan_json,
)
from ccm_flow.language import check_text, json_schema, load_file
from ccm_flow.language.problems import path_text
from ccm_flow.language.suggest import did_you_mean
from tests.support.cpu import SOON

PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
SHIPPED = sorted(path for path in PLAYBOOKS.glob("*.yaml") if not path.name.endswith(".tests.yaml"))
SMALL = """\
playbook: small-month
version: 1
program: CCM
owner: lead
closes: month end + 3 business days
roles: [nurse, lead]
steps:
  - id: call_home
    owner: nurse
    due: 3 business days
    ladder:
      - when due: notify lead
  - id: answer
    owner: nurse
    on: escalation
    due: {urgent: 2 business hours, routine: 1 business day}
    outcomes: [answered, passed_on]
    ladder:
      - when due: remind owner
      - 1 business day late: expire as passed_on
  - id: sign
    owner: nurse
    after: [call_home, ended(answer)]
    due: business day -3
    outcomes:
      signed: {end: ready}
    ladder:
      - 1 business day before: remind owner
      - 2 business days late: reassign lead
  - id: fix_minutes
    owner: nurse
    fixes: minutes
    due: 2 days
    ladder:
      - when due: notify lead
readiness: {from: business day -5, requires: [minutes]}
"""


def plan_of(text: str) -> Plan:
    result = check_text(text, "small.yaml")
    assert result.plan is not None, result.render()
    return result.plan


def problems_of(*changes: tuple[str, str]) -> list[str]:
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return [f"{p.code} {p.line}:{p.column}" for p in check_text(text, "small.yaml").problems]


def test_what_is_left_out_has_a_sensible_default() -> None:
    plan = plan_of(SMALL)
    call = plan.steps[0]
    assert plan.title == "Small month"
    assert [role.title for role in plan.roles] == ["Nurse", "Lead"]
    assert call.title == "Call home"
    assert call.phase is Phase.FOLLOW_UP
    assert [(o.id, o.title) for o in call.outcomes] == [("done", "Done")]
    assert call.expected == timedelta(0)
    assert plan.by_id["answer"].phase is Phase.ESCALATION  # type: ignore[index]
    assert plan.steps[3].phase is Phase.READINESS
    assert plan.readiness is not None
    assert plan.readiness.minimum_minutes == 20


def test_steps_compile_to_the_cores_values() -> None:
    _, answer, sign, fix = plan_of(SMALL).steps
    assert answer.due == Budget(1, Unit.BUSINESS_DAYS)
    assert answer.urgent_due == Budget(2, Unit.BUSINESS_HOURS)
    assert [rung.act for rung in answer.ladder] == [Remind(), Expire(answer.outcomes[1].id)]
    assert sign.after == ("and", ("done", "call_home"), ("ended", "answer"))
    assert sign.due == MonthDate(Anchor.BUSINESS_DAY, -3)
    assert sign.outcomes[0].end is Disposition.READY
    assert [rung.when for rung in sign.ladder] == [When.BEFORE, When.LATE]
    assert isinstance(sign.ladder[1].act, Reassign)
    assert fix.fixes is Requirement.MINUTES


def test_the_identity_is_that_of_the_text() -> None:
    assert plan_of(SMALL).sha256 != plan_of(SMALL + "# changed\n").sha256
    assert re.fullmatch("[0-9a-f]{64}", plan_of(SMALL).sha256)


def test_all_problems_come_in_one_pass_in_reading_order() -> None:
    found = problems_of(
        ("owner: lead\n", "owner: laed\n"),
        ("due: 3 business days", "due: 3 buisness days"),
        ("when due: remind owner", "when due: remind ownr"),
        ("business day -3", "business day -99"),
        ("requires: [minutes]", "requires: [minuts]"),
    )
    assert found == [
        "PB301 4:8", "PB401 10:12", "PB404 19:19", "PB402 24:23", "PB304 36:47",
    ]  # fmt: skip


def test_one_mistake_is_not_reported_twice() -> None:
    assert problems_of(("    due: 2 days\n", "    deu: 2 days\n")) == ["PB201 33:5"]
    assert problems_of(("    due: 2 days\n", "    due: [2 days]\n")) == ["PB202 33:10"]


def test_a_step_may_wait_for_a_step_to_be_skipped_or_expired() -> None:
    changed = SMALL.replace("    due: 3 business days\n", "    due: 3 days\n    optional: true\n")
    plan = plan_of(changed.replace("after: [call_home, ended(answer)]", "after: call_home.skipped"))
    assert plan.steps[2].after == ("outcome", "call_home", "skipped")
    assert problems_of(("[call_home, ended(answer)]", "call_home.skipped")) == ["PB303 23:22"]


def test_problems_are_rendered_with_line_caret_and_hint() -> None:
    (problem,) = check_text(
        SMALL.replace("3 business days\n    ladder", "3 dyas\n    ladder"), "f"
    ).problems
    assert problem.render() == (
        "f:10:12: error PB401: 'dyas' is not a unit of time.\n"
        "   10 |     due: 3 dyas\n"
        "      |            ^^^^\n"
        "        Did you mean '3 days'?"
    )
    assert path_text(problem.path) == "steps[0].due"


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_playbooks_have_no_problems(file: Path) -> None:
    assert load_file(file).render() == ""


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_plan_survives_json(file: Path) -> None:
    plan = load_file(file).plan
    assert plan is not None
    back = plan_json().validate_json(plan_json().dump_json(plan))
    assert as_tuples(back) == as_tuples(plan)
    assert plan_json().dump_json(back) == plan_json().dump_json(plan)


def as_tuples(plan: Plan) -> str:
    """Expressions come back as lists, which the core takes as well."""
    return repr(plan).replace("[", "(").replace("]", ")").replace(",)", ")")


def test_the_planned_work_of_a_normal_month_is_enough_to_bill() -> None:
    plan = load_file(PLAYBOOKS / "ccm_monthly.yaml").plan
    assert plan is not None
    normal = ["prepare", "medication_review", "outreach", "care_plan_update", "sign_off"]
    work = sum((step.expected for step in plan.steps if step.id in normal), timedelta(0))
    assert timedelta(minutes=20) < work < timedelta(minutes=45)


def test_every_requirement_of_the_month_has_its_fixing_step() -> None:
    plan = load_file(PLAYBOOKS / "ccm_monthly.yaml").plan
    assert plan is not None
    assert plan.readiness is not None
    assert {step.fixes for step in plan.steps} >= set(plan.readiness.requires)


def test_every_setting_is_described_for_editors() -> None:
    schema = json_schema()
    for name, model in [("playbook", schema), *schema["$defs"].items()]:
        assert name == "playbook" or model.get("description")
        for key, setting in model["properties"].items():
            assert setting.get("description"), f"{name}.{key}"


STEP = """\
  - id: step_{n}
    owner: nurse
    after: {after}
    when: minutes < {n} or risk == "high"
    due: {due} business days
    expected: 5 minutes
    outcomes:
      reached: {{title: Reached, contact: true}}
      again: {{go: step_{n}}}
      later:
    ladder:
      - 1 business day before: remind owner
      - when due: notify lead
      - 2 business days late: reassign lead
"""


def big_playbook(steps: int) -> str:
    body = "".join(
        STEP.format(n=n, due=2 + n % 5, after="call_home" if n == 1 else f"step_{n - 1}.reached")
        for n in range(1, steps + 1)
    )
    return SMALL.replace("  - id: answer", body + "  - id: answer")


def test_two_hundred_steps_are_checked_quickly() -> None:
    text = big_playbook(200)
    check_text(text, "big.yaml")
    start = time.process_time()
    result = check_text(text, "big.yaml")
    spent = time.process_time() - start
    assert result.problems == ()
    assert spent < SOON  # the bench holds it to 0.15 s


CHANGES = st.lists(
    st.tuples(
        st.integers(0, len(SMALL) - 1), st.sampled_from(["", "x", " ", "\n", ":", "- ", "[", "'"])
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@given(CHANGES)
def test_no_damage_to_a_playbook_makes_the_checker_fail(changes: list[tuple[int, str]]) -> None:
    text = SMALL
    for place, instead in changes:
        text = text[:place] + instead + text[place + 1 :]
    result = check_text(text, "f.yaml")
    assert (result.plan is None) == bool(result.errors)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_value_in_place_of_another_is_a_problem_or_harmless(data: st.DataObject) -> None:
    lines = SMALL.splitlines()
    number = data.draw(st.sampled_from([i for i, line in enumerate(lines) if ": " in line]))
    value = data.draw(
        st.sampled_from(
            ["5", "true", "[]", "{}", "[1, {a: b}]", "{a: [b]}", "''", "~", "text", "[[x]]", "-1"]
        )
    )
    lines[number] = lines[number].split(": ")[0] + ": " + value
    result = check_text("\n".join(lines), "f.yaml")
    assert (result.plan is None) == bool(result.errors)


SUGGESTIONS = [
    ("unreachd", ["reached", "unreachable"], "Did you mean 'unreachable'?"),
    ("Program Lead", ["program_lead", "nurse"], "Did you mean 'program_lead'?"),
    ("zzz", ["one", "two"], "Known: one, two."),
    ("zzz", [], "Known: none yet."),
]


@pytest.mark.parametrize(("word", "known", "hint"), SUGGESTIONS)
def test_the_nearest_known_word_is_suggested(word: str, known: list[str], hint: str) -> None:
    assert did_you_mean(word, known) == hint
