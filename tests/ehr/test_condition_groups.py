"""The shipped rules hold together, and a broken file of rules says where."""

import pytest

from ccm_flow.adapters.checked_yaml import RulesFileError
from ccm_flow.adapters.ehr.condition_groups import load_condition_groups, read_condition_groups
from ccm_flow.adapters.shipped import shipped
from ccm_flow.core.condition_groups import Excludes
from ccm_flow.core.patient_facts import CodeSystem

RULES = load_condition_groups()
GROUP = """\
groups:
  - id: diabetes
    title: Diabetes
    lasts: until death
    source: A source in words
    icd10: [E11]
"""


@pytest.mark.parametrize(
    ("code", "group", "counts"),
    [
        ("E11.9", "diabetes", True),
        ("I11.0", "heart_failure", True),
        ("I11.9", "hypertension", True),
        ("I21.3", "acute_infarction", False),
        ("I25.10", "ischemic_heart_disease", True),
        ("N18.6", "kidney_disease", True),
        ("G31.83", "dementia", True),
        ("Z87.891", "history", False),
        ("Z59.0", "social", False),
        ("J32.9", "sinusitis", False),
        ("R73.03", "prediabetes", False),
    ],
)
def test_icd10_families(code: str, group: str, counts: bool) -> None:
    found = RULES.find(CodeSystem.ICD10, code)
    assert found is not None
    assert (found.id, found.counts) == (group, counts)


def test_every_cms_flag_but_kidney_failure_is_a_group_of_its_own() -> None:
    flags = [flag for group in RULES.groups for flag in group.codes.cms_flags]
    assert len(flags) == 12
    assert len({group.id for group in RULES.groups if group.codes.cms_flags}) == 11


def test_the_services_that_exclude() -> None:
    by_reason = {rule.excludes: rule for rule in RULES.services}
    assert by_reason[Excludes.ESRD_MONTHLY].codes == {str(code) for code in range(90951, 90971)}
    assert by_reason[Excludes.ANOTHER_PRACTITIONER].only_others


def test_every_group_names_its_source_and_what_to_verify() -> None:
    text = (shipped("rules") / "condition_groups.yaml").read_text(encoding="utf-8")
    groups = text.partition("\nservices:")[0]
    assert groups.count("    source: ") == groups.count("  - id: ") == len(RULES.groups)
    assert groups.count("    verify: ") >= 30


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        (GROUP.replace("E11", "11E"), "6:13", "icd10"),
        (GROUP.replace("until death", "forever"), "4:12", "lasts"),
        (GROUP.replace("    source: A source in words\n", ""), "2:5", "'source' is missing"),
        (GROUP + "    sonmed: {}\n", "7:13", "no setting 'sonmed'"),
        (GROUP + "    verify: [snomed]\n", "7:13", "no 'snomed' to verify"),
        (GROUP + GROUP.removeprefix("groups:\n").replace("E11", "E12"), "7:5", "'diabetes' is in"),
        ("groups: [", "1:", ""),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, place: str, sentence: str) -> None:
    with pytest.raises(RulesFileError) as caught:
        read_condition_groups(text, "own.yaml")
    assert f"own.yaml:{place}" in str(caught.value)
    assert sentence in str(caught.value)


def test_all_mistakes_are_named_at_once() -> None:
    text = GROUP.replace("E11", "11E").replace("until death", "forever")
    with pytest.raises(RulesFileError) as caught:
        read_condition_groups(text)
    assert len(caught.value.problems) == 2
