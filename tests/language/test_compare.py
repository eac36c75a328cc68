"""A comparison says in plain sentences what changes for whom, and leaves nothing unsaid."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from ccm_flow.core.plan import Plan, PlanStep, ProtectedTime, Remind, StepVariant
from ccm_flow.language.compare import compare, render_changes
from ccm_flow.language.overlay_files import resolve_file
from tests.support.plans import plan, readiness, step

ROOT = Path(__file__).parents[2]


def sentences(old: Plan, new: Plan) -> list[str]:
    return [change.text for change in compare(old, new)]


def one(old: str, new: str, **other: Any) -> list[str]:
    return sentences(plan(step("outreach", old)), plan(step("outreach", new, **other)))


def test_equal_plans_have_no_changes() -> None:
    assert sentences(plan(step("outreach")), plan(step("outreach"))) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "business day 12",
            "business day 11",
            "is now due 1 business day earlier (was business day 12, now business day 11).",
        ),
        (
            "3 business days",
            "5 business days",
            "is now due 2 business days later (was within 3 business days, "
            "now within 5 business days).",
        ),
        (
            "3 business days",
            "business day 5",
            "is now due by business day 5 (was within 3 business days).",
        ),
        (
            "month end",
            "month end - 2 business days",
            "is now due 2 business days earlier (was the last day of the month, "
            "now the 2nd business day before the month's last day).",
        ),
    ],
)
def test_a_deadline_that_moves_is_told_by_how_much(old: str, new: str, sentence: str) -> None:
    assert one(old, new) == [f"“Outreach” {sentence}"]


def test_a_reminder_that_goes_to_somebody_else_concerns_both() -> None:
    old = plan(step("outreach", ladder=["when due: remind owner"]))
    new = plan(step("outreach", ladder=["when due: notify lead"]))
    (change,) = compare(old, new)
    assert change.text == (
        "The reminder about “Outreach” when it is due now goes to the lead (was the owner)."
    )
    assert set(change.roles) == {"coordinator", "lead"}


def test_an_owner_that_changes_concerns_both() -> None:
    (change,) = compare(plan(step("call")), plan(step("call", owner="nurse")))
    assert change.text == "“Call” now belongs to the nurse (was the coordinator)."
    assert change.roles == ("nurse", "coordinator")


def test_steps_that_come_and_go_are_named() -> None:
    assert sentences(plan(step("a")), plan(step("b", owner="nurse"))) == [
        "New for the nurse: “B”, due within 2 business days. It opens at the start.",
        "“A” is no longer done.",
    ]


def test_changes_are_shown_for_each_role_they_concern() -> None:
    old = plan(step("call"), ready=readiness("consent"))
    new = plan(step("call", owner="nurse"), ready=readiness("consent", "minutes"))
    assert render_changes(compare(old, new), old, new) == (
        "Everybody\n"
        "  - A month now needs this before it can be billed: enough documented minutes.\n\n"
        "Coordinator\n"
        "  - “Call” now belongs to the nurse (was the coordinator).\n\n"
        "Nurse\n"
        "  - “Call” now belongs to the nurse (was the coordinator).\n"
    )


def test_what_a_month_needs_is_said_with_how_much_of_it() -> None:
    less = replace(readiness("conditions"), minimum_conditions=1)
    assert sentences(plan(step("a")), plan(step("a"), ready=less)) == [
        "From the 5th-to-last business day the month is checked for: "
        "at least 1 documented chronic condition."
    ]
    assert sentences(
        plan(step("a"), ready=readiness("conditions")), plan(step("a"), ready=less)
    ) == ["The minimum conditions of a month is now 1 (was 2)."]


def test_a_text_that_runs_the_same_is_told_so() -> None:
    old = plan(step("call"))
    assert sentences(old, replace(old, sha256="other")) == [
        "Only the text is different (remarks, spacing): nothing that runs."
    ]


# --- nothing unsaid: change every single value of the shipped playbooks in turn ---


def mutated(value: Any) -> Iterator[Any]:
    """Give the value with one thing changed, for each thing in it."""
    match value:
        case Enum():
            yield from [word for word in type(value) if word is not value][:1]
        case bool():
            yield not value
        case int():
            yield value + 1
        case str():
            yield f"{value}x"
        case timedelta():
            yield value + timedelta(minutes=1)
        case tuple():
            yield from tuples(value)
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            for changed in of_field(field.name, value):
                yield replace(value, **{field.name: changed})


def of_field(name: str, owner: Any) -> Iterator[Any]:
    value = getattr(owner, name)
    if name == "kind" and not isinstance(owner, Plan):
        return  # the mark of its type
    if isinstance(owner, PlanStep) and name in ("after", "when"):
        yield None if value else (("done", "x") if name == "after" else ("fact", "consent"))
        yield ("and", value, value) if value else None
    else:
        yield from mutated(value)


def tuples(value: tuple[Any, ...]) -> Iterator[Any]:
    for i, item in enumerate(value):
        for changed in mutated(item):
            yield (*value[:i], changed, *value[i + 1 :])
        yield (*value[:i], *value[i + 1 :])
    if len(set(map(repr, value))) > 1:
        yield value[::-1]


def shipped(name: str) -> Plan:
    found = resolve_file(ROOT / "playbooks" / name).plan
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["ccm_monthly.yaml", "enrollment.yaml"])
def test_every_single_change_is_said(name: str) -> None:
    old = shipped(name)
    count = 0
    for new in mutated(old):
        if new != old:
            count += 1
            assert compare(old, new), (old, new)
            assert compare(new, old), (old, new)
    assert count > 200


def test_what_is_set_for_the_first_time_is_said() -> None:
    old = plan(step("call", ladder=["when due: remind owner"]))
    call = old.steps[0]
    rung = replace(call.ladder[0], act=Remind())
    for new in (
        replace(call, variants=(StepVariant("high"),)),
        replace(call, variants=(StepVariant("high", script="calm"),)),
        replace(call, script="a"),
        replace(call, at=call.due),
        replace(call, ladder=(rung, rung)),
        replace(call, urgent_due=call.due),
        replace(call, after=("done", "call")),
    ):
        assert compare(old, replace(old, steps=(new,))), new
        assert compare(replace(old, steps=(new,)), old), new
    protected = ProtectedTime(call.owner, timedelta(hours=2), "week")
    assert sentences(old, replace(old, protected_time=(protected,))) == [
        "Protected time of the coordinator is now 120 minutes per week (was none)."
    ]
