"""Overlays say only what differs; what is published stands alone."""

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ccm_flow.core.plan import Plan, PlanStep
from ccm_flow.language import check_text
from ccm_flow.language.overlay import Resolved, resolve_playbook
from ccm_flow.language.overlay_files import resolve_file
from ccm_flow.language.overlay_tree import to_tree
from ccm_flow.language.overlay_write import write_tree
from ccm_flow.language.yaml_reader import read_yaml

ROOT = Path(__file__).parents[2]
SMALL = (ROOT / "tests/spec/mistakes/overlays/parents/small_month.yaml").read_text()
HEAD = "playbook: clinic-month\nversion: 1\nextends: shared-month@3\n"


def over(text: str, parent: str = SMALL) -> Resolved:
    return resolve_playbook(HEAD + text, "clinic.yaml", lambda _: (parent, "small.yaml"))


def merged(text: str) -> Plan:
    result = over(text)
    assert result.plan is not None, result.render()
    return result.plan


def steps(plan: Plan) -> list[str]:
    return [step.id for step in plan.steps]


def step(plan: Plan, id_: str) -> PlanStep:
    return next(step for step in plan.steps if step.id == id_)


def test_an_overlay_that_says_nothing_changes_only_the_name() -> None:
    parent = check_text(SMALL, "small.yaml").plan
    assert parent is not None
    plan = merged("")
    assert (plan.playbook, plan.version) == ("clinic-month", 1)
    same = replace(plan, playbook=parent.playbook, version=parent.version, sha256=parent.sha256)
    assert same == parent


def test_a_setting_overrides_and_the_others_stay() -> None:
    changed = step(merged("steps: [{id: outreach, due: business day 8}]"), "outreach")
    assert str(changed.due) == "business day 8"
    assert [outcome.id for outcome in changed.outcomes] == ["reached", "declined"]


def test_outcomes_merge_by_name_and_in_the_parents_order() -> None:
    text = "steps: [{id: outreach, outcomes: {later: , reached: {title: Spoke with them}}}]"
    changed = step(merged(text), "outreach")
    assert [outcome.id for outcome in changed.outcomes] == ["reached", "declined", "later"]
    assert changed.outcomes[0].contact
    assert changed.outcomes[0].title == "Spoke with them"


def test_the_short_form_of_outcomes_can_be_added_to() -> None:
    changed = step(merged("steps: [{id: sign_off, outcomes: {signed: {title: All}}}]"), "sign_off")
    assert [outcome.title for outcome in changed.outcomes] == ["All"]


def test_a_list_without_ids_is_replaced_whole() -> None:
    text = "steps: [{id: outreach, ladder: [{1 business day before: remind owner}]}]"
    assert len(step(merged(text), "outreach").ladder) == 1


def test_removing_first_and_then_setting_replaces_a_whole_group() -> None:
    text = (
        "remove: [steps.outreach.outcomes.declined]\n"
        "steps: [{id: outreach, outcomes: {reached: {title: Yes}}}]"
    )
    assert [outcome.id for outcome in step(merged(text), "outreach").outcomes] == ["reached"]


def test_words_of_a_list_are_removed_by_name() -> None:
    text = "remove: [readiness.requires.minutes, steps.fix_minutes]"
    result = over(text + "\nreadiness: {from: business day -4}")
    assert [problem.code for problem in result.problems] == ["PB205"]


def insert(side: str, id_: str) -> str:
    body = "owner: coordinator, due: 1 business day, ladder: [{when due: remind owner}]"
    return f"  - {{{side}: outreach, step: {{id: {id_}, {body}}}}}\n"


def test_steps_inserted_behind_the_same_step_keep_their_order() -> None:
    text = "insert:\n" + insert("after", "one") + insert("after", "two") + insert("before", "zero")
    assert steps(merged(text))[:4] == ["zero", "outreach", "one", "two"]


def test_what_is_published_stands_alone_and_is_the_same_playbook() -> None:
    result = over("insert:\n" + insert("after", "one"))
    assert check_text(result.merged_text, "merged.yaml").plan == result.plan


def test_the_hash_changes_with_every_file_of_the_chain() -> None:
    hashes = {
        merged("").sha256,
        merged("title: Another").sha256,
        getattr(over("", SMALL.replace("business day 10", "business day 9")).plan, "sha256", ""),
    }
    assert len(hashes) == 3


def test_a_playbook_that_extends_nothing_is_published_as_it_is() -> None:
    result = resolve_playbook(SMALL, "small.yaml", lambda _: None)
    assert result.merged_text == SMALL
    assert result.plan == check_text(SMALL, "small.yaml").plan


def test_a_problem_of_the_parent_is_told_in_the_parents_file() -> None:
    result = over("", SMALL.replace("business day 10", "busness day 10"))
    assert [(p.file, p.line) for p in result.problems] == [("small.yaml", 17)]


def test_what_misses_a_removed_step_says_who_removed_it() -> None:
    (problem,) = over("remove: [steps.outreach]\ninsert:\n").errors[:1]
    assert problem.file == "clinic.yaml"
    misses = resolve_file(ROOT / "tests/spec/mistakes/overlays/pb302_removed_step_still_named.yaml")
    assert "pb302_removed_step_still_named.yaml:5 removes it" in misses.problems[0].hint


def test_an_overlay_checked_without_its_parent_is_refused() -> None:
    assert [p.code for p in check_text(HEAD, "clinic.yaml").problems] == ["PB701"]


def test_nothing_that_overlays_hold_makes_the_check_fail() -> None:
    odd = ["steps: 3", "steps: [3]", "steps: [[]]", "steps: {outreach: 1}", "remove: [[]]"]
    odd += ["remove: ['']", "insert: {}", "insert: [3]", "roles: []", "readiness: 3"]
    for text in odd:
        result = over(text)
        assert result.plan is None
        assert result.problems


words = st.text(st.characters(codec="utf-8", exclude_characters="\ufeff\u2028\u2029"), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | words,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(words.filter(bool), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(words.filter(bool), values, min_size=1, max_size=4))
def test_whatever_was_read_is_written_so_that_it_reads_the_same(value: dict[str, object]) -> None:
    import json  # noqa: PLC0415 - only here

    first = read_yaml(json.dumps(value), "a").document
    if first is None:
        return  # characters that no playbook may have
    text = "\n".join(line.text for line in write_tree(to_tree(first), "x")) + "\n"
    second = read_yaml(text, "b")
    assert second.document is not None, (text, second.problems)
    assert second.document.value == first.value
