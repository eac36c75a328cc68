"""What a condition is called when somebody speaks with the patient."""

import pytest

from ccm_flow.adapters.ehr.condition_groups import load_condition_groups, spoken_condition


def test_every_condition_that_counts_has_a_spanish_name() -> None:
    assert [
        one.id for one in load_condition_groups().groups if one.counts and not one.spanish
    ] == []


@pytest.mark.parametrize(
    ("group", "language", "said"),
    [
        ("diabetes", "en", "diabetes"),
        ("copd", "en", "COPD"),
        ("alzheimers", "en", "Alzheimer's disease"),
        ("hypertension", "es", "presión arterial alta"),
        ("hypertension", "fr", "hypertension"),
        ("a_group_of_yesterday", "es", "a group of yesterday"),
    ],
)
def test_a_condition_is_said_in_the_patients_language(group: str, language: str, said: str) -> None:
    assert spoken_condition(group, language) == said
